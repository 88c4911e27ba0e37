/*
 * Forks while other threads start and end threads, and load files: in the child all of that works,
 * and the parent's threads are stale.
 */
#define _GNU_SOURCE
#include "check.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* If a child hangs: nothing else ends it. */
enum { CHILD_SECONDS = 120, BUSY = 4, FORKS = 200 };

static char small_file[4096], large_file[4096];

static Value give_back(Value data) {
    return rt_value_retain(data);
}

static Value wait_at_gate(Value gate) {
    rt_value_release(rt_channel_recv(gate));
    return rt_value_int(7);
}

static void write_file(char *path, const char *folder, const char *name, size_t size) {
    int len = snprintf(path, sizeof small_file, "%s/%s", folder, name);
    CHECK(len > 0 && (size_t)len < sizeof small_file);
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL && fseek(file, (long)size - 1, SEEK_SET) == 0);
    CHECK(putc('!', file) == '!' && fclose(file) == 0);
}

static void use_threads(void) {
    uint64_t threads[3];
    for (int i = 0; i < 3; i++) {
        threads[i] = rt_thread_spawn_isolated(RT_FN(give_back), rt_value_int(i));
        CHECK(threads[i] != 0 && rt_thread_id(threads[i]) > 0);
    }
    for (int i = 0; i < 3; i++) {
        CHECK(gives_int(rt_thread_join(threads[i]), i));
        CHECK(rt_thread_is_done(threads[i]) == 1);
        rt_thread_free(threads[i]);
    }
}

static void load(const char *path, int32_t strategy, bool waits) {
    Value name = text(path);
    int64_t file = native_async_file_create(name, 0, strategy);
    rt_value_release(name);
    CHECK(file > 0);
    native_async_file_start_loading(file);
    while (!waits && native_async_file_is_ready(file) == 0) {
        async_yield();
    }
    CHECK(rt_value_as_int(native_async_file_wait(file)) != 0);
    CHECK(native_async_file_close(file) == 1);
}

static void use_files(void) {
    load(small_file, RT_PREFAULT_AUTO, true);
    load(small_file, RT_PREFAULT_AUTO, false);
    load(large_file, RT_PREFAULT_PARALLEL_TOUCH, true);
    load(large_file, RT_PREFAULT_AUTO, true);
}

static int done;

static void *busy(void *index) {
    while (__atomic_load_n(&done, __ATOMIC_RELAXED) == 0) {
        if (*(int *)index % 2 == 0) {
            use_threads();
        } else {
            use_files();
        }
    }
    return NULL;
}

static void check_stale(uint64_t thread) {
    CHECK_FAILS("rt_thread_join", rt_value_is_nil(rt_thread_join(thread)));
    CHECK_FAILS("rt_thread_is_done", rt_thread_is_done(thread) == 1);
    CHECK_FAILS("rt_thread_id", rt_thread_id(thread) == 0);
    CHECK_FAILS("rt_thread_free", (rt_thread_free(thread), true));
}

/* One that runs, one that has ended, one that is joined, one that is freed. */
enum { PARENTS = 4 };
static uint64_t parents[PARENTS];

static void check_all_stale(void) {
    for (int i = 0; i < PARENTS; i++) {
        check_stale(parents[i]);
    }
}

static void in_child(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(CHILD_SECONDS);
        check_all_stale();
        use_threads();
        use_files();
        check_all_stale();
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child && status == 0);
}

int main(int argc, char **argv) {
    CHECK(argc > 1);
    write_file(small_file, argv[1], "small", 100);
    write_file(large_file, argv[1], "large", 8 << 20);
    Value gate = rt_channel_new();
    parents[0] = rt_thread_spawn_isolated(RT_FN(wait_at_gate), gate);
    for (int i = 1; i < PARENTS; i++) {
        parents[i] = rt_thread_spawn_isolated(RT_FN(give_back), rt_value_int(i));
    }
    while (rt_thread_is_done(parents[1]) == 0) {
        rt_thread_yield();
    }
    CHECK(gives_int(rt_thread_join(parents[2]), 2));
    rt_thread_free(parents[3]);
    pthread_t threads[BUSY];
    int numbers[BUSY];
    for (int i = 0; i < BUSY; i++) {
        numbers[i] = i;
        CHECK(pthread_create(&threads[i], NULL, busy, &numbers[i]) == 0);
    }
    for (int i = 0; i < FORKS; i++) {
        in_child();
    }
    __atomic_store_n(&done, 1, __ATOMIC_RELAXED);
    for (int i = 0; i < BUSY; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(rt_channel_close(gate) == 1);
    CHECK(gives_int(rt_thread_join(parents[0]), 7));
    CHECK(gives_int(rt_thread_join(parents[1]), 1));
    for (int i = 0; i < PARENTS - 1; i++) {
        rt_thread_free(parents[i]);
    }
    rt_value_release(gate);
    return 0;
}
