/*
 * lab_harness.h: makes functions of a C or C++ program workloads that `lab` can time.
 *
 * One file, C99 or C++11, Linux, no dependency but the C library. Include it in the one file that has
 * `main`, register questions and workloads, and call lab_main:
 *
 *     static uint64_t sum(void *state) { ... }
 *
 *     int main(int argc, char **argv) {
 *         lab_question("sum", "Which way of summing?", "way", "numbers", "number");
 *         lab_workload("loop", 1000, sum, &numbers, 499500);
 *         lab_workload("unrolled", 1000, sum_unrolled, &numbers, 499500);
 *         return lab_main(argc, argv);
 *     }
 *
 *     lab run --program ./program     times the alternatives in blocks, until they are told apart
 *     lab summary, lab report         show the answer
 *
 * A workload is a function that does its work once and returns a result, which is compared with the
 * right one after every iteration: work that nobody looks at is removed by compilers, and wrong work is
 * not worth a measurement. It is called again and again, always on the same thread.
 *
 * The language that this file speaks with `lab` is described in README.md beside it.
 */
#ifndef LAB_HARNESS_H
#define LAB_HARNESS_H

#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE 1
#endif

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

/* Most workloads of a program. */
#define LAB_MOST_WORKLOADS 512
/* Most bytes of a name, with its end. */
#define LAB_NAME_BYTES 256
/* Most samples of a measurement. */
#define LAB_MOST_SAMPLES 4096

/* Does the work once and returns its result. `state` is that of lab_workload. */
typedef uint64_t (*lab_function)(void *state);

/* A question: alternatives that do the same. All texts must outlive lab_main. */
struct lab_question_s {
    const char *id, *title, *series_axis, *x_axis, *item, *chosen;
};

/* A workload; see lab_workload. Fields may be changed after lab_workload has returned it. */
struct lab_workload_s {
    const struct lab_question_s *question;
    const char *alternative;
    /* Why it is measured, for readers. */
    const char *reason;
    uint64_t x;
    lab_function run;
    void *state;
    uint64_t expected;
    /* Items that an iteration processes: times are shown for one. 1 unless set. */
    uint64_t items;
    /* Bytes that an iteration processes, or 0. */
    uint64_t bytes;
    /* Threads that compute at the same time. 1 unless set. */
    uint32_t threads;
    /* Nonzero for somebody else's code, to compare with. */
    int peer;
    /* Called once before the first iteration, if it is set; returns the state. */
    void *(*prepare)(void *state);
};

static struct lab_question_s lab_questions[LAB_MOST_WORKLOADS];
static struct lab_workload_s lab_workloads[LAB_MOST_WORKLOADS];
static size_t lab_question_count, lab_workload_count;
static struct lab_workload_s *lab_prepared;
static int lab_replies = -1;
static int lab_all_served = 1;

/* Ends the program with a message: it is written wrongly. */
static void lab_wrong(const char *message) {
    fprintf(stderr, "lab_harness: %s\n", message);
    exit(2);
}

/*
 * Begins a question: `id` names it (`sum`), `title` asks it, `series_axis` is what is chosen (`way`),
 * `x_axis` the number that varies (`numbers`), `item` what an iteration processes (`number`).
 * The workloads that follow belong to it.
 */
static struct lab_question_s *lab_question(const char *id, const char *title,
                                           const char *series_axis, const char *x_axis,
                                           const char *item) {
    struct lab_question_s *question;
    if (lab_question_count == LAB_MOST_WORKLOADS) lab_wrong("more questions than fit");
    question = &lab_questions[lab_question_count++];
    question->id = id;
    question->title = title;
    question->series_axis = series_axis;
    question->x_axis = x_axis;
    question->item = item;
    question->chosen = NULL;
    return question;
}

/*
 * Adds a workload to the latest question. Its name is `question/alternative/x`. `expected` is the
 * result of `run`. The first alternative of a question is its default; set `chosen` of the question to
 * the name of another. Returns the workload, whose other fields may be set.
 */
static struct lab_workload_s *lab_workload(const char *alternative, uint64_t x, lab_function run,
                                           void *state, uint64_t expected) {
    struct lab_workload_s *workload;
    struct lab_question_s *question;
    if (lab_question_count == 0) lab_wrong("lab_question comes before lab_workload");
    if (lab_workload_count == LAB_MOST_WORKLOADS) lab_wrong("more workloads than fit");
    question = &lab_questions[lab_question_count - 1];
    if (question->chosen == NULL) question->chosen = alternative;
    workload = &lab_workloads[lab_workload_count++];
    memset(workload, 0, sizeof *workload);
    workload->question = question;
    workload->alternative = alternative;
    workload->reason = "an alternative";
    workload->x = x;
    workload->run = run;
    workload->state = state;
    workload->expected = expected;
    workload->items = 1;
    workload->threads = 1;
    return workload;
}

static void lab_name(const struct lab_workload_s *workload, char name[LAB_NAME_BYTES]) {
    int length = snprintf(name, LAB_NAME_BYTES, "%s/%s/%" PRIu64, workload->question->id,
                          workload->alternative, workload->x);
    if (length < 0 || length >= LAB_NAME_BYTES) lab_wrong("the name of a workload is too long");
}

/* ---- Replies: a JSON value a line. ---- */

struct lab_line {
    char *text;
    size_t length, capacity;
};

static void lab_put(struct lab_line *line, const char *text) {
    size_t more = strlen(text);
    if (line->length + more + 1 > line->capacity) {
        line->capacity = (line->length + more + 1) * 2;
        line->text = (char *)realloc(line->text, line->capacity);
        if (line->text == NULL) lab_wrong("no memory for a reply");
    }
    memcpy(line->text + line->length, text, more + 1);
    line->length += more;
}

static void lab_put_number(struct lab_line *line, const char *before, uint64_t number) {
    char text[32];
    snprintf(text, sizeof text, "%" PRIu64, number);
    lab_put(line, before);
    lab_put(line, text);
}

static void lab_put_string(struct lab_line *line, const char *text) {
    char escaped[8];
    lab_put(line, "\"");
    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;
        if (byte == '"' || byte == '\\') {
            snprintf(escaped, sizeof escaped, "\\%c", byte);
        } else if (byte < 0x20) {
            snprintf(escaped, sizeof escaped, "\\u%04x", byte);
        } else {
            snprintf(escaped, sizeof escaped, "%c", byte);
        }
        lab_put(line, escaped);
    }
    lab_put(line, "\"");
}

static void lab_send(struct lab_line *line) {
    size_t sent = 0;
    lab_put(line, "\n");
    while (sent < line->length) {
        ssize_t wrote = write(lab_replies, line->text + sent, line->length - sent);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote <= 0) exit(2);
        sent += (size_t)wrote;
    }
    free(line->text);
}

static void lab_reply(const char *json) {
    struct lab_line line = {NULL, 0, 0};
    lab_put(&line, json);
    lab_send(&line);
}

static void lab_fail(const char *why) {
    struct lab_line line = {NULL, 0, 0};
    lab_all_served = 0;
    lab_put(&line, "{\"reply\":\"failed\",\"why\":");
    lab_put_string(&line, why);
    lab_put(&line, "}");
    lab_send(&line);
}

/* ---- Requests: the value of a key, wherever it stands in the line. ---- */

/* The end of a string that begins at `at`, a quote; NULL if it does not end. */
static const char *lab_string_end(const char *at) {
    for (at++; *at != '\0' && *at != '"'; at++) {
        if (*at == '\\' && at[1] != '\0') at++;
    }
    return *at == '"' ? at : NULL;
}

/* The value of `key`; NULL if there is none. A string is a key if a colon follows it. */
static const char *lab_value(const char *line, const char *key) {
    size_t length = strlen(key);
    while (*line != '\0') {
        const char *end, *after;
        if (*line != '"') {
            line++;
            continue;
        }
        end = lab_string_end(line);
        if (end == NULL) return NULL;
        after = end + 1 + strspn(end + 1, " \t");
        if (*after == ':' && (size_t)(end - line - 1) == length &&
            memcmp(line + 1, key, length) == 0) {
            return after + 1 + strspn(after + 1, " \t");
        }
        line = end + 1;
    }
    return NULL;
}

static int lab_text(const char *line, const char *key, char *out, size_t capacity) {
    const char *at = lab_value(line, key), *end;
    size_t length = 0;
    if (at == NULL || *at != '"' || (end = lab_string_end(at)) == NULL) return 0;
    for (at++; at < end; at++) {
        /* No name has the other escapes, which stand for control characters. */
        if (*at == '\\' && strchr("\"\\/", *++at) == NULL) return 0;
        if (length + 1 >= capacity) return 0;
        out[length++] = *at;
    }
    out[length] = '\0';
    return 1;
}

static uint64_t lab_number(const char *line, const char *key, uint64_t otherwise) {
    const char *at = lab_value(line, key);
    return at != NULL && *at >= '0' && *at <= '9' ? strtoull(at, NULL, 10) : otherwise;
}

/* ---- Measuring. ---- */

static uint64_t lab_now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static struct rusage lab_usage(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage;
}

/* Runs iterations and adds up their time. Returns 0, after a reply, if a result is wrong. */
static int lab_iterate(uint64_t iterations, uint64_t *elapsed_ns) {
    const struct lab_workload_s *workload = lab_prepared;
    uint64_t result = workload->expected, wrong = 0, began = lab_now_ns(), i;
    char why[128];
    for (i = 0; i < iterations; i++) {
        result = workload->run(workload->state);
        if (result != workload->expected) {
            wrong = result;
            break;
        }
    }
    *elapsed_ns = lab_now_ns() - began;
    if (i == iterations) return 1;
    snprintf(why, sizeof why, "the result is %" PRIu64 ", but %" PRIu64 " is right", wrong,
             workload->expected);
    lab_fail(why);
    return 0;
}

/* Functions that tools look for by these names: the measured part of a repetition, and the one
 * iteration that valgrind counts. */
#if defined(__cplusplus)
extern "C" {
#endif
__attribute__((noinline, used)) int simple_bench_measured(uint64_t iterations, uint64_t *ns);
__attribute__((noinline, used)) int simple_bench_measured(uint64_t iterations, uint64_t *ns) {
    int is_right = lab_iterate(iterations, ns);
    /* Keeps the call from being the function's last act, which would take it off the stack. */
    __asm__ volatile("" ::: "memory");
    return is_right;
}
__attribute__((noinline, used)) uint64_t simple_bench_counted(lab_function run, void *state);
__attribute__((noinline, used)) uint64_t simple_bench_counted(lab_function run, void *state) {
    uint64_t result = run(state);
    __asm__ volatile("" ::: "memory");
    return result;
}
#if defined(__cplusplus)
}
#endif

/* Runs for at least `at_least_ns` and says how long an iteration takes. */
static int lab_warm_up(uint64_t at_least_ns, double *iteration_ns) {
    uint64_t batch = 1, iterations = 0, spent_ns = 0, ns;
    do {
        if (!lab_iterate(batch, &ns)) return 0;
        iterations += batch;
        spent_ns += ns;
        if (ns < at_least_ns / 8) batch *= 2;
    } while (spent_ns < at_least_ns);
    *iteration_ns = spent_ns == 0 ? 1.0 : (double)spent_ns / (double)iterations;
    return 1;
}

static void lab_put_work(struct lab_line *line) {
    lab_put_number(line, "\"items\":", lab_prepared->items);
    if (lab_prepared->bytes > 0) lab_put_number(line, ",\"bytes\":", lab_prepared->bytes);
    lab_put_number(line, ",\"threads\":", lab_prepared->threads);
}

/* Times of workloads with several threads need a moment until the threads are where they stay. */
static void lab_measure(const char *request) {
    uint64_t warm_up_ms = lab_number(request, "warm_up_ms", 2);
    uint64_t measurement_ms = lab_number(request, "measurement_ms", 6);
    uint64_t samples = lab_number(request, "samples", 10), iterations, total_ns, i;
    double iteration_ns, sample_ns;
    long switches = lab_usage().ru_nivcsw;
    struct lab_line line = {NULL, 0, 0};
    char instrument[32];
    if (!lab_text(request, "instrument", instrument, sizeof instrument) ||
        strcmp(instrument, "wall") != 0) {
        lab_fail("this harness has the instrument wall alone");
        return;
    }
    if (lab_prepared->threads > 1) {
        if (warm_up_ms < 10) warm_up_ms = 10;
        if (measurement_ms < 15) measurement_ms = 15;
    }
    if (samples < 1) samples = 1;
    if (samples > LAB_MOST_SAMPLES) samples = LAB_MOST_SAMPLES;
    if (!lab_warm_up(warm_up_ms * 1000000u, &iteration_ns)) return;
    sample_ns = (double)measurement_ms * 1e6 / (double)samples;
    if (iteration_ns > 4.0 * sample_ns && samples > 4) samples = 4;
    iterations = iteration_ns < sample_ns ? (uint64_t)(sample_ns / iteration_ns) : 1;
    lab_put(&line, "{\"reply\":\"measured\",");
    lab_put_work(&line);
    lab_put(&line, ",\"outcome\":{\"samples\":{\"samples\":[");
    for (i = 0; i < samples; i++) {
        if (!lab_iterate(iterations, &total_ns)) {
            free(line.text);
            return;
        }
        lab_put_number(&line, i == 0 ? "{\"iterations\":" : ",{\"iterations\":", iterations);
        lab_put_number(&line, ",\"total_ns\":", total_ns);
        lab_put(&line, ".0}");
    }
    lab_put(&line, "],\"discarded\":0,\"residency\":null,\"layout\":null}}");
    lab_put_number(&line, ",\"involuntary_switches\":",
                   (uint64_t)(lab_usage().ru_nivcsw - switches));
    lab_put(&line, "}");
    lab_send(&line);
}

static void lab_time(const char *request) {
    uint64_t iterations = lab_number(request, "iterations", 1), total_ns, i;
    uint64_t samples = lab_number(request, "samples", 1);
    struct rusage before, after;
    struct lab_line line = {NULL, 0, 0};
    if (!lab_iterate(1, &total_ns)) return;
    before = lab_usage();
    lab_put(&line, "{\"reply\":\"timed\",\"totals_ns\":[");
    for (i = 0; i < samples; i++) {
        if (!lab_iterate(iterations, &total_ns)) {
            free(line.text);
            return;
        }
        lab_put_number(&line, i == 0 ? "" : ",", total_ns);
        lab_put(&line, ".0");
    }
    after = lab_usage();
    lab_put_number(&line, "],\"page_faults_minor\":", (uint64_t)(after.ru_minflt - before.ru_minflt));
    lab_put_number(&line, ",\"involuntary_switches\":",
                   (uint64_t)(after.ru_nivcsw - before.ru_nivcsw));
    lab_put(&line, "}");
    lab_send(&line);
}

static void lab_repeat(const char *request) {
    uint64_t iterations = lab_number(request, "iterations", 0), began, ns;
    uint64_t for_ms = lab_number(request, "for_ms", 0);
    double iteration_ns;
    struct lab_line line = {NULL, 0, 0};
    if (iterations == 0) {
        if (!lab_warm_up(1000000u, &iteration_ns)) return;
        iterations = (uint64_t)((double)for_ms * 1e6 / iteration_ns) + 1;
    }
    began = lab_now_ns();
    if (!simple_bench_measured(iterations, &ns)) return;
    lab_put_number(&line, "{\"reply\":\"repeated\",\"iterations\":", iterations);
    lab_put_number(&line, ",\"measured_ns\":", ns);
    lab_put_number(&line, ",\"windows\":[[", began);
    lab_put_number(&line, ",", began + ns);
    lab_put(&line, "]],\"counters\":{}}");
    lab_send(&line);
}

static void lab_prepare(const char *request) {
    char wanted[LAB_NAME_BYTES], name[LAB_NAME_BYTES], why[LAB_NAME_BYTES + 64];
    uint64_t ns;
    size_t i;
    struct lab_line line = {NULL, 0, 0};
    lab_prepared = NULL;
    if (!lab_text(request, "workload", wanted, sizeof wanted)) {
        lab_fail("the request names no workload");
        return;
    }
    for (i = 0; i < lab_workload_count && lab_prepared == NULL; i++) {
        lab_name(&lab_workloads[i], name);
        if (strcmp(name, wanted) == 0) lab_prepared = &lab_workloads[i];
    }
    if (lab_prepared == NULL) {
        snprintf(why, sizeof why, "no workload is called '%s'", wanted);
        lab_fail(why);
        return;
    }
    if (lab_prepared->prepare != NULL) {
        lab_prepared->state = lab_prepared->prepare(lab_prepared->state);
        lab_prepared->prepare = NULL;
    }
    if (!lab_iterate(1, &ns)) {
        lab_prepared = NULL;
        return;
    }
    lab_put(&line, "{\"reply\":\"prepared\",");
    lab_put_work(&line);
    lab_put(&line, "}");
    lab_send(&line);
}

static void lab_put_axes(struct lab_line *line, const struct lab_question_s *question,
                         const char *alternative) {
    lab_put(line, "[[");
    lab_put_string(line, question->series_axis);
    lab_put(line, ",{\"text\":");
    lab_put_string(line, alternative);
    lab_put(line, "}]");
}

static void lab_put_question(struct lab_line *line, const struct lab_question_s *question) {
    lab_put(line, "{\"comparison\":{\"id\":");
    lab_put_string(line, question->id);
    lab_put(line, ",\"title\":");
    lab_put_string(line, question->title);
    lab_put(line, ",\"explanation\":\"\",\"x_axis\":");
    lab_put_string(line, question->x_axis);
    lab_put(line, ",\"x_scale\":\"log\",\"series_axis\":");
    lab_put_string(line, question->series_axis);
    lab_put(line, ",\"defaults\":");
    lab_put_axes(line, question, question->chosen == NULL ? "" : question->chosen);
    lab_put(line, "],\"item\":");
    lab_put_string(line, question->item);
    lab_put(line, ",\"display\":\"time_per_item\"},\"workloads\":[");
}

static void lab_put_workload(struct lab_line *line, const struct lab_workload_s *workload) {
    char name[LAB_NAME_BYTES];
    lab_name(workload, name);
    lab_put(line, "{\"workload\":");
    lab_put_string(line, name);
    lab_put(line, ",\"comparison\":");
    lab_put_string(line, workload->question->id);
    lab_put(line, ",\"reason\":");
    lab_put_string(line, workload->reason);
    lab_put(line, ",\"axes\":");
    lab_put_axes(line, workload->question, workload->alternative);
    lab_put(line, ",[");
    lab_put_string(line, workload->question->x_axis);
    lab_put_number(line, ",{\"count\":", workload->x);
    lab_put(line, "}]],\"peer\":");
    lab_put(line, workload->peer ? "true" : "false");
    lab_put(line, ",\"effort\":\"quick\",\"instruments\":[\"wall\"],\"gating\":\"always\"}");
}

static void lab_catalogue(void) {
    struct lab_line line = {NULL, 0, 0};
    size_t q, w;
    lab_put(&line, "{\"reply\":\"catalogue\",\"families\":[");
    for (q = 0; q < lab_question_count; q++) {
        int is_first = 1;
        if (q > 0) lab_put(&line, ",");
        lab_put_question(&line, &lab_questions[q]);
        for (w = 0; w < lab_workload_count; w++) {
            if (lab_workloads[w].question != &lab_questions[q]) continue;
            if (!is_first) lab_put(&line, ",");
            is_first = 0;
            lab_put_workload(&line, &lab_workloads[w]);
        }
        lab_put(&line, "]}");
    }
    lab_put(&line, "]}");
    lab_send(&line);
}

static void lab_serve(const char *line) {
    char request[32];
    double iteration_ns;
    uint64_t ns;
    if (!lab_text(line, "request", request, sizeof request)) {
        lab_fail("a line names no request");
    } else if (strcmp(request, "catalogue") == 0) {
        lab_catalogue();
    } else if (strcmp(request, "prepare") == 0) {
        lab_prepare(line);
    } else if (lab_prepared == NULL) {
        lab_fail("no workload is prepared");
    } else if (strcmp(request, "measure") == 0) {
        lab_measure(line);
    } else if (strcmp(request, "check") == 0) {
        if (lab_iterate(2, &ns)) lab_reply("{\"reply\":\"right\"}");
    } else if (strcmp(request, "warm_up") == 0) {
        char text[96];
        if (!lab_warm_up(lab_number(line, "at_least_ns", 0), &iteration_ns)) return;
        snprintf(text, sizeof text, "{\"reply\":\"warmed_up\",\"iteration_ns\":%.3f}", iteration_ns);
        lab_reply(text);
    } else if (strcmp(request, "time") == 0) {
        lab_time(line);
    } else if (strcmp(request, "count") == 0) {
        if (simple_bench_counted(lab_prepared->run, lab_prepared->state) == lab_prepared->expected) {
            lab_reply("{\"reply\":\"counted\"}");
        } else {
            lab_fail("the result is wrong");
        }
    } else if (strcmp(request, "repeat") == 0) {
        lab_repeat(line);
    } else {
        lab_fail("this harness does not know the request");
    }
}

/* Names are those of one workload each, and can be requested. */
static void lab_ensure_names(void) {
    char one[LAB_NAME_BYTES], other[LAB_NAME_BYTES];
    size_t i, j;
    for (i = 0; i < lab_workload_count; i++) {
        lab_name(&lab_workloads[i], one);
        for (j = 0; one[j] != '\0'; j++) {
            if ((unsigned char)one[j] < 0x20) lab_wrong("a name has a control character");
        }
        for (j = 0; j < i; j++) {
            lab_name(&lab_workloads[j], other);
            if (strcmp(one, other) == 0) lab_wrong("two workloads have the same name");
        }
    }
}

/*
 * Serves requests, if `lab` started the program; says how to use it otherwise. Returns the exit code.
 * Prints of workloads go to the standard error, because the standard output is for replies; their
 * standard input is empty.
 */
static int lab_main(int argc, char **argv) {
    FILE *requests;
    char *line = NULL;
    size_t capacity = 0;
    lab_ensure_names();
    if (argc != 2 || strcmp(argv[1], "serve") != 0) {
        fprintf(stderr, "%s is measured by: lab run --program %s\n", argv[0], argv[0]);
        return 2;
    }
    /* A harness whose conductor is gone has nothing to do. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    lab_replies = dup(STDOUT_FILENO);
    if (lab_replies < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        lab_wrong("the standard output cannot be set aside");
    }
    /* A workload that reads its standard input must not take requests. */
    requests = fdopen(dup(STDIN_FILENO), "r");
    if (requests == NULL || freopen("/dev/null", "r", stdin) == NULL) {
        lab_wrong("the standard input cannot be set aside");
    }
    lab_reply("{\"reply\":\"ready\"}");
    while (getline(&line, &capacity, requests) > 0) lab_serve(line);
    free(line);
    return lab_all_served ? 0 : 1;
}

#endif
