// Signals (modules/_signal.c): the C handler marks them, the main thread runs the Python handlers at its polls.
#pragma once
#include "runtime/object.h"

int signals_run(Thread *t);             // hooks.poll, POLL_SIGNAL: runs what is due (main thread). 0, -1 with an exception
int signals_init(Thread *t);            // SIGPIPE ignored, SIGINT -> KeyboardInterrupt (default_int_handler); after import works
void signals_finish(Thread *t);         // gives the signals that Python handles their default back
void signals_fork_child(Thread *t);     // forgets what was pending
void signals_set_interrupt(int signal); // as if the signal had come (interrupt_main)
// A system call was interrupted (EINTR): runs handlers where they are due. 0: go on, -1: an exception was raised.
int signals_check(Thread *t);
bool signals_arrived(void);             // whether one that Python handles has come and its handler has not run yet
