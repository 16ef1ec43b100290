// `skein compare`: one program in each mode and thread count, against other Pythons too, side by side.
#pragma once
int compare_main(int argc, char **argv, const char *executable); // argv after "compare"; exit status
