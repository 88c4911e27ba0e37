/* Calls from the last moments of threads that the program made: destructors of POSIX keys, in
 * every round of them, after whatever else a thread has for its end. */
#define _GNU_SOURCE
#include "check.h"

#include <pthread.h>
#include <semaphore.h>

enum { ROUNDS = 4 };

/* What a thread does at its end. */
typedef struct {
    void (*act)(void);
    int rounds_before;
} End;

static pthread_key_t key;

static void destructor(void *data) {
    End *end = data;
    if (end->rounds_before-- > 0) {
        CHECK(pthread_setspecific(key, end) == 0);
        return;
    }
    end->act();
}

static Value echo(Value ctx) {
    return rt_value_retain(ctx);
}

static sem_t may_end;

static Value ends_when_told(Value ctx) {
    sem_wait(&may_end);
    return rt_value_retain(ctx);
}

/* Ends the body above when somebody waits for it: nobody can see that, so some time later. */
static void *tells_later(void *unused) {
    rt_thread_sleep(5);
    sem_post(&may_end);
    return unused;
}

static Value running(void) {
    Value future = rt_future_new(RT_FN(ends_when_told), rt_value_int(7));
    CHECK(rt_future_start(future) == 1);
    while (rt_future_state(future) != 2) {
        rt_thread_yield();
    }
    return future;
}

static void tell_later(void) {
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, tells_later, NULL) == 0);
    CHECK(pthread_detach(thread) == 0);
}

static void awaits(void) {
    Value future = rt_future_new(RT_FN(echo), rt_value_int(1));
    CHECK(gives_int(rt_future_await(future), 1));
    rt_value_release(future);
}

static void awaits_what_runs(void) {
    Value future = running();
    tell_later();
    CHECK(gives_int(rt_future_await(future), 7));
    rt_value_release(future);
}

static void awaits_for_some_time(void) {
    Value future = running();
    CHECK(rt_future_await_timeout(future, 5) == 0);
    tell_later();
    CHECK(rt_future_await_timeout(future, INT64_MAX) == 1);
    rt_value_release(future);
}

static void awaits_all_and_the_first(void) {
    for (int is_race = 0; is_race < 2; is_race++) {
        Value futures = rt_array_new(1), future = running();
        CHECK(rt_array_push(futures, future));
        tell_later();
        if (is_race) {
            CHECK(gives_int(rt_future_race(futures), 7));
        } else {
            Value results = rt_future_all(futures);
            CHECK(gives_int(rt_array_get(results, 0), 7));
            rt_value_release(results);
        }
        rt_value_release(future);
        rt_value_release(futures);
    }
}

static void receives(void) {
    Value channel = rt_channel_new();
    CHECK(rt_value_is_nil(rt_channel_recv_timeout(channel, 5)));
    CHECK(rt_channel_send(channel, rt_value_int(3)) == 1);
    CHECK(gives_int(rt_channel_recv(channel), 3));
    rt_value_release(channel);
}

static void submits_and_starts(void) {
    CHECK(rt_executor_submit(RT_FN(echo), rt_value_int(1)) > 0);
    rt_executor_start();
    RtExecutorStats stats;
    CHECK(rt_executor_stats(&stats) == 1 && stats.submitted > 0);
}

static void has_a_thread(void) {
    uint64_t thread = rt_thread_spawn_isolated(RT_FN(echo), rt_value_int(4));
    CHECK(thread != 0);
    CHECK(gives_int(rt_thread_join(thread), 4));
    rt_thread_free(thread);
    rt_thread_sleep(1);
    rt_thread_yield();
}

static void loads_files(void) {
    Value path = text("/proc/self/exe");
    for (int strategy = 0; strategy <= 8; strategy++) {
        for (int is_started = 0; is_started < 2; is_started++) {
            int64_t file = native_async_file_create(path, 0, strategy);
            CHECK(file != 0);
            if (is_started) {
                native_async_file_start_loading(file);
            }
            CHECK(!gives_int(native_async_file_wait(file), 0));
            CHECK(native_async_file_close(file) == 1);
        }
    }
    rt_value_release(path);
}

static void fails(void) {
    CHECK_FAILS("rt_string_len", rt_string_len(rt_value_int(1)) == -1);
}

static void probes(void) {
    rt_coverage_decision_probe(1, true, "a.spl", 1, 1);
    rt_coverage_path_probe(1, 0);
    rt_coverage_path_finalize(1);
    char *dump = rt_coverage_dump_sdn();
    CHECK(dump != NULL);
    rt_coverage_free_sdn(dump);
}

static void (*const ACTS[])(void) = {
    awaits, awaits_what_runs, awaits_for_some_time, awaits_all_and_the_first, receives,
    submits_and_starts, has_a_thread, loads_files, fails, probes,
};
enum { COUNT = sizeof ACTS / sizeof *ACTS };

static void *only_ends(void *end) {
    CHECK(pthread_setspecific(key, end) == 0);
    return NULL;
}

/* Has used everything before, so that everything has something to clean up, and Rust's standard
 * library has its own: what that makes anew in a destructor it loses, some bytes a thread. */
static void *acts_and_ends(void *end) {
    for (int i = 0; i < COUNT; i++) {
        ACTS[i]();
    }
    return only_ends(end);
}

static void thread(void *(*body)(void *), End *end, size_t stack_bytes) {
    pthread_attr_t attributes;
    pthread_t thread;
    CHECK(pthread_attr_init(&attributes) == 0);
    CHECK(pthread_attr_setstacksize(&attributes, stack_bytes) == 0);
    CHECK(pthread_create(&thread, &attributes, body, end) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    pthread_attr_destroy(&attributes);
}

int main(int argc, char **argv) {
    bool is_small = argc > 2 && strcmp(argv[2], "small") == 0;
    CHECK(sem_init(&may_end, 0, 0) == 0);
    CHECK(pthread_key_create(&key, destructor) == 0);
    if (is_small) {
        for (int act = 0; act < COUNT; act++) {
            End end = {ACTS[act], act % ROUNDS};
            thread(acts_and_ends, &end, 128 << 10);
        }
        rt_executor_shutdown();
        return 0;
    }
    for (int act = 0; act < COUNT; act++) {
        for (int rounds_before = 0; rounds_before < ROUNDS; rounds_before++) {
            End ends[] = {{ACTS[act], rounds_before}, {ACTS[act], rounds_before},
                          {ACTS[act], rounds_before}};
            thread(only_ends, &ends[0], 1 << 20);
            /* With little stack the thread has a piece of the runtime's to give back. */
            thread(only_ends, &ends[1], 128 << 10);
            thread(acts_and_ends, &ends[2], 128 << 10);
        }
    }
    rt_executor_shutdown();
    return 0;
}
