/*
 * What the test programs about stacks share: stacks with a margin that nobody may write to, and
 * chains of awaits. To be included first.
 */
#ifndef OWN_STACK_H
#define OWN_STACK_H

#define _GNU_SOURCE
#include "check.h"

#include <sys/mman.h>

enum { GUARDED = 1 << 20, PATTERN = 0x5a, PROMISED = 256 << 10 };

/* Valgrind tells a change of stacks from a large frame by the distance: more than 2,000,000 bytes.
 * So nothing else lies nearer than this. */
enum { APART = 2 << 20 };

/* How deep to nest. */
static int depth = 1000;

/* A stack between two stretches of memory that nobody may write to. */
typedef struct {
    unsigned char *memory;
    size_t bytes;
} Stack;

static inline Stack stack_new(size_t bytes) {
    void *mapping = mmap(NULL, bytes + 2 * (APART + GUARDED), PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(mapping != MAP_FAILED);
    Stack stack = {(unsigned char *)mapping + APART, bytes};
    memset(stack.memory, PATTERN, GUARDED);
    memset(stack.memory + GUARDED + bytes, PATTERN, GUARDED);
    return stack;
}

static inline void *stack_start(Stack stack) {
    return stack.memory + GUARDED;
}

static inline void stack_check_and_free(Stack stack) {
    for (size_t i = 0; i < GUARDED; i++) {
        CHECK(stack.memory[i] == PATTERN);
        CHECK(stack.memory[GUARDED + stack.bytes + i] == PATTERN);
    }
    munmap(stack.memory - APART, stack.bytes + 2 * (APART + GUARDED));
}

static inline void use_stack(size_t bytes) {
    volatile unsigned char frame[bytes];
    for (size_t i = bytes; i > 0; i -= i < 512 ? i : 512) {
        frame[i - 1] = 1;
    }
    CHECK(frame[bytes - 1] == 1);
}

static inline Value uses_all_that_is_promised(Value ctx) {
    use_stack(PROMISED - 1024);
    return rt_value_retain(ctx);
}

/* Awaits its context and adds one. */
static inline Value one_more(Value ctx) {
    use_stack(2048);
    Value inner = rt_future_await(ctx);
    CHECK(rt_value_is_int(inner));
    return rt_value_int(rt_value_as_int(inner) + 1);
}

/* Awaits a chain whose innermost body uses all the stack that it may. */
static inline void nest(int levels) {
    Value future = rt_future_new(RT_FN(uses_all_that_is_promised), rt_value_int(0));
    for (int i = 0; i < levels; i++) {
        Value outer = rt_future_new(RT_FN(one_more), future);
        rt_value_release(future);
        future = outer;
    }
    CHECK(gives_int(rt_future_await(future), levels));
    rt_value_release(future);
}

#endif
