/* Bodies that coroutines await: on stacks that the program made, which are never written beyond,
 * left in the middle and come back to in any order and on any thread. */
#include "own_stack.h"

#include <pthread.h>
#include <ucontext.h>

/* A coroutine that runs code with data, and can leave it in the middle. */
typedef struct {
    ucontext_t inside, outside;
    Stack stack;
    void (*code)(void *data);
    void *data;
    bool is_over;
} Coroutine;

static void coroutine_main(unsigned high, unsigned low) {
    Coroutine *self = (Coroutine *)((uintptr_t)high << 16 << 16 | low);
    self->code(self->data);
    self->is_over = true;
    swapcontext(&self->inside, &self->outside);
}

static Coroutine *coroutine_new(size_t bytes, void (*code)(void *), void *data) {
    Coroutine *self = calloc(1, sizeof *self);
    CHECK(self != NULL && getcontext(&self->inside) == 0);
    self->stack = stack_new(bytes);
    self->code = code;
    self->data = data;
    self->inside.uc_stack.ss_sp = stack_start(self->stack);
    self->inside.uc_stack.ss_size = bytes;
    makecontext(&self->inside, (void (*)(void))coroutine_main, 2,
                (unsigned)((uintptr_t)self >> 16 >> 16), (unsigned)(uintptr_t)self);
    return self;
}

static void enter(Coroutine *self) {
    CHECK(!self->is_over && swapcontext(&self->outside, &self->inside) == 0);
}

static void leave(Coroutine *self) {
    CHECK(swapcontext(&self->inside, &self->outside) == 0);
}

static void coroutine_free(Coroutine *self) {
    CHECK(self->is_over);
    stack_check_and_free(self->stack);
    free(self);
}

static void nests(void *levels) {
    nest(*(int *)levels);
}

static const size_t SIZES[] = {16 << 10, 64 << 10, 256 << 10, 1 << 20};

static void coroutines_nest(void) {
    int levels[] = {0, 1, 7, depth};
    for (size_t i = 0; i < sizeof SIZES / sizeof *SIZES; i++) {
        for (size_t j = 0; j < sizeof levels / sizeof *levels; j++) {
            Coroutine *coroutine = coroutine_new(SIZES[i], nests, &levels[j]);
            enter(coroutine);
            coroutine_free(coroutine);
        }
    }
}

/* What coroutines that take turns have in common. */
typedef struct {
    Coroutine *coroutine;
    int64_t number;
} Turn;

/* Awaits, leaves, and awaits again, inside of a body that is awaited itself. */
static Value takes_turns(Value ctx) {
    Turn *turn = (Turn *)(uintptr_t)rt_value_as_int(ctx);
    nest(3);
    leave(turn->coroutine);
    nest(5);
    leave(turn->coroutine);
    nest(2);
    return rt_value_int(turn->number);
}

static void awaits_turns(void *data) {
    Turn *turn = data;
    Value future = rt_future_new(RT_FN(takes_turns), rt_value_int((int64_t)(uintptr_t)turn));
    Value outer = rt_future_new(RT_FN(one_more), future);
    rt_value_release(future);
    CHECK(gives_int(rt_future_await(outer), turn->number + 1));
    rt_value_release(outer);
}

enum { COROUTINES = 20 };

/* They come back in another order than they left, and in between others await. */
static void coroutines_take_turns(void) {
    Turn turns[COROUTINES];
    for (int i = 0; i < COROUTINES; i++) {
        turns[i].number = i;
        turns[i].coroutine = coroutine_new(SIZES[i % 3], awaits_turns, &turns[i]);
        enter(turns[i].coroutine);
        nest(4);
    }
    for (int step = 1; step <= 2; step++) {
        for (int i = 0; i < COROUTINES; i++) {
            enter(turns[i * 7 % COROUTINES].coroutine);
            nest(i % 3);
        }
    }
    for (int i = 0; i < COROUTINES; i++) {
        coroutine_free(turns[i].coroutine);
    }
}

static void *enters(void *coroutine) {
    enter(coroutine);
    return NULL;
}

/* Each part of it runs on another thread, which then ends. */
static void coroutines_change_threads(void) {
    Turn turns[COROUTINES];
    for (int i = 0; i < COROUTINES; i++) {
        turns[i].number = i;
        turns[i].coroutine = coroutine_new(SIZES[i % 3], awaits_turns, &turns[i]);
    }
    for (int step = 0; step < 3; step++) {
        for (int i = 0; i < COROUTINES; i++) {
            pthread_t thread;
            int place = step == 1 ? COROUTINES - 1 - i : i;
            CHECK(pthread_create(&thread, NULL, enters, turns[place].coroutine) == 0);
            CHECK(pthread_join(thread, NULL) == 0);
        }
    }
    for (int i = 0; i < COROUTINES; i++) {
        coroutine_free(turns[i].coroutine);
    }
}

static Value ring;

static Value awaits_itself(Value ctx) {
    return rt_future_await(ring), rt_value_retain(ctx);
}

static void awaits_a_ring(void *data) {
    (void)data;
    ring = rt_future_new(RT_FN(awaits_itself), rt_value_nil());
    CHECK(rt_value_is_nil(rt_future_await(ring)));
    CHECK(rt_future_state(ring) == 4);
    rt_value_release(ring);
}

static void coroutines_are_told_of_rings(void) {
    Coroutine *coroutine = coroutine_new(16 << 10, awaits_a_ring, NULL);
    enter(coroutine);
    coroutine_free(coroutine);
}

static Value target(uint64_t argc, const Value *argv) {
    CHECK(argc == 1);
    use_stack(PROMISED - 1024);
    return rt_value_retain(argv[0]);
}

static Value advice(void *context, uint64_t argc, const Value *argv) {
    CHECK(argc == 1);
    use_stack(2048);
    Turn *turn = (Turn *)(uintptr_t)rt_value_as_int(argv[0]);
    if (turn->coroutine != NULL) {
        leave(turn->coroutine);
    }
    return rt_aop_proceed(context);
}

static void invokes(void *data) {
    RtAopAdvice advices[200];
    for (int i = 0; i < 200; i++) {
        advices[i] = advice;
    }
    Value argument = rt_value_int((int64_t)(uintptr_t)data);
    uint64_t count = ((Turn *)data)->coroutine == NULL ? 200 : 2;
    Value result = rt_aop_invoke_around(target, advices, count, 1, &argument);
    CHECK(rt_value_as_int(result) == rt_value_as_int(argument));
}

static void coroutines_invoke_around(void) {
    Turn alone = {NULL, 0};
    Coroutine *coroutine = coroutine_new(16 << 10, invokes, &alone);
    enter(coroutine);
    coroutine_free(coroutine);

    /* Advices of one leave in the middle of those of another. */
    Turn turns[3];
    for (int i = 0; i < 3; i++) {
        turns[i].coroutine = coroutine_new(64 << 10, invokes, &turns[i]);
    }
    for (int step = 0; step < 3; step++) {
        for (int i = 0; i < 3; i++) {
            enter(turns[(i + step) % 3].coroutine);
        }
    }
    for (int i = 0; i < 3; i++) {
        coroutine_free(turns[i].coroutine);
    }
}

static void polls(void *data) {
    Value future = rt_future_new(RT_FN(uses_all_that_is_promised), rt_value_int(1));
    CHECK(rt_value_is_nil(rt_future_await(future)));
    CHECK(rt_executor_submit(RT_FN(uses_all_that_is_promised), rt_value_int(2)) > 0);
    *(int64_t *)data = rt_executor_poll() + rt_executor_poll_all();
    CHECK(gives_int(rt_future_await(future), 1));
    rt_value_release(future);
    CHECK(rt_executor_submit(RT_FN(uses_all_that_is_promised), rt_value_int(3)) > 0);
    rt_executor_shutdown();
}

static void coroutines_poll(void) {
    rt_executor_shutdown();
    CHECK(rt_executor_set_mode(1) == 1);
    int64_t ran = 0;
    Coroutine *coroutine = coroutine_new(64 << 10, polls, &ran);
    enter(coroutine);
    coroutine_free(coroutine);
    CHECK(ran == 2 && rt_executor_get_mode() == 0);
}

int main(int argc, char **argv) {
    if (argc > 2 && strcmp(argv[2], "small") == 0) {
        depth = 60;
    }
    coroutines_nest();
    coroutines_take_turns();
    coroutines_change_threads();
    coroutines_are_told_of_rings();
    coroutines_invoke_around();
    coroutines_poll();
    rt_executor_shutdown();
    return 0;
}
