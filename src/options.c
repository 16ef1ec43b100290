// Reading the command line and the PYTHON* environment variables ("Command line and environment" in the manual).
#include "src/options.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *warn_options[256], *x_options[256];

static int usage(const char *format, const char *what) {
    fprintf(stderr, format, what);
    fputs("\nusage: skein [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `skein -h' for more information.\n", stderr);
    return 2;
}

void options_help(void) {
    puts("usage: skein [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
         "       skein compare [--threads 1,2,4] [--runs N] [--json F] [--chart F.svg] [--with PYTHON] FILE [arg] ...\n"
         "Options:\n"
         "-b     : warn about str(bytes) and the like (-bb: error)\n"
         "-B     : write no .pyc files\n"
         "-c cmd : run the program text cmd\n"
         "-E     : ignore PYTHON* environment variables\n"
         "-h     : this help (also --help)\n"
         "-i     : go on with the prompt after running\n"
         "-I     : isolate from the user's environment (-E -P -s)\n"
         "-m mod : run a library module as a script\n"
         "-O     : leave out asserts (-OO: docstrings too)\n"
         "-P     : put no unsafe path in front of sys.path\n"
         "-q     : no version at the prompt\n"
         "-s     : no user site directory\n"
         "-S     : do not import site\n"
         "-u     : unbuffered stdout and stderr\n"
         "-v     : report imports\n"
         "-V     : print the version (-VV: more)\n"
         "-W arg : warning control\n"
         "-x     : skip the first line of the source\n"
         "-X opt : gil=0|1, cpu_count=N, dev, utf8, importtime, int_max_str_digits=N, ...\n"
         "--gil, --no-gil : run with one thread at a time, or on all cores (the default)\n"
         "--stdlib DIR : where the Python library is\n"
         "--dump=tokens|ast|bytecode : show what the front end makes of the program\n"
         "file   : program read from a file ('-': from standard input)");
}

static int set_gil(const char *value, const char *where) {
    if (!strcmp(value, "0")) runtime_config.gil = false;
    else if (!strcmp(value, "1")) runtime_config.gil = true;
    else {
        fprintf(stderr, "Fatal Python error: config_read_gil: %s must be \"0\" or \"1\"\n", where);
        return 2;
    }
    return 0;
}

static int set_x(const char *option) {
    if (runtime_config.nxoptions < 255) x_options[runtime_config.nxoptions++] = option;
    if (!strncmp(option, "gil=", 4)) return set_gil(option + 4, "-X gil option");
    if (!strncmp(option, "cpu_count=", 10)) {
        const char *n = option + 10;
        if (!strcmp(n, "default")) return 0;
        char *end;
        long count = strtol(n, &end, 10);
        if (*end || count < 1) {
            fputs("Fatal Python error: config_init_cpu_count: -X cpu_count=n option: n is missing or an invalid number, n must be greater than 0\n", stderr);
            return 2;
        }
        runtime_config.cpu_count = (int)count;
    } else if (!strncmp(option, "int_max_str_digits=", 19)) {
        runtime_config.int_max_str_digits = atoi(option + 19);
    } else if (!strcmp(option, "no_debug_ranges")) {
        runtime_config.no_debug_ranges = true;
    } else if (!strcmp(option, "dev")) {
        runtime_config.dev_mode = true;
    } else if (!strcmp(option, "utf8") || !strcmp(option, "utf8=1")) {
        runtime_config.utf8_mode = 1;
    } else if (!strncmp(option, "pycache_prefix=", 15)) {
        runtime_config.pycache_prefix = option + 15;
    }
    return 0;
}

static const char *environment(const char *name) {
    const char *value = runtime_config.ignore_environment ? NULL : getenv(name);
    return value && *value ? value : NULL;
}

static int read_environment(bool gil_given, bool cpu_given) {
    const char *value;
    if (!gil_given && (value = environment("PYTHON_GIL")) && set_gil(value, "PYTHON_GIL environment variable")) return 2;
    if (!cpu_given && (value = environment("PYTHON_CPU_COUNT")) && strcmp(value, "default")) runtime_config.cpu_count = atoi(value);
    if (environment("PYTHONUNBUFFERED")) runtime_config.unbuffered = true;
    if (environment("PYTHONDONTWRITEBYTECODE")) runtime_config.dont_write_bytecode = true;
    if (environment("PYTHONNOUSERSITE")) runtime_config.no_user_site = true;
    if (environment("PYTHONSAFEPATH")) runtime_config.safe_path = true;
    if (environment("PYTHONINSPECT")) runtime_config.inspect = true;
    if (environment("PYTHONDEVMODE")) runtime_config.dev_mode = true;
    if (environment("PYTHONNODEBUGRANGES")) runtime_config.no_debug_ranges = true;
    if ((value = environment("PYTHONOPTIMIZE"))) {
        int level = atoi(value);
        if (level < 1) level = 1;
        if (level > runtime_config.optimize) runtime_config.optimize = level;
    }
    if ((value = environment("PYTHONVERBOSE")) && !runtime_config.verbose) runtime_config.verbose = atoi(value) > 0 ? atoi(value) : 1;
    if ((value = environment("PYTHONINTMAXSTRDIGITS")) && runtime_config.int_max_str_digits < 0) runtime_config.int_max_str_digits = atoi(value);
    if ((value = environment("PYTHONUTF8")) && !strcmp(value, "1")) runtime_config.utf8_mode = 1;
    if ((value = environment("PYTHONPYCACHEPREFIX")) && !runtime_config.pycache_prefix) runtime_config.pycache_prefix = value;
    if ((value = environment("PYTHONHASHSEED")) && strcmp(value, "random")) {
        char *end;
        unsigned long seed = strtoul(value, &end, 10);
        if (*end || seed > 4294967295ul) {
            fputs("Fatal Python error: config_init_hash_seed: PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]\n", stderr);
            return 2;
        }
        runtime_config.hash_seed = (long)seed;
        runtime_config.hash_seed_given = true;
    }
    if ((value = environment("PYTHONWARNINGS"))) {
        char *copy = strdup(value), *save = NULL;
        for (char *one = copy ? strtok_r(copy, ",", &save) : NULL; one; one = strtok_r(NULL, ",", &save))
            if (runtime_config.nwarnoptions < 255) warn_options[runtime_config.nwarnoptions++] = one;
    }
    return 0;
}

// One cluster of short options ("-Bc"). Returns 1 when the options end here, 0 to go on, 2 for wrong usage.
static int short_options(int argc, char **argv, int *at, Options *out, bool *gil_given, bool *cpu_given) {
    for (const char *p = argv[*at] + 1; *p; p++) {
        const char *value = NULL;
        if (strchr("cmWX", *p)) {
            value = p[1] ? p + 1 : *at + 1 < argc ? argv[++*at] : NULL;
            if (!value) {
                char text[64];
                snprintf(text, sizeof text, "-%c", *p);
                return usage("Argument expected for the %s option", text);
            }
        }
        switch (*p) {
        case 'b': runtime_config.bytes_warning++; break;
        case 'B': runtime_config.dont_write_bytecode = true; break;
        case 'c': out->kind = RUN_COMMAND; out->text = value; return 1;
        case 'd': break;
        case 'E': runtime_config.ignore_environment = true; break;
        case 'h': case '?': out->kind = RUN_HELP; return 1;
        case 'i': runtime_config.inspect = true; runtime_config.interactive = 1; break;
        case 'I': runtime_config.isolated = runtime_config.ignore_environment = runtime_config.no_user_site = runtime_config.safe_path = true; break;
        case 'm': out->kind = RUN_MODULE; out->text = value; return 1;
        case 'O': runtime_config.optimize++; break;
        case 'P': runtime_config.safe_path = true; break;
        case 'q': runtime_config.quiet = true; break;
        case 'R': break;
        case 's': runtime_config.no_user_site = true; break;
        case 'S': runtime_config.no_site = true; break;
        case 'u': runtime_config.unbuffered = true; break;
        case 'v': runtime_config.verbose++; break;
        case 'V': out->kind = RUN_VERSION; out->version_verbosity++; break;
        case 'W':
            if (runtime_config.nwarnoptions < 255) warn_options[runtime_config.nwarnoptions++] = value;
            return 0;
        case 'x': out->skip_first_line = true; break;
        case 'X':
            if (!strncmp(value, "gil=", 4)) *gil_given = true;
            if (!strncmp(value, "cpu_count=", 10)) *cpu_given = true;
            return set_x(value) ? 2 : 0;
        default: {
            char text[8] = {'-', *p};
            return usage("Unknown option: %s", text);
        }
        }
    }
    return 0;
}

int options_parse(int argc, char **argv, Options *out) {
    bool gil_given = false, cpu_given = false;
    int i = 1;
    runtime_config.warnoptions = warn_options;
    runtime_config.xoptions = x_options;
    if (argc > 1 && !strcmp(argv[1], "compare")) {
        out->kind = RUN_COMPARE;
        out->rest = 2;
        return 0;
    }
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        if (!strcmp(argv[i], "--")) {
            i++;
            break;
        }
        if (argv[i][1] == '-') {
            if (!strcmp(argv[i], "--gil") || !strcmp(argv[i], "--no-gil")) {
                runtime_config.gil = argv[i][2] == 'g';
                gil_given = true;
            } else if (!strcmp(argv[i], "--help")) {
                out->kind = RUN_HELP;
                return 0;
            } else if (!strcmp(argv[i], "--version")) {
                out->kind = RUN_VERSION;
                out->version_verbosity++;
            } else if (!strncmp(argv[i], "--dump=", 7)) {
                out->dump = argv[i] + 7;
                if (strcmp(out->dump, "tokens") && strcmp(out->dump, "ast") && strcmp(out->dump, "bytecode")) return usage("Unknown dump: %s", out->dump);
            } else if (!strcmp(argv[i], "--stdlib") && i + 1 < argc) {
                runtime_config.stdlib = argv[++i];
            } else if (!strncmp(argv[i], "--stdlib=", 9)) {
                runtime_config.stdlib = argv[i] + 9;
            } else if (!strcmp(argv[i], "--check-hash-based-pycs") && i + 1 < argc) {
                i++;
            } else {
                return usage("Unknown option: %s", argv[i]);
            }
            continue;
        }
        int stop = short_options(argc, argv, &i, out, &gil_given, &cpu_given);
        if (stop == 2) return 2;
        if (stop == 1) {
            i++;
            break;
        }
    }
    if (out->kind == RUN_REPL && i < argc) {
        if (!strcmp(argv[i], "-")) out->kind = RUN_STDIN;
        else {
            out->kind = RUN_FILE;
            out->text = argv[i];
        }
    }
    out->rest = i;
    return read_environment(gil_given, cpu_given);
}
