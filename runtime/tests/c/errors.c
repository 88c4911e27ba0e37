/* The last error and the versions. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>

static void *nothing_failed_here(void *unused) {
    CHECK(strcmp(rt_last_error(), "") == 0);
    CHECK(rt_array_len(rt_value_nil()) == -1);
    CHECK(strncmp(rt_last_error(), "rt_array_len: ", 14) == 0);
    return unused;
}

static void each_thread_has_its_own(void) {
    CHECK(rt_string_len(rt_value_nil()) == -1);
    const char *mine = rt_last_error();
    pthread_t thread;
    CHECK(pthread_create(&thread, NULL, nothing_failed_here, NULL) == 0);
    CHECK(pthread_join(thread, NULL) == 0);
    CHECK(rt_last_error() == mine && strncmp(mine, "rt_string_len: ", 15) == 0);
}

static void stays_until_the_next_failure(void) {
    CHECK(rt_value_as_int(rt_value_nil()) == 0);
    const char *message = rt_last_error();
    CHECK(strcmp(message, "rt_value_as_int: needs a value of type int, not nil") == 0);
    CHECK(rt_value_as_int(rt_value_int(3)) == 3);
    Value array = rt_array_new(0);
    CHECK(rt_value_is_nil(rt_array_pop(array)));
    rt_value_release(array);
    CHECK(rt_last_error() == message);
    CHECK(rt_string_len(rt_value_nil()) == -1);
    CHECK(strncmp(rt_last_error(), "rt_string_len: ", 15) == 0);
}

static void versions(void) {
    uint32_t abi = simple_runtime_abi_version();
    CHECK(abi >> 16 == 1);
    const char *version = rt_runtime_version();
    int major, minor, patch, end = 0;
    CHECK(sscanf(version, "%d.%d.%d%n", &major, &minor, &patch, &end) == 3);
    CHECK(version[end] == '\0' && version == rt_runtime_version());
}

int main(void) {
    CHECK(strcmp(rt_last_error(), "") == 0);
    each_thread_has_its_own();
    stays_until_the_next_failure();
    versions();
    return 0;
}
