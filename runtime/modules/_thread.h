// What others need of the _thread module: the end of the process, and forks.
#pragma once
#include "runtime/object.h"
void threads_fork_child(Thread *t); // in a forked child: no other thread is alive
