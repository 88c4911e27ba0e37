/*
 * What the runtime is meant to show, at full size:
 *
 *   shown FILE DEPTH PROBES
 *
 * awaits DEPTH futures inside of each other on one worker, loads FILE with every strategy,
 * and counts the PROBES of each of eight threads.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>

enum { THREADS = 8, STRATEGIES = 9 };

static int64_t probes;

static Value depth_below(Value ctx) {
    int64_t left = rt_value_as_int(ctx);
    if (left == 0) {
        return rt_value_int(0);
    }
    Value inner = rt_future_new(RT_FN(depth_below), rt_value_int(left - 1));
    Value depth = rt_future_await(inner);
    rt_value_release(inner);
    return rt_value_int(rt_value_as_int(depth) + 1);
}

static void nested_awaits(int64_t depth) {
    rt_executor_set_workers(1);
    Value future = rt_future_new(RT_FN(depth_below), rt_value_int(depth));
    /* With a limit, so that the worker runs it, and not this thread. */
    CHECK(rt_future_await_timeout(future, INT64_MAX) == 1);
    CHECK(gives_int(rt_future_get_result(future), depth));
    rt_value_release(future);
    rt_executor_shutdown();
    printf("%lld nested awaits\n", (long long)depth);
}

/* The file, read as C does it. */
static char *read_file(const char *path, int64_t *size) {
    FILE *file = fopen(path, "rb");
    CHECK(file != NULL && fseek(file, 0, SEEK_END) == 0);
    *size = ftell(file);
    char *bytes = (char *)malloc((size_t)*size);
    CHECK(bytes != NULL && fseek(file, 0, SEEK_SET) == 0);
    CHECK(fread(bytes, 1, (size_t)*size, file) == (size_t)*size && fclose(file) == 0);
    return bytes;
}

static void every_strategy(const char *path) {
    int64_t size;
    char *expected = read_file(path, &size);
    Value name = text(path);
    for (int32_t strategy = 0; strategy < STRATEGIES; strategy++) {
        int64_t file = native_async_file_create(name, 0, strategy);
        native_async_file_start_loading(file);
        Value address = native_async_file_wait(file);
        CHECK(native_async_file_get_size(file) == size);
        const char *bytes = (const char *)(uintptr_t)rt_value_as_int(address);
        CHECK(bytes != NULL && memcmp(bytes, expected, (size_t)size) == 0);
        rt_value_release(address);
        CHECK(native_async_file_close(file) == 1);
    }
    rt_value_release(name);
    free(expected);
    printf("%lld bytes, %d strategies\n", (long long)size, STRATEGIES);
}

static void *probe(void *unused) {
    for (int64_t i = 0; i < probes; i++) {
        rt_coverage_decision_probe(1, i % 4 == 0, "shown.spl", 1, 1);
    }
    return unused;
}

static void exact_counts(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, probe, NULL) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    char row[128];
    snprintf(row, sizeof row, "    1, shown.spl, 1, 1, %lld, %lld\n",
             (long long)(THREADS * probes / 4), (long long)(THREADS * probes * 3 / 4));
    char *dump = rt_coverage_dump_sdn();
    CHECK(strstr(dump, row) != NULL);
    rt_coverage_free_sdn(dump);
    printf("%d x %lld probes\n", THREADS, (long long)probes);
}

int main(int argc, char **argv) {
    CHECK(argc == 4);
    probes = number(argv[3]);
    nested_awaits(number(argv[2]));
    every_strategy(argv[1]);
    exact_counts();
    return 0;
}
