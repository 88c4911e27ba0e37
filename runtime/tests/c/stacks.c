/* Bodies on stacks of every kind: small ones, those that the program made itself (coroutines,
 * signal handlers), and their ends, which are never written beyond. */
#define _GNU_SOURCE
#include "check.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

enum { GUARDED = 1 << 20, PATTERN = 0x5a, PROMISED = 256 << 10 };

/* How deep to nest. */
static int depth = 1000;

/* A stack between two stretches of memory that nobody may write to. */
typedef struct {
    unsigned char *memory;
    size_t bytes;
} Stack;

static Stack stack_new(size_t bytes) {
    Stack stack = {mmap(NULL, bytes + 2 * GUARDED, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), bytes};
    CHECK(stack.memory != MAP_FAILED);
    memset(stack.memory, PATTERN, GUARDED);
    memset(stack.memory + GUARDED + bytes, PATTERN, GUARDED);
    return stack;
}

static void *stack_start(Stack stack) {
    return stack.memory + GUARDED;
}

static void stack_check_and_free(Stack stack) {
    for (size_t i = 0; i < GUARDED; i++) {
        CHECK(stack.memory[i] == PATTERN);
        CHECK(stack.memory[GUARDED + stack.bytes + i] == PATTERN);
    }
    munmap(stack.memory, stack.bytes + 2 * GUARDED);
}

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

static void use_stack(size_t bytes) {
    volatile unsigned char frame[bytes];
    for (size_t i = bytes; i > 0; i -= i < 512 ? i : 512) {
        frame[i - 1] = 1;
    }
    CHECK(frame[bytes - 1] == 1);
}

static Value uses_all_that_is_promised(Value ctx) {
    use_stack(PROMISED - 1024);
    return rt_value_retain(ctx);
}

/* Awaits its context and adds one. */
static Value one_more(Value ctx) {
    use_stack(2048);
    Value inner = rt_future_await(ctx);
    CHECK(rt_value_is_int(inner));
    return rt_value_int(rt_value_as_int(inner) + 1);
}

/* Awaits a chain whose innermost body uses all the stack that it may. */
static void nest(int levels) {
    Value future = rt_future_new(RT_FN(uses_all_that_is_promised), rt_value_int(0));
    for (int i = 0; i < levels; i++) {
        Value outer = rt_future_new(RT_FN(one_more), future);
        rt_value_release(future);
        future = outer;
    }
    CHECK(gives_int(rt_future_await(future), levels));
    rt_value_release(future);
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

/* A body may use what is promised at any depth: also where the next one needs another piece. */
static void any_depth(void) {
    for (int levels = 0; levels < depth; levels += levels < 100 ? 1 : 97) {
        nest(levels);
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

static void *nests_on_thread(void *levels) {
    nest(*(int *)levels);
    return NULL;
}

static void threads_with_little_stack(void) {
    const size_t sizes[] = {PTHREAD_STACK_MIN, 64 << 10, 128 << 10, 256 << 10, 320 << 10};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        for (int is_ours = 0; is_ours < 2; is_ours++) {
            Stack stack = stack_new(sizes[i]);
            pthread_attr_t attributes;
            CHECK(pthread_attr_init(&attributes) == 0);
            if (is_ours) {
                CHECK(pthread_attr_setstack(&attributes, stack_start(stack), sizes[i]) == 0);
            } else {
                CHECK(pthread_attr_setstacksize(&attributes, sizes[i]) == 0);
            }
            pthread_t thread;
            CHECK(pthread_create(&thread, &attributes, nests_on_thread, &depth) == 0);
            CHECK(pthread_join(thread, NULL) == 0);
            pthread_attr_destroy(&attributes);
            stack_check_and_free(stack);
        }
    }
}

static volatile sig_atomic_t handled;

/* Raised where nothing of the runtime runs, so it may be called. */
static void handler(int number) {
    (void)number;
    nest(20);
    handled = 1;
}

static void signal_stacks(void) {
    Stack stack = stack_new(64 << 10);
    stack_t alternate = {0}, before;
    alternate.ss_sp = stack_start(stack);
    alternate.ss_size = stack.bytes;
    CHECK(sigaltstack(&alternate, &before) == 0);
    struct sigaction action = {0};
    action.sa_handler = handler;
    action.sa_flags = SA_ONSTACK;
    CHECK(sigaction(SIGUSR1, &action, NULL) == 0);
    CHECK(raise(SIGUSR1) == 0 && handled);
    CHECK(sigaltstack(&before, NULL) == 0);
    stack_check_and_free(stack);
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

static volatile int too_deep = 1 << 20;

static int overflow(int level) {
    volatile char frame[1024];
    frame[0] = (char)level;
    return (level < too_deep ? overflow(level + 1) : 0) + frame[0];
}

static Value overflows(Value ctx) {
    return rt_value_int(overflow(0)) + ctx;
}

static void awaits_overflow(void *data) {
    (void)data;
    rt_value_release(rt_future_await(rt_future_new(RT_FN(overflows), rt_value_nil())));
}

/* Who uses more stack than there is dies at the guard. */
static void overflow_ends_at_the_guard(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        enter(coroutine_new(64 << 10, awaits_overflow, NULL));
        _exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
}

int main(int argc, char **argv) {
    bool is_small = argc > 2 && strcmp(argv[2], "small") == 0;
    if (is_small) {
        depth = 60;
    }
    coroutines_nest();
    any_depth();
    coroutines_take_turns();
    coroutines_change_threads();
    coroutines_are_told_of_rings();
    coroutines_invoke_around();
    threads_with_little_stack();
    signal_stacks();
    coroutines_poll();
    if (!is_small) {
        overflow_ends_at_the_guard();
    }
    rt_executor_shutdown();
    return 0;
}
