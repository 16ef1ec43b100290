"""A stand-in for CPython's module of that name, whose functions call its C interface: Skein has none of them. Test files that
import it run their other tests; those that call it fail."""
