// Reading the command line and the PYTHON* environment variables ("Command line and environment" in the manual).
#include "src/options.h"
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ITEMS_MAX = 255 };
enum Step { GO_ON, END_HERE, FAILED };
static const char *warn_options[ITEMS_MAX + 1], *x_options[ITEMS_MAX + 1];
static int failed_status; // what to exit with after FAILED
static bool utf8_given;

static enum Step usage(const char *format, const char *what) {
    fprintf(stderr, format, what);
    fputs("\nusage: skein [option] ... [-c cmd | -m mod | file | -] [arg] ...\nTry `skein -h' for more information.\n", stderr);
    failed_status = 2;
    return FAILED;
}
// A value that makes no sense: where it was read, and what is wrong.
static enum Step fatal(const char *where, const char *what) {
    // What the earliest stage reads, it also refuses.
    bool early = !strncmp(where, "preconfig", 9);
    fprintf(stderr, "Fatal Python error: %s%s%s\nPython runtime state: preinitializ%s\n\n", where, *where ? ": " : "", what, early ? "ing" : "ed");
    failed_status = 1;
    return FAILED;
}

static const char options_text[] =
    "Options (and the environment variables that stand for them):\n"
    "-b     : warn about str(bytes) and comparing bytes with str or int (-bb: error)\n"
    "-B     : write no .pyc files; also PYTHONDONTWRITEBYTECODE=x\n"
    "-c cmd : run the program text cmd\n"
    "-d     : parser debugging (accepted, without effect); also PYTHONDEBUG=x\n"
    "-E     : ignore PYTHON* environment variables\n"
    "-h     : this help (also -? or --help)\n"
    "-i     : go on with the prompt after running; also PYTHONINSPECT=x\n"
    "-I     : isolate from the user's environment (-E -P -s)\n"
    "-m mod : run a library module as a script\n"
    "-O     : leave out asserts (-OO: docstrings too); also PYTHONOPTIMIZE=x\n"
    "-P     : put no unsafe path in front of sys.path; also PYTHONSAFEPATH=x\n"
    "-q     : no version at the prompt\n"
    "-s     : no user site directory; also PYTHONNOUSERSITE=x\n"
    "-S     : do not import site\n"
    "-u     : unbuffered stdout and stderr; also PYTHONUNBUFFERED=x\n"
    "-v     : report imports; also PYTHONVERBOSE=x\n"
    "-V     : print the version (-VV: more; also --version)\n"
    "-W arg : warning control, action:message:category:module:lineno; also PYTHONWARNINGS=arg,...\n"
    "-x     : skip the first line of the source\n"
    "-X opt : an option of the implementation (--help-xoptions)\n"
    "--check-hash-based-pycs always|default|never : how .pyc files with a hash are checked\n"
    "--gil, --no-gil : run with one thread at a time, or on all cores (the default)\n"
    "--stdlib DIR : where the Python library is\n"
    "--dump=tokens|ast|bytecode : show what the front end makes of the program\n"
    "--help-env, --help-xoptions, --help-all : more help\n"
    "\n"
    "file   : program read from a file\n"
    "-      : program read from standard input (the default; a prompt at a terminal)\n"
    "arg ...: sys.argv[1:]\n";
static const char xoptions_text[] =
    "-X options, and the environment variables that stand for them:\n"
    "-X context_aware_warnings=0|1 : warnings.catch_warnings() by context (free-threaded: 1); also PYTHON_CONTEXT_AWARE_WARNINGS\n"
    "-X cpu_count=N|default : what os.cpu_count() and os.process_cpu_count() give; also PYTHON_CPU_COUNT\n"
    "-X dev      : checks that are too dear for every day; also PYTHONDEVMODE=x\n"
    "-X faulthandler : show all threads' Python stacks on a fatal signal; also PYTHONFAULTHANDLER=x\n"
    "-X frozen_modules=on|off : start-up modules from the executable (on, the default) or from the library; also PYTHON_FROZEN_MODULES\n"
    "-X gil=0|1  : one thread at a time (1) or all cores (0, the default); also PYTHON_GIL\n"
    "-X importtime[=2] : how long each import takes (2: those already there too); also PYTHONPROFILEIMPORTTIME\n"
    "-X int_max_str_digits=N : the most digits of an int from or to text (0: no limit); also PYTHONINTMAXSTRDIGITS\n"
    "-X jit=0|1  : compile hot code (1) or interpret it all (0, the default); also PYTHON_JIT\n"
    "-X jit_mem=MB : at most so much compiled code (64)\n"
    "-X jit_stats : say on stderr, at the end, what was compiled\n"
    "-X jit_threshold=N : how hot code is before it is compiled; 1: all code that loops or is called, at once\n"
    "-X no_debug_ranges : no columns in tracebacks; also PYTHONNODEBUGRANGES=x\n"
    "-X pycache_prefix=PATH : a tree of its own for .pyc files; also PYTHONPYCACHEPREFIX\n"
    "-X thread_inherit_context=0|1 : threads start with a copy of their starter's context (free-threaded: 1);\n"
    "              also PYTHON_THREAD_INHERIT_CONTEXT\n"
    "-X utf8[=0|1] : UTF-8 mode; also PYTHONUTF8\n"
    "-X warn_default_encoding : warn where text files are opened without an encoding; also PYTHONWARNDEFAULTENCODING=x\n";
static const char environment_text[] =
    "Environment variables without an option:\n"
    "PYTHONASYNCIODEBUG : asyncio's debug mode\n"
    "PYTHONBREAKPOINT   : what breakpoint() calls; 0: nothing\n"
    "PYTHONCOERCECLOCALE: 0: the C locale stays as it is; warn: say where it is changed to a UTF-8 one\n"
    "PYTHONHASHSEED     : random, or the seed of the hashes of str and bytes\n"
    "PYTHONHOME         : where the Python library is\n"
    "PYTHONIOENCODING   : encoding[:errors] of the standard streams\n"
    "PYTHONPATH         : folders in front of the module search path, separated by colons\n"
    "PYTHONPLATLIBDIR   : what sys.platlibdir is\n"
    "PYTHONSTARTUP      : a file that is run before the first prompt\n"
    "PYTHONUSERBASE     : the user's own site directory\n"
    "PYTHON_BASIC_REPL, PYTHON_COLORS, PYTHON_HISTORY : as the library's documentation says\n"
    "SKEIN_THREADS      : set by `skein compare` for the program that it runs\n";

void options_help(enum HelpKind kind) {
    if (kind == HELP_OPTIONS || kind == HELP_ALL)
        printf("usage: skein [option] ... [-c cmd | -m mod | file | -] [arg] ...\n"
               "       skein compare [--threads 1,2,4] [--runs N] [--json F] [--chart F.svg] [--with PYTHON] FILE [arg] ...\n%s",
               options_text);
    if (kind == HELP_ALL) putchar('\n');
    if (kind == HELP_XOPTIONS || kind == HELP_ALL) fputs(xoptions_text, stdout);
    if (kind == HELP_ALL) putchar('\n');
    if (kind == HELP_ENVIRONMENT || kind == HELP_ALL) fputs(environment_text, stdout);
}

// ---- values
static bool is_number(const char *text, long *out) {
    char *end;
    if (!*text) return false;
    *out = strtol(text, &end, 10);
    return !*end;
}
// How many frames tracemalloc keeps of an allocation: there is no tracemalloc, but what CPython refuses is refused.
static bool is_frame_count(const char *value) {
    long n;
    return is_number(value, &n) && n >= 0 && n <= 65535;
}
static enum Step set_gil(const char *value) {
    if (strcmp(value, "0") && strcmp(value, "1")) return fatal("config_read_gil", "PYTHON_GIL / -X gil must be \"0\" or \"1\"");
    runtime_config.gil = *value == '1';
    return GO_ON;
}
static enum Step set_cpu_count(const char *value) {
    long n;
    if (!strcmp(value, "default")) return GO_ON;
    if (!is_number(value, &n) || n < 1 || n > 0x7fffffff)
        return fatal("config_init_cpu_count", "-X cpu_count=n option: n is missing or an invalid number, n must be greater than 0");
    runtime_config.cpu_count = (int)n;
    return GO_ON;
}
static enum Step set_digits(const char *value, const char *where) {
    long n;
    char text[128];
    snprintf(text, sizeof text, "%s: invalid limit; must be >= 640 or 0 for unlimited.", where);
    if (!is_number(value, &n) || n < 0 || (n && n < 640) || n > 0x7fffffff) return fatal("config_init_int_max_str_digits", text);
    runtime_config.int_max_str_digits = (int)n;
    return GO_ON;
}
static enum Step set_switch(int *out, const char *value, const char *where, const char *what) {
    if (strcmp(value, "0") && strcmp(value, "1")) return fatal(where, what);
    *out = *value == '1';
    return GO_ON;
}
static bool gil_given, cpu_given, frozen_given, prefix_given, seed_ignored, jit_given;

static enum Step set_frozen(const char *value, const char *what) {
    if (strcmp(value, "on") && strcmp(value, "off") && *value) return fatal("", what);
    runtime_config.frozen_modules_off = !strcmp(value, "off");
    frozen_given = true;
    return GO_ON;
}

// A positive number below a million.
static enum Step set_positive(int *out, const char *value, const char *name) {
    long n;
    char text[128];
    snprintf(text, sizeof text, "-X %s=N option: N is missing or an invalid number", name);
    if (!is_number(value, &n) || n < 1 || n >= 1000000) return fatal("config_read_jit", text);
    *out = (int)n;
    return GO_ON;
}
static enum Step set_jit(const char *value) {
    if (strcmp(value, "0") && strcmp(value, "1")) return fatal("config_read_jit", "PYTHON_JIT / -X jit must be \"0\" or \"1\"");
    runtime_config.jit = *value == '1';
    return GO_ON;
}
static enum Step set_x(const char *option) {
    if (runtime_config.nxoptions < ITEMS_MAX) x_options[runtime_config.nxoptions++] = option;
    const char *equals = strchrnul(option, '='), *value = *equals ? equals + 1 : "";
    size_t n = (size_t)(equals - option);
#define IS(name) (n == sizeof name - 1 && !memcmp(option, name, n))
    if (IS("gil")) {
        gil_given = true;
        return set_gil(value);
    }
    if (IS("jit")) {
        jit_given = true;
        return set_jit(value);
    }
    if (IS("jit_mem")) return set_positive(&runtime_config.jit_memory_mb, value, "jit_mem");
    if (IS("jit_threshold")) return set_positive(&runtime_config.jit_threshold, value, "jit_threshold");
    if (IS("jit_stats")) runtime_config.jit_stats = true;
    if (IS("cpu_count")) {
        cpu_given = true;
        return set_cpu_count(value);
    }
    if (IS("int_max_str_digits")) return set_digits(value, "-X int_max_str_digits");
    if (IS("dev")) runtime_config.dev_mode = true;
    if (IS("utf8")) {
        if (*equals && strcmp(value, "0") && strcmp(value, "1")) return fatal("preconfig_init_utf8_mode", "invalid -X utf8 option value");
        runtime_config.utf8_mode = strcmp(value, "0") != 0;
        utf8_given = true;
    }
    if (IS("pycache_prefix")) {
        prefix_given = true;
        runtime_config.pycache_prefix = *value ? value : NULL;
    }
    if (IS("faulthandler")) runtime_config.faulthandler = true;
    if (IS("warn_default_encoding")) runtime_config.warn_default_encoding = true;
    if (IS("no_debug_ranges")) runtime_config.no_debug_ranges = true;
    if (IS("importtime")) {
        if (*value && strcmp(value, "0") && strcmp(value, "1") && strcmp(value, "2"))
            return fatal("config_init_import_time", "-X importtime: values other than 1 and 2 are reserved for future use.");
        runtime_config.import_time = *value == '2' ? 2 : *value != '0';
    }
    if (IS("tracemalloc") && *value && !is_frame_count(value)) return fatal("config_init_tracemalloc", "-X tracemalloc=NFRAME: invalid number of frames");
    if (IS("frozen_modules")) return set_frozen(value, "bad value for option -X frozen_modules (expected \"on\" or \"off\")");
    if (IS("thread_inherit_context"))
        return set_switch(&runtime_config.thread_inherit_context, value, "config_init_thread_inherit_context", "-X thread_inherit_context=n: n is missing or invalid");
    if (IS("context_aware_warnings"))
        return set_switch(&runtime_config.context_aware_warnings, value, "config_init_context_aware_warnings", "-X context_aware_warnings=n: n is missing or invalid");
#undef IS
    return GO_ON;
}

// ---- the environment
static const char *environment(const char *name) {
    const char *value = runtime_config.ignore_environment ? NULL : getenv(name);
    return value && *value ? value : NULL;
}
// A variable that counts: what is no number stands for 1. It raises *level, never lowers it.
static void read_level(const char *name, int *level) {
    const char *value = environment(name);
    long n;
    if (!value) return;
    if (!is_number(value, &n) || n < 0) n = 1;
    if (n > *level) *level = n > 0x7fffffff ? 0x7fffffff : (int)n;
}
static void read_switch(const char *name, bool *out) {
    if (environment(name)) *out = true;
}
// The same for the older ones, where 0 is no.
static void read_number_switch(const char *name, bool *out) {
    int level = 0;
    read_level(name, &level);
    if (level) *out = true;
}

static enum Step read_environment(void) {
    const char *value;
    enum Step step = GO_ON;
    if (!gil_given && (value = environment("PYTHON_GIL")) && (step = set_gil(value)) != GO_ON) return step;
    if (!jit_given && (value = environment("PYTHON_JIT")) && (step = set_jit(value)) != GO_ON) return step;
    if (!cpu_given && (value = environment("PYTHON_CPU_COUNT")) && (step = set_cpu_count(value)) != GO_ON) return step;
    read_number_switch("PYTHONUNBUFFERED", &runtime_config.unbuffered);
    read_number_switch("PYTHONDONTWRITEBYTECODE", &runtime_config.dont_write_bytecode);
    read_number_switch("PYTHONNOUSERSITE", &runtime_config.no_user_site);
    read_switch("PYTHONSAFEPATH", &runtime_config.safe_path);
    read_switch("PYTHONINSPECT", &runtime_config.inspect);
    read_switch("PYTHONDEVMODE", &runtime_config.dev_mode);
    read_switch("PYTHONFAULTHANDLER", &runtime_config.faulthandler);
    read_switch("PYTHONWARNDEFAULTENCODING", &runtime_config.warn_default_encoding);
    read_switch("PYTHONNODEBUGRANGES", &runtime_config.no_debug_ranges);
    read_level("PYTHONOPTIMIZE", &runtime_config.optimize);
    read_level("PYTHONVERBOSE", &runtime_config.verbose);
    int debug = 0;
    read_level("PYTHONDEBUG", &debug);
    if (debug) runtime_config.debug = 1;
    runtime_config.platlibdir = environment("PYTHONPLATLIBDIR");
    if (!runtime_config.import_time && (value = environment("PYTHONPROFILEIMPORTTIME"))) {
        long n;
        if (is_number(value, &n) && n != 1 && n != 2 && n != 0)
            return fatal("config_init_import_time", "PYTHONPROFILEIMPORTTIME: numeric values other than 1 and 2 are reserved for future use.");
        runtime_config.import_time = !strcmp(value, "2") ? 2 : strcmp(value, "0") != 0;
    }
    if (runtime_config.int_max_str_digits < 0 && (value = environment("PYTHONINTMAXSTRDIGITS")) && (step = set_digits(value, "PYTHONINTMAXSTRDIGITS")) != GO_ON) return step;
    if (!utf8_given && (value = environment("PYTHONUTF8"))) {
        if (strcmp(value, "0") && strcmp(value, "1")) return fatal("preconfig_init_utf8_mode", "invalid PYTHONUTF8 environment variable value");
        runtime_config.utf8_mode = *value == '1';
        utf8_given = true;
    }
    if (!prefix_given) runtime_config.pycache_prefix = environment("PYTHONPYCACHEPREFIX");
    if (!frozen_given && (value = environment("PYTHON_FROZEN_MODULES")) && (step = set_frozen(value, "bad value for PYTHON_FROZEN_MODULES (expected \"on\" or \"off\")")) != GO_ON) return step;
    if (runtime_config.thread_inherit_context < 0 && (value = environment("PYTHON_THREAD_INHERIT_CONTEXT")) &&
        (step = set_switch(&runtime_config.thread_inherit_context, value, "config_init_thread_inherit_context", "PYTHON_THREAD_INHERIT_CONTEXT=N: N is missing or invalid")) != GO_ON) return step;
    if (runtime_config.context_aware_warnings < 0 && (value = environment("PYTHON_CONTEXT_AWARE_WARNINGS")) &&
        (step = set_switch(&runtime_config.context_aware_warnings, value, "config_init_context_aware_warnings", "PYTHON_CONTEXT_AWARE_WARNINGS=N: N is missing or invalid")) != GO_ON) return step;
    if ((value = environment("PYTHONMALLOC"))) { // one allocator serves, whichever is named
        static const char *const known[] = {"default", "debug", "malloc", "malloc_debug", "pymalloc", "pymalloc_debug", "mimalloc", "mimalloc_debug"};
        bool found = false;
        for (size_t i = 0; i < sizeof known / sizeof *known; i++) found = found || !strcmp(value, known[i]);
        if (!found) return fatal("preconfig_init_allocator", "PYTHONMALLOC: unknown allocator");
    }
    if ((value = environment("PYTHONTRACEMALLOC")) && !is_frame_count(value)) return fatal("config_init_tracemalloc", "PYTHONTRACEMALLOC: invalid number of frames");
    if (!seed_ignored && (value = environment("PYTHONHASHSEED")) && strcmp(value, "random")) {
        char *end;
        unsigned long seed = strtoul(value, &end, 10);
        if (*end || *value == '-' || seed > 4294967295ul)
            return fatal("config_init_hash_seed", "PYTHONHASHSEED must be \"random\" or an integer in range [0; 4294967295]");
        runtime_config.hash_seed = (long)seed;
        runtime_config.hash_seed_given = true;
    }
    return step;
}

// sys.warnoptions, the weakest first: dev mode's, the environment's, the command line's, -b's.
static void gather_warnings(void) {
    static const char *given[ITEMS_MAX + 1];
    int n = runtime_config.nwarnoptions, all = 0;
    memcpy(given, warn_options, sizeof given);
    const char *value = environment("PYTHONWARNINGS");
    char *copy = value ? strdup(value) : NULL, *save = NULL;
    if (runtime_config.dev_mode) warn_options[all++] = "default";
    for (char *one = copy ? strtok_r(copy, ",", &save) : NULL; one && all < ITEMS_MAX; one = strtok_r(NULL, ",", &save)) warn_options[all++] = one;
    for (int i = 0; i < n && all < ITEMS_MAX; i++) warn_options[all++] = given[i];
    if (runtime_config.bytes_warning && all < ITEMS_MAX) warn_options[all++] = runtime_config.bytes_warning > 1 ? "error::BytesWarning" : "default::BytesWarning";
    runtime_config.nwarnoptions = all;
}

// ---- the locale (PEP 538, PEP 540)
static bool is_plain(const char *locale) { return !locale || !strcmp(locale, "C") || !strcmp(locale, "POSIX"); }
static void configure_locale(void) {
    setlocale(LC_CTYPE, "");
    if (!is_plain(setlocale(LC_CTYPE, NULL))) return;
    // The C locale says nothing about text: most often nobody chose it.
    if (!utf8_given) runtime_config.utf8_mode = 1;
    const char *all = getenv("LC_ALL"), *coerce = environment("PYTHONCOERCECLOCALE");
    if ((all && *all) || (coerce && !strcmp(coerce, "0"))) return;
    static const char *const better[] = {"C.UTF-8", "C.utf8", "UTF-8"};
    for (size_t i = 0; i < sizeof better / sizeof *better; i++) {
        if (!setlocale(LC_CTYPE, better[i])) continue;
        setenv("LC_CTYPE", better[i], 1); // child processes see the same
        if (coerce && !strcmp(coerce, "warn"))
            fprintf(stderr, "Python detected LC_CTYPE=C: LC_CTYPE coerced to %s (set another locale or PYTHONCOERCECLOCALE=0 to disable this locale coercion behavior).\n", better[i]);
        return;
    }
}

// ---- the command line
// One cluster of short options ("-Bc").
static enum Step short_options(int argc, char **argv, int *at, Options *out) {
    for (const char *p = argv[*at] + 1; *p; p++) {
        const char *value = NULL;
        if (strchr("cmWX", *p)) {
            value = p[1] ? p + 1 : *at + 1 < argc ? argv[++*at] : NULL;
            if (!value) {
                char text[] = {'-', *p, 0};
                return usage("Argument expected for the %s option", text);
            }
        }
        switch (*p) {
        case 'b': runtime_config.bytes_warning++; break;
        case 'B': runtime_config.dont_write_bytecode = true; break;
        case 'c': out->kind = RUN_COMMAND; out->text = value; return END_HERE;
        case 'd': runtime_config.debug = 1; break;
        case 'E': runtime_config.ignore_environment = true; break;
        case 'h': case '?': out->kind = RUN_HELP; return END_HERE;
        case 'i': runtime_config.inspect = true; runtime_config.interactive = 1; break;
        case 'I': runtime_config.isolated = runtime_config.ignore_environment = runtime_config.no_user_site = runtime_config.safe_path = true; break;
        case 'm': out->kind = RUN_MODULE; out->text = value; return END_HERE;
        case 'O': runtime_config.optimize++; break;
        case 'P': runtime_config.safe_path = true; break;
        case 'q': runtime_config.quiet = true; break;
        case 'R': seed_ignored = true; break;
        case 's': runtime_config.no_user_site = true; break;
        case 'S': runtime_config.no_site = true; break;
        case 't': break;
        case 'u': runtime_config.unbuffered = true; break;
        case 'v': runtime_config.verbose++; break;
        case 'V': out->kind = RUN_VERSION; out->version_verbosity++; break;
        case 'W':
            if (runtime_config.nwarnoptions < ITEMS_MAX) warn_options[runtime_config.nwarnoptions++] = value;
            return GO_ON;
        case 'x': out->skip_first_line = true; break;
        case 'X': return set_x(value);
        default: {
            char text[] = {'-', *p, 0};
            return usage("Unknown option: %s", text);
        }
        }
    }
    return GO_ON;
}

static enum Step long_option(int argc, char **argv, int *at, Options *out) {
    const char *word = argv[*at];
    static const struct { const char *word; enum HelpKind kind; } help[] = {
        {"--help", HELP_OPTIONS}, {"--help-all", HELP_ALL}, {"--help-env", HELP_ENVIRONMENT}, {"--help-xoptions", HELP_XOPTIONS}};
    for (size_t i = 0; i < sizeof help / sizeof *help; i++)
        if (!strcmp(word, help[i].word)) {
            out->kind = RUN_HELP;
            out->help = help[i].kind;
            return END_HERE;
        }
    if (!strcmp(word, "--gil") || !strcmp(word, "--no-gil")) {
        runtime_config.gil = word[2] == 'g';
        gil_given = true;
    } else if (!strcmp(word, "--version")) {
        out->kind = RUN_VERSION;
        out->version_verbosity++;
    } else if (!strncmp(word, "--dump=", 7)) {
        out->dump = word + 7;
        if (strcmp(out->dump, "tokens") && strcmp(out->dump, "ast") && strcmp(out->dump, "bytecode")) return usage("Unknown dump: %s", out->dump);
    } else if (!strcmp(word, "--stdlib") && *at + 1 < argc) {
        runtime_config.stdlib = argv[++*at];
    } else if (!strncmp(word, "--stdlib=", 9)) {
        runtime_config.stdlib = word + 9;
    } else if (!strcmp(word, "--check-hash-based-pycs")) {
        if (*at + 1 >= argc) return usage("Argument expected for the %s options", "--check-hash-based-pycs");
        const char *value = argv[++*at];
        if (strcmp(value, "always") && strcmp(value, "default") && strcmp(value, "never"))
            return usage("%s must be one of 'default', 'always', or 'never'", "--check-hash-based-pycs");
        runtime_config.check_hash_pycs = value;
    } else {
        return usage("Unknown option: %s", word);
    }
    return GO_ON;
}

int options_parse(int argc, char **argv, Options *out) {
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
        enum Step step = argv[i][1] == '-' ? long_option(argc, argv, &i, out) : short_options(argc, argv, &i, out);
        if (step == FAILED) return failed_status;
        if (step == END_HERE) {
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
    if (out->kind == RUN_HELP || out->kind == RUN_VERSION) return 0;
    if (read_environment() == FAILED) return failed_status;
    gather_warnings();
    configure_locale();
    return 0;
}
