/*
 * What the test programs share: checks that name their place, and short ways to make values.
 */
#ifndef CHECK_H
#define CHECK_H

#include "simple_runtime.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Ends the program with the place of the first thing that is not as it should be. */
#define CHECK(condition)                                                                      \
    do {                                                                                      \
        if (!(condition)) {                                                                   \
            fprintf(stderr, "%s:%d: %s\n(last error: %s)\n", __FILE__, __LINE__, #condition,  \
                    rt_last_error());                                                         \
            exit(1);                                                                          \
        }                                                                                     \
    } while (0)

/* `condition` holds of a call that fails, and that leaves a message which names it. */
#define CHECK_FAILS(call, condition)                                                          \
    do {                                                                                      \
        leave_another_message();                                                              \
        CHECK(condition);                                                                     \
        CHECK(strncmp(rt_last_error(), call ": ", strlen(call ": ")) == 0);                   \
        CHECK(strcmp(rt_last_error(), another_message) != 0);                                 \
    } while (0)

/* `condition` holds of a call that does not fail, and so leaves the last message alone. */
#define CHECK_ANSWERS(condition)                                                              \
    do {                                                                                      \
        leave_another_message();                                                              \
        CHECK(condition);                                                                     \
        CHECK(strcmp(rt_last_error(), another_message) == 0);                                 \
    } while (0)

static const char another_message[] = "rt_array_new: no room for 18446744073709551615 items";

static inline void leave_another_message(void) {
    rt_array_new(UINT64_MAX);
}

static inline Value text(const char *bytes) {
    return rt_string_new(bytes, strlen(bytes));
}

/* Whether `value` is the string `expected`. */
static inline bool is_text(Value value, const char *expected) {
    int64_t len = rt_string_len(value);
    return len == (int64_t)strlen(expected)
           && memcmp(rt_string_data(value), expected, (size_t)len) == 0;
}

/* As is_text, for a new reference, which is given back. */
static inline bool gives_text(Value value, const char *expected) {
    bool is = is_text(value, expected);
    rt_value_release(value);
    return is;
}

/* Whether a new reference is the integer `expected`; it is given back. */
static inline bool gives_int(Value value, int64_t expected) {
    bool is = rt_value_is_int(value) && rt_value_as_int(value) == expected;
    rt_value_release(value);
    return is;
}

/* A number among the program's arguments. */
static inline int64_t number(const char *argument) {
    return (int64_t)strtoll(argument, NULL, 10);
}

#endif
