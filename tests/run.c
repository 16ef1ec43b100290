// Runs the Python programs of tests/lang: each NAME.py has its expected standard output beside it, NAME.out (and NAME.err, lines that
// must stand in standard error; NAME.status, the exit status if not 0). Every program runs once for each interpreter command.
//
//   tests/run [-j N] [-t SECONDS] [-p K/N] DIR ... -- COMMAND [ARG ...] [-- COMMAND ...]
//
// -j: how many at once (2). -t: what one may take (300 seconds). -p: only every Nth program, from the Kth on (a part of what is long).
// Prints what failed with its output, then a line "N passed, N failed". Exit status 1 where any failed.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MAX_COMMANDS = 16, MAX_JOBS = 16 };
typedef struct Text { char *data; size_t length; } Text;
typedef struct Job {
    pid_t pid;
    int command;
    const char *program;
    char out[64], err[64]; // files
    double deadline;
} Job;

static char **commands[MAX_COMMANDS];
static int ncommands, passed, failed, timeout_seconds = 300, parallel = 2;
static unsigned part = 0, parts = 1;
static char **programs;
static size_t nprograms;
static Job jobs[MAX_JOBS];

// Without memory there is no result to give.
static void *grown(void *p, size_t bytes) {
    void *more = realloc(p, bytes);
    if (!more) perror("run"), exit(2);
    return more;
}
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
static Text read_file(const char *path) {
    Text text = {NULL, 0};
    FILE *f = fopen(path, "rb");
    if (!f) return text;
    size_t capacity = 1 << 16;
    text.data = grown(NULL, capacity + 1);
    for (size_t n; (n = fread(text.data + text.length, 1, capacity - text.length, f)) > 0;) {
        text.length += n;
        if (text.length == capacity) text.data = grown(text.data, (capacity *= 2) + 1);
    }
    text.data[text.length] = 0;
    fclose(f);
    return text;
}
static char *beside(const char *program, const char *suffix) {
    static char path[4096];
    snprintf(path, sizeof path, "%.*s%s", (int)(strlen(program) - 3), program, suffix);
    return path;
}

static void find_programs(const char *dir) {
    struct dirent **entries;
    int n = scandir(dir, &entries, NULL, alphasort);
    for (int i = 0; i < n; i++) {
        const char *name = entries[i]->d_name;
        char path[4096];
        struct stat st;
        snprintf(path, sizeof path, "%s/%s", dir, name);
        size_t length = strlen(path);
        if (name[0] != '.' && stat(path, &st) == 0) {
            if (S_ISDIR(st.st_mode)) find_programs(path);
            else if (length > 3 && !strcmp(path + length - 3, ".py") && access(beside(path, ".out"), R_OK) == 0) {
                programs = grown(programs, (nprograms + 1) * sizeof *programs);
                programs[nprograms++] = strdup(path);
            }
        }
        free(entries[i]);
    }
    if (n >= 0) free(entries);
}

static void start(Job *job, int command, const char *program) {
    job->command = command;
    job->program = program;
    job->deadline = now() + timeout_seconds;
    snprintf(job->out, sizeof job->out, "/tmp/skein-test-XXXXXX");
    snprintf(job->err, sizeof job->err, "/tmp/skein-test-XXXXXX");
    int out = mkstemp(job->out), err = mkstemp(job->err);
    job->pid = fork();
    if (job->pid == 0) {
        setpgid(0, 0);
        // A shell without job control starts what it puts into the background with interrupts ignored: tests of signals need them.
        for (int sig = 1; sig < NSIG; sig++) signal(sig, SIG_DFL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, NULL);
        dup2(open("/dev/null", O_RDONLY), 0);
        dup2(out, 1);
        dup2(err, 2);
        char *argv[64];
        int n = 0;
        for (char **word = commands[command]; *word && n < 60; word++) argv[n++] = *word;
        argv[n++] = (char *)program;
        argv[n] = NULL;
        execvp(argv[0], argv);
        perror(argv[0]);
        _exit(127);
    }
    close(out);
    close(err);
}

static void show(const char *title, Text text) {
    if (!text.length) return;
    size_t shown = text.length < 4000 ? text.length : 4000;
    printf("--- %s\n%.*s%s", title, (int)shown, text.data, text.data[shown - 1] == '\n' ? "" : "\n");
}

static void finish(Job *job, int status, bool late) {
    Text out = read_file(job->out), err = read_file(job->err), wanted = read_file(beside(job->program, ".out")), lines = read_file(beside(job->program, ".err"));
    Text code = read_file(beside(job->program, ".status"));
    int exit_wanted = code.data ? atoi(code.data) : 0;
    const char *why = NULL;
    char text[64];
    if (late) why = "ran past its time";
    else if (WIFSIGNALED(status)) snprintf(text, sizeof text, "killed by signal %d", WTERMSIG(status)), why = text;
    else if (WEXITSTATUS(status) != exit_wanted) snprintf(text, sizeof text, "exit status %d", WEXITSTATUS(status)), why = text;
    else if (out.length != wanted.length || memcmp(out.data, wanted.data, out.length)) why = "other output";
    for (char *line = lines.data ? strtok(lines.data, "\n") : NULL; line && !why; line = strtok(NULL, "\n"))
        if (!strstr(err.data, line)) why = "missing in standard error";
    if (why) {
        failed++;
        printf("FAILED %s:", job->program);
        for (char **word = commands[job->command]; *word; word++) printf(" %s", *word);
        printf(": %s\n", why);
        show("expected", wanted);
        show("output", out);
        show("standard error", err);
    } else {
        passed++;
    }
    fflush(stdout);
    free(out.data), free(err.data), free(wanted.data), free(lines.data), free(code.data);
    unlink(job->out);
    unlink(job->err);
    job->pid = 0;
}

static void reap(void) {
    for (;;) {
        for (int i = 0; i < parallel; i++) {
            Job *job = &jobs[i];
            if (!job->pid) continue;
            int status;
            if (waitpid(job->pid, &status, WNOHANG) == job->pid) {
                finish(job, status, false);
                return;
            }
            if (now() > job->deadline) {
                kill(-job->pid, SIGKILL);
                waitpid(job->pid, &status, 0);
                finish(job, status, true);
                return;
            }
        }
        poll(NULL, 0, 2);
    }
}

int main(int argc, char **argv) {
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && strcmp(argv[i], "--"); i++) {
        if (!strcmp(argv[i], "-j") && i + 1 < argc) parallel = atoi(argv[++i]);
        else if (!strcmp(argv[i], "-t") && i + 1 < argc) timeout_seconds = atoi(argv[++i]);
        else if (!strcmp(argv[i], "-p") && i + 1 < argc && sscanf(argv[i + 1], "%u/%u", &part, &parts) == 2 && parts) i++;
        else return fprintf(stderr, "usage: run [-j N] [-t SECONDS] [-p K/N] DIR ... -- COMMAND [ARG ...] [-- COMMAND ...]\n"), 2;
    }
    if (parallel < 1 || parallel > MAX_JOBS) parallel = 2;
    for (; i < argc && strcmp(argv[i], "--"); i++) find_programs(argv[i]);
    setenv("LC_ALL", "C.UTF-8", 1); // what is expected was written there
    while (i < argc && ncommands < MAX_COMMANDS) {
        argv[i++] = NULL; // the "--" ends the command before it
        commands[ncommands++] = &argv[i];
        while (i < argc && strcmp(argv[i], "--")) i++;
    }
    if (!ncommands) return fprintf(stderr, "run: no command\n"), 2;
    for (size_t p = part % parts; p < nprograms; p += parts)
        for (int c = 0; c < ncommands; c++) {
            int slot = -1;
            while (slot < 0) {
                for (int j = 0; j < parallel; j++)
                    if (!jobs[j].pid) slot = j;
                if (slot < 0) reap();
            }
            start(&jobs[slot], c, programs[p]);
        }
    for (int j = 0; j < parallel; j++)
        while (jobs[j].pid) reap();
    printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}
