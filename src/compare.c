// Runs a program in GIL and free-threaded mode over thread counts, in turn, and prints what it cost: time (median and spread
// over interleaved runs after a warm-up), speed-up over the GIL, scaling efficiency, peak memory. Each run is a process of its
// own: `skein -X gil=G -X cpu_count=N FILE args` with SKEIN_THREADS=N in its environment.
#include "src/compare.h"
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_THREADS = 16, MAX_PYTHONS = 8, MAX_RUNS = 100, MAX_ROWS = MAX_THREADS * (MAX_PYTHONS + 2) };

typedef struct Row {
    const char *label;     // "GIL", "free-threaded", or the other Python's name
    const char *python;    // NULL: skein itself
    const char *gil;       // "1", "0"; NULL for others
    int threads;
    double seconds[MAX_RUNS];
    long peak_kb;
    double median, low, high;
    char *output;          // of the first run
    size_t output_length;
    bool differs;          // from the first row with the same thread count
    bool varies;           // from one of its own runs to another
} Row;
typedef struct Comparison {
    const char *executable, *json, *chart;
    char **program;        // FILE and its arguments, NULL at the end
    int nprogram;
    int threads[MAX_THREADS], nthreads, runs;
    const char *pythons[MAX_PYTHONS];
    int npythons;
    bool same_output;
    Row rows[MAX_ROWS];
    int nrows;
} Comparison;

static const char usage_text[] = "usage: skein compare [--threads 1,2,4] [--runs N] [--json FILE] [--chart FILE.svg] [--with PYTHON] [--same-output] FILE [arg] ...\n";
static int usage(const char *why) {
    fprintf(stderr, "skein compare: %s\n%s", why, usage_text);
    return 2;
}
static int help(void) {
    fputs(usage_text, stdout);
    puts("Runs FILE in GIL and free-threaded mode, in turn, and shows what each took.\n"
         "--threads 1,2,4 : the thread counts: -X cpu_count=N and SKEIN_THREADS=N for the program (1, 2, 4 ... up to this machine's cores)\n"
         "--runs N        : runs of each after a warm-up (5)\n"
         "--with PYTHON   : another Python in the same run; may be given again\n"
         "--same-output   : output that differs is an error\n"
         "--json FILE, --chart FILE.svg : the results, and a drawing of them\n"
         "A file as standard input is read from its beginning by each run; from a pipe the program reads nothing.");
    return 0;
}

static volatile sig_atomic_t interrupted;
static void note_interrupt(int signal) { interrupted = signal; }
static const char *plural(int n) { return n == 1 ? "" : "s"; }

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static bool read_threads(Comparison *c, const char *text) {
    c->nthreads = 0;
    for (const char *p = text; *p;) {
        char *end;
        long n = strtol(p, &end, 10);
        if (end == p || n < 1 || n > 1024 || c->nthreads == MAX_THREADS || (*end && *end != ',')) return false;
        c->threads[c->nthreads++] = (int)n;
        p = *end ? end + 1 : end;
    }
    return c->nthreads > 0;
}

static char *slurp(int fd, size_t *length) {
    struct stat st;
    *length = 0;
    if (fstat(fd, &st) < 0) return NULL;
    char *text = malloc((size_t)st.st_size + 1);
    if (!text) return NULL;
    lseek(fd, 0, SEEK_SET);
    for (ssize_t n; (n = read(fd, text + *length, (size_t)st.st_size - *length)) > 0;) *length += (size_t)n;
    text[*length] = 0;
    return text;
}

static int temporary(void) {
    char name[] = "/tmp/skein-compare-XXXXXX";
    int fd = mkstemp(name);
    if (fd >= 0) unlink(name);
    return fd;
}

// The child's standard input: a file from its beginning, a terminal as it is, nothing otherwise (one run must not read what another misses).
static void give_input(void) {
    struct stat st;
    if (isatty(0)) return;
    int in = open(fstat(0, &st) == 0 && S_ISREG(st.st_mode) ? "/proc/self/fd/0" : "/dev/null", O_RDONLY);
    if (in > 0) dup2(in, 0), close(in);
}
static void show_failure(const Row *row, int status, const char *errors) {
    fprintf(stderr, "\n%s, %d thread%s: ", row->label, row->threads, plural(row->threads));
    if (WIFEXITED(status)) fprintf(stderr, "exit status %d\n", WEXITSTATUS(status));
    else fprintf(stderr, "killed by signal %d (%s)\n", WTERMSIG(status), strsignal(WTERMSIG(status)));
    fputs(errors ? errors : "", stderr);
}

// One run. `counted` < 0: the warm-up. 0, or 1 after showing why it failed.
static int run_once(Comparison *c, Row *row, int counted) {
    int out = temporary(), err = temporary();
    if (out < 0 || err < 0) return perror("skein compare: temporary file"), 1;
    fflush(NULL);
    double begin = now();
    pid_t pid = fork();
    if (pid == 0) {
        char threads[16], count[32], gil[16];
        char **argv = malloc((size_t)(c->nprogram + 6) * sizeof *argv);
        int n = 0;
        if (!argv) _exit(127);
        snprintf(threads, sizeof threads, "%d", row->threads);
        snprintf(count, sizeof count, "cpu_count=%d", row->threads);
        setenv("SKEIN_THREADS", threads, 1);
        argv[n++] = (char *)(row->python ? row->python : c->executable);
        if (row->gil) {
            snprintf(gil, sizeof gil, "gil=%s", row->gil);
            argv[n++] = "-X", argv[n++] = gil;
        }
        argv[n++] = "-X", argv[n++] = count;
        for (int i = 0; i < c->nprogram; i++) argv[n++] = c->program[i];
        argv[n] = NULL;
        give_input();
        dup2(out, 1);
        dup2(err, 2);
        execvp(argv[0], argv);
        fprintf(stderr, "%s: %s\n", argv[0], strerror(errno));
        _exit(127);
    }
    int status = 0;
    struct rusage usage;
    memset(&usage, 0, sizeof usage);
    if (pid < 0) return perror("skein compare"), 1;
    while (wait4(pid, &status, 0, &usage) < 0) {
        if (errno != EINTR) return perror("skein compare"), 1;
        if (interrupted) kill(pid, SIGKILL);
    }
    if (interrupted) { // whoever started us sees what it was
        fputs("\nskein compare: interrupted\n", stderr);
        signal(interrupted, SIG_DFL);
        kill(getpid(), interrupted);
    }
    double seconds = now() - begin;
    size_t length;
    if (!WIFEXITED(status) || WEXITSTATUS(status)) {
        char *text = slurp(err, &length);
        show_failure(row, status, text);
        free(text);
        close(out), close(err);
        return 1;
    }
    char *output = slurp(out, &length);
    if (!row->output) {
        row->output = output;
        row->output_length = length;
    } else {
        row->varies |= !output || length != row->output_length || memcmp(output, row->output, length);
        free(output);
    }
    close(out), close(err);
    if (counted >= 0) row->seconds[counted] = seconds;
    if (usage.ru_maxrss > row->peak_kb) row->peak_kb = usage.ru_maxrss;
    return 0;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}
static void summarise(Comparison *c) {
    for (int i = 0; i < c->nrows; i++) {
        Row *row = &c->rows[i];
        qsort(row->seconds, (size_t)c->runs, sizeof(double), by_value);
        row->median = c->runs % 2 ? row->seconds[c->runs / 2] : (row->seconds[c->runs / 2 - 1] + row->seconds[c->runs / 2]) / 2;
        row->low = row->seconds[0];
        row->high = row->seconds[c->runs - 1];
        for (int j = 0; j < i; j++) {
            if (c->rows[j].threads != row->threads) continue;
            const Row *first = &c->rows[j];
            row->differs = !first->output || !row->output || first->output_length != row->output_length || memcmp(first->output, row->output, row->output_length);
            break;
        }
    }
}

static const Row *row_of(const Comparison *c, const char *label, int threads) {
    for (int i = 0; i < c->nrows; i++)
        if (!strcmp(c->rows[i].label, label) && c->rows[i].threads == threads) return &c->rows[i];
    return NULL;
}
static double over_gil(const Comparison *c, const Row *row) {
    const Row *gil = row_of(c, "GIL", row->threads);
    return gil ? gil->median / row->median : 0;
}
// Share of the ideal: T(first count) * first / (T(n) * n), where the work is the same for each count.
static double efficiency(const Comparison *c, const Row *row) {
    const Row *first = row_of(c, row->label, c->threads[0]);
    return first->median * c->threads[0] / (row->median * row->threads);
}

static void print_table(const Comparison *c) {
    double slowest = 0;
    size_t width = 13;
    for (int i = 0; i < c->nrows; i++) {
        if (c->rows[i].median > slowest) slowest = c->rows[i].median;
        if (strlen(c->rows[i].label) > width) width = strlen(c->rows[i].label);
    }
    printf("\n%-*s %7s %9s %19s %9s %10s %9s\n", (int)width, "mode", "threads", "median", "range", "over GIL", "efficiency", "peak");
    for (int i = 0; i < c->nrows; i++) {
        const Row *row = &c->rows[i];
        printf("%-*s %7d %7.3f s %8.3f - %6.3f s %8.2fx %9.0f%% %6.1f MB%s\n", (int)width, row->label, row->threads, row->median, row->low, row->high, over_gil(c, row),
               efficiency(c, row) * 100, (double)row->peak_kb / 1024, row->differs ? "  other output" : row->varies ? "  output varies" : "");
    }
    printf("\n");
    for (int i = 0; i < c->nrows; i++) {
        const Row *row = &c->rows[i];
        int length = slowest > 0 ? (int)lround(row->median / slowest * 50) : 0;
        printf("%-*s %3d |", (int)width, row->label, row->threads);
        for (int k = 0; k < length; k++) fputs("█", stdout);
        printf(" %.3f s\n", row->median);
    }
}

static void json_text(FILE *f, const char *text) {
    fputc('"', f);
    for (; *text; text++) {
        if (*text == '"' || *text == '\\') fprintf(f, "\\%c", *text);
        else if ((unsigned char)*text < 32) fprintf(f, "\\u%04x", *text);
        else fputc(*text, f);
    }
    fputc('"', f);
}
static int write_json(const Comparison *c) {
    FILE *f = fopen(c->json, "w");
    if (!f) return fprintf(stderr, "skein compare: %s: %s\n", c->json, strerror(errno)), 1;
    fprintf(f, "{\"program\": ");
    json_text(f, c->program[0]);
    fprintf(f, ", \"arguments\": [");
    for (int i = 1; i < c->nprogram; i++) {
        if (i > 1) fputs(", ", f);
        json_text(f, c->program[i]);
    }
    fputc(']', f);
    fprintf(f, ", \"runs\": %d, \"results\": [", c->runs);
    for (int i = 0; i < c->nrows; i++) {
        const Row *row = &c->rows[i];
        fprintf(f, "%s\n  {\"mode\": ", i ? "," : "");
        json_text(f, row->label);
        fprintf(f, ", \"threads\": %d, \"median_s\": %.6f, \"min_s\": %.6f, \"max_s\": %.6f, \"over_gil\": %.4f, \"efficiency\": %.4f, \"peak_kb\": %ld, \"same_output\": %s, \"seconds\": [",
                row->threads, row->median, row->low, row->high, over_gil(c, row), efficiency(c, row), row->peak_kb, row->differs || row->varies ? "false" : "true");
        for (int r = 0; r < c->runs; r++) fprintf(f, "%s%.6f", r ? ", " : "", row->seconds[r]);
        fprintf(f, "]}");
    }
    fprintf(f, "\n]}\n");
    return fclose(f) != 0;
}

static void xml_text(FILE *f, const char *text) {
    for (; *text; text++) {
        if (*text == '<' || *text == '&') fprintf(f, "&#%d;", *text);
        else if ((unsigned char)*text >= 32) fputc(*text, f);
    }
}
static int write_chart(const Comparison *c) {
    static const char *const colours[] = {"#7a869a", "#1f77b4", "#d98200", "#2a9d4e", "#8e44ad", "#c0392b", "#16a085", "#555555", "#b8860b", "#4b6584"};
    FILE *f = fopen(c->chart, "w");
    if (!f) return fprintf(stderr, "skein compare: %s: %s\n", c->chart, strerror(errno)), 1;
    double slowest = 0;
    for (int i = 0; i < c->nrows; i++)
        if (c->rows[i].high > slowest) slowest = c->rows[i].high;
    int groups = c->nthreads, bars = c->nrows / c->nthreads, bar = 26, gap = 30, left = 60, top = 44, height = 260;
    int width = left + groups * (bars * bar + gap) + 30;
    fprintf(f, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"12\">\n", width < 420 ? 420 : width, top + height + 60 + 18 * bars);
    fprintf(f, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/><text x=\"%d\" y=\"22\" font-size=\"15\">", left);
    xml_text(f, c->program[0]);
    fprintf(f, ": seconds by threads (median of %d)</text>\n", c->runs);
    for (int k = 0; k <= 4; k++) {
        double y = top + height - height * k / 4.0;
        fprintf(f, "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"#ddd\"/><text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.2f</text>\n", left, width - 20, y, y, left - 6, y + 4, slowest * k / 4);
    }
    for (int i = 0; i < c->nrows; i++) {
        const Row *row = &c->rows[i];
        int group = i / bars, place = i % bars;
        double h = slowest > 0 ? height * row->median / slowest : 0, x = left + gap / 2.0 + group * (bars * bar + gap) + place * bar;
        fprintf(f, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%.1f\" fill=\"%s\"><title>", x, top + height - h, bar - 4, h, colours[place % 10]);
        xml_text(f, row->label);
        fprintf(f, ", %d thread%s: %.3f s</title></rect>\n", row->threads, plural(row->threads), row->median);
        if (place == 0) fprintf(f, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>\n", x + bars * bar / 2.0, top + height + 18, row->threads);
    }
    for (int place = 0; place < bars; place++) {
        fprintf(f, "<rect x=\"%d\" y=\"%d\" width=\"12\" height=\"12\" fill=\"%s\"/><text x=\"%d\" y=\"%d\">", left, top + height + 34 + 18 * place, colours[place % 10], left + 18,
                top + height + 45 + 18 * place);
        xml_text(f, c->rows[place].label);
        fputs("</text>\n", f);
    }
    fputs("</svg>\n", f);
    return fclose(f) != 0;
}

static void add_row(Comparison *c, const char *label, const char *python, const char *gil, int threads) {
    c->rows[c->nrows++] = (Row){.label = label, .python = python, .gil = gil, .threads = threads};
}

int compare_main(int argc, char **argv, const char *executable) {
    static Comparison c;
    c.executable = executable;
    c.runs = 5;
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    c.threads[c.nthreads++] = 1;
    for (int n = 2; n <= cores && c.nthreads < MAX_THREADS; n *= 2) c.threads[c.nthreads++] = n;
    int i = 0;
    for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
        const char *option = argv[i], *value = NULL;
        const char *equals = strchr(option, '=');
        if (!strcmp(option, "--same-output")) {
            c.same_output = true;
            continue;
        }
        if (!strcmp(option, "-h") || !strcmp(option, "--help")) return help();
        size_t length = equals ? (size_t)(equals - option) : strlen(option);
        value = equals ? equals + 1 : i + 1 < argc ? argv[++i] : NULL;
        if (!value) return usage("an option lacks its value");
        if (length == 9 && !strncmp(option, "--threads", length)) {
            if (!read_threads(&c, value)) return usage("--threads takes counts from 1 to 1024, separated by commas");
        } else if (length == 6 && !strncmp(option, "--runs", length)) {
            char *end;
            long runs = strtol(value, &end, 10);
            c.runs = (int)runs;
            if (!*value || *end || runs < 1 || runs > MAX_RUNS) return usage("--runs takes a number from 1 to 100");
        } else if (length == 6 && !strncmp(option, "--json", length)) {
            c.json = value;
        } else if (length == 7 && !strncmp(option, "--chart", length)) {
            c.chart = value;
        } else if (length == 6 && !strncmp(option, "--with", length)) {
            if (c.npythons == MAX_PYTHONS) return usage("too many --with");
            c.pythons[c.npythons++] = value;
        } else {
            return usage("unknown option");
        }
    }
    if (i >= argc) return usage("no program given");
    c.program = argv + i;
    c.nprogram = argc - i;
    if (access(c.program[0], R_OK)) return fprintf(stderr, "skein compare: can't open file '%s': %s\n", c.program[0], strerror(errno)), 2;
    for (int n = 0; n < c.nthreads; n++) {
        add_row(&c, "GIL", NULL, "1", c.threads[n]);
        add_row(&c, "free-threaded", NULL, "0", c.threads[n]);
        for (int p = 0; p < c.npythons; p++) {
            const char *slash = strrchr(c.pythons[p], '/'), *label = slash ? slash + 1 : c.pythons[p];
            add_row(&c, row_of(&c, label, c.threads[n]) ? c.pythons[p] : label, c.pythons[p], NULL, c.threads[n]);
        }
    }
    // What cannot be written is said before the runs, not after them.
    const char *written[] = {c.json, c.chart};
    for (int k = 0; k < 2; k++) {
        FILE *f = written[k] ? fopen(written[k], "a") : NULL;
        if (written[k] && !f) return fprintf(stderr, "skein compare: %s: %s\n", written[k], strerror(errno)), 1;
        if (f) fclose(f);
    }
    struct sigaction on_interrupt = {.sa_handler = note_interrupt};
    sigaction(SIGINT, &on_interrupt, NULL);
    bool progress = isatty(2);
    int total = c.nrows * (c.runs + 1), done = 0;
    for (int r = -1; r < c.runs; r++)
        for (int k = 0; k < c.nrows; k++) {
            if (progress) fprintf(stderr, "\r\033[K[%d/%d] %s, %d thread%s%s", ++done, total, c.rows[k].label, c.rows[k].threads, plural(c.rows[k].threads), r < 0 ? " (warm-up)" : "");
            if (run_once(&c, &c.rows[k], r)) return 1;
        }
    if (progress) fprintf(stderr, "\r\033[K");
    summarise(&c);
    printf("%s: %d run%s of each, in turn, after a warm-up\n", c.program[0], c.runs, plural(c.runs));
    print_table(&c);
    bool differs = false, varies = false;
    for (int k = 0; k < c.nrows; k++) differs |= c.rows[k].differs, varies |= c.rows[k].varies;
    if (differs) printf("\nOutput differs between modes (rows marked \"other output\").\n");
    if (varies) printf("\nOutput differs from run to run of the same mode%s.\n", differs ? "" : " (rows marked \"output varies\")");
    int status = (differs || varies) && c.same_output;
    if (c.json) status |= write_json(&c);
    if (c.chart) status |= write_chart(&c);
    return status;
}
