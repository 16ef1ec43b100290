"""The same as the build with a lock: what differs is asked of sys."""
import importlib

build_time_vars = importlib.import_module("_sysconfigdata__linux_x86_64-linux-gnu").build_time_vars
