/* Async files: every function, every strategy, and what bad input gets. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <fcntl.h>
#include <pthread.h>
#include <sys/stat.h>

enum { WAITERS = 4, STRATEGIES = 9, SIZE = 100001 };

static const char *folder;

static const char *in_folder(const char *name) {
    static char path[4096];
    int len = snprintf(path, sizeof path, "%s/%s", folder, name);
    CHECK(len > 0 && (size_t)len < sizeof path);
    return path;
}

static unsigned char byte_at(size_t place) {
    return (unsigned char)(place * 31 + place / 4096);
}

static void write_file(const char *path, size_t size) {
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    for (size_t i = 0; i < size; i++) {
        CHECK(putc(byte_at(i), file) != EOF);
    }
    CHECK(fclose(file) == 0);
}

static int64_t create(const char *path, int32_t mode, int32_t prefault) {
    Value name = text(path);
    int64_t file = native_async_file_create(name, mode, prefault);
    rt_value_release(name);
    return file;
}

/* The bytes at the address that a wait returns. */
static const unsigned char *bytes_of(int64_t file) {
    Value address = native_async_file_wait(file);
    const unsigned char *bytes = (const unsigned char *)(uintptr_t)rt_value_as_int(address);
    rt_value_release(address);
    return bytes;
}

static void check_bytes(int64_t file) {
    const unsigned char *bytes = bytes_of(file);
    CHECK(bytes != NULL && native_async_file_get_size(file) == SIZE);
    for (size_t i = 0; i < SIZE; i++) {
        CHECK(bytes[i] == byte_at(i));
    }
}

static void every_strategy(const char *path) {
    for (int32_t strategy = RT_PREFAULT_NONE; strategy < STRATEGIES; strategy++) {
        int64_t waited = create(path, O_RDONLY, strategy);
        int64_t started = create(path, O_RDWR, strategy);
        CHECK(waited > 0 && started > 0 && waited != started);
        CHECK_ANSWERS(native_async_file_get_state(waited) == RT_FILE_STATE_PENDING);
        CHECK_ANSWERS(native_async_file_is_ready(waited) == 0);
        CHECK_ANSWERS(native_async_file_get_size(waited) == -1);
        CHECK_ANSWERS((native_async_file_start_loading(started), true));
        CHECK_ANSWERS((native_async_file_start_loading(started), true));
        int32_t state = native_async_file_get_state(started);
        CHECK(state == RT_FILE_STATE_LOADING || state == RT_FILE_STATE_READY);
        check_bytes(waited);
        check_bytes(started);
        CHECK_ANSWERS(native_async_file_get_state(started) == RT_FILE_STATE_READY);
        CHECK_ANSWERS(native_async_file_is_ready(started) == 1);
        CHECK_ANSWERS(rt_value_is_nil(native_async_file_get_error(started)));
        CHECK_ANSWERS((native_async_file_start_loading(started), true));
        CHECK(native_async_file_close(waited) == 1 && native_async_file_close(started) == 1);
    }
}

static void no_bytes_and_unknown_sizes(void) {
    const char *path = in_folder("empty");
    write_file(path, 0);
    for (int32_t strategy = 0; strategy < STRATEGIES; strategy++) {
        int64_t empty = create(path, O_RDONLY, strategy);
        CHECK(bytes_of(empty) != NULL && native_async_file_get_size(empty) == 0);
        CHECK(native_async_file_is_ready(empty) == 1);
        CHECK(native_async_file_close(empty) == 1);
        /* The system says that these have no bytes, and yet they have. */
        int64_t proc = create("/proc/self/status", O_RDONLY, strategy);
        const unsigned char *bytes = bytes_of(proc);
        CHECK(native_async_file_get_size(proc) > 5 && memcmp(bytes, "Name:", 5) == 0);
        CHECK(native_async_file_close(proc) == 1);
    }
}

static void *wait_for_it(void *file) {
    check_bytes(*(int64_t *)file);
    return NULL;
}

static void many_waiters(const char *path) {
    int64_t file = create(path, O_RDONLY, RT_PREFAULT_TOUCH);
    pthread_t threads[WAITERS];
    for (int i = 0; i < WAITERS; i++) {
        CHECK(pthread_create(&threads[i], NULL, wait_for_it, &file) == 0);
    }
    native_async_file_start_loading(file);
    while (native_async_file_is_ready(file) == 0) {
        async_yield();
    }
    for (int i = 0; i < WAITERS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(native_async_file_close(file) == 1);
}

/* Loading `path` fails, and the error names the path and `reason`. */
static void check_failure(const char *path, int32_t mode, const char *reason) {
    int64_t file = create(path, mode, RT_PREFAULT_AUTO);
    CHECK(file > 0);
    CHECK_FAILS("native_async_file_wait", gives_int(native_async_file_wait(file), 0));
    CHECK(strstr(rt_last_error(), reason) != NULL);
    CHECK_ANSWERS(native_async_file_get_state(file) == RT_FILE_STATE_FAILED);
    CHECK_ANSWERS(native_async_file_is_ready(file) == 0);
    CHECK_ANSWERS(native_async_file_get_size(file) == -1);
    Value error = native_async_file_get_error(file);
    CHECK(strstr(rt_string_data(error), path) != NULL);
    CHECK(strstr(rt_string_data(error), reason) != NULL);
    rt_value_release(error);
    CHECK(native_async_file_close(file) == 1);
}

static void what_cannot_be_loaded(const char *path) {
    check_failure(path, O_WRONLY, "write-only");
    check_failure(folder, O_RDONLY, "directory");
    check_failure(in_folder("missing"), O_RDONLY, "No such file");
    const char *fifo = in_folder("fifo");
    CHECK(mkfifo(fifo, 0600) == 0);
    check_failure(fifo, O_RDONLY, "FIFO");
}

static void refused(const char *path) {
    Value nul = rt_string_new("a\0b", 3);
    CHECK_FAILS("native_async_file_create", native_async_file_create(nul, 0, 0) == 0);
    rt_value_release(nul);
    CHECK_FAILS("native_async_file_create", native_async_file_create(rt_value_nil(), 0, 0) == 0);
    CHECK_FAILS("native_async_file_create", native_async_file_create(rt_value_int(1), 0, 0) == 0);
    CHECK_FAILS("native_async_file_create", create(path, 0, -1) == 0);
    CHECK_FAILS("native_async_file_create", create(path, 0, STRATEGIES) == 0);
    CHECK_FAILS("native_async_file_create", create(path, O_RDWR | O_CREAT, 0) == 0);
    CHECK_FAILS("native_async_file_create", create(path, O_RDWR | O_TRUNC, 0) == 0);
    CHECK_FAILS("native_async_file_create", create(path, O_RDWR | O_APPEND, 0) == 0);
    struct stat status;
    CHECK(stat(path, &status) == 0 && status.st_size == SIZE);
}

/* A name that is no UTF-8, and without a NUL byte where it ends. */
static void names_of_any_bytes(const char *path) {
    char odd[4096 + 4];
    int len = snprintf(odd, sizeof odd, "%s/\xff\xfe", folder);
    CHECK(len > 0 && rename(path, odd) == 0);
    odd[len] = 'x';
    int64_t file = native_async_file_create_bytes(odd, (uint64_t)len, O_RDONLY, RT_PREFAULT_AUTO);
    CHECK(file > 0);
    check_bytes(file);
    CHECK(native_async_file_close(file) == 1);
    odd[len] = 0;
    CHECK(rename(odd, path) == 0);
    /* No such file: known when it is loaded. */
    int64_t missing = native_async_file_create_bytes(odd, (uint64_t)len, O_RDONLY, 0);
    int64_t nameless = native_async_file_create_bytes(NULL, 0, O_RDONLY, 0);
    CHECK(missing > 0 && nameless > 0);
    CHECK_FAILS("native_async_file_wait", gives_int(native_async_file_wait(missing), 0));
    CHECK_FAILS("native_async_file_wait", gives_int(native_async_file_wait(nameless), 0));
    CHECK(native_async_file_close(missing) == 1 && native_async_file_close(nameless) == 1);
#define REFUSED(path, len, mode, prefault)                                                        \
    CHECK_FAILS("native_async_file_create_bytes",                                                 \
                native_async_file_create_bytes(path, len, mode, prefault) == 0)
    REFUSED("a\0b", 3, 0, 0);
    REFUSED(NULL, 1, 0, 0);
    REFUSED(path, UINT64_MAX, 0, 0);
    REFUSED(path, strlen(path), 0, STRATEGIES);
    REFUSED(path, strlen(path), 0, -1);
    REFUSED(path, strlen(path), O_RDWR | O_TRUNC, 0);
#undef REFUSED
}

static void bad_handles(const char *path) {
    int64_t stale = create(path, O_RDONLY, RT_PREFAULT_COPY);
    check_bytes(stale);
    CHECK(native_async_file_close(stale) == 1);
    const int64_t bad[] = {stale, 0, -1, INT64_MIN, INT64_MAX, stale + 1, 1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        int64_t file = bad[i];
        CHECK_FAILS("native_async_file_start_loading",
                    (native_async_file_start_loading(file), true));
        CHECK_FAILS("native_async_file_is_ready", native_async_file_is_ready(file) == 0);
        CHECK_FAILS("native_async_file_get_state", native_async_file_get_state(file) == 3);
        CHECK_FAILS("native_async_file_wait", gives_int(native_async_file_wait(file), 0));
        CHECK_FAILS("native_async_file_get_size", native_async_file_get_size(file) == -1);
        CHECK_FAILS("native_async_file_get_error",
                    rt_value_is_nil(native_async_file_get_error(file)));
        CHECK_FAILS("native_async_file_close", native_async_file_close(file) == 0);
    }
}

/* Also while a loader is at it. */
static void closing_early(const char *path) {
    for (int i = 0; i < 50; i++) {
        int64_t never_loaded = create(path, O_RDONLY, RT_PREFAULT_AUTO);
        CHECK(native_async_file_close(never_loaded) == 1);
        int64_t loading = create(path, O_RDONLY, RT_PREFAULT_COPY);
        native_async_file_start_loading(loading);
        CHECK(native_async_file_close(loading) == 1);
    }
}

int main(int argc, char **argv) {
    CHECK(argc > 1);
    folder = argv[1];
    char path[4096];
    strcpy(path, in_folder("data"));
    write_file(path, SIZE);
    every_strategy(path);
    no_bytes_and_unknown_sizes();
    many_waiters(path);
    what_cannot_be_loaded(path);
    refused(path);
    names_of_any_bytes(path);
    bad_handles(path);
    closing_early(path);
    return 0;
}
