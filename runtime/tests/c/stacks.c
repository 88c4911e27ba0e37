/* Bodies on threads with little stack, on signal handlers' stacks and at any depth: they find what
 * is promised, and who uses more dies at the guard. */
#include "own_stack.h"

#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* A body may use what is promised at any depth: also where the next one needs another piece. */
static void any_depth(void) {
    for (int levels = 0; levels < depth; levels += levels < 100 ? 1 : 97) {
        nest(levels);
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

static volatile int too_deep = 1 << 20;

static int overflow(int level) {
    volatile char frame[1024];
    frame[0] = (char)level;
    return (level < too_deep ? overflow(level + 1) : 0) + frame[0];
}

static Value overflows(Value ctx) {
    return rt_value_int(overflow(0)) + ctx;
}

/* On little stack, and so on one of the runtime's. */
static void *awaits_overflow(void *unused) {
    rt_value_release(rt_future_await(rt_future_new(RT_FN(overflows), rt_value_nil())));
    return unused;
}

/* Who uses more stack than there is dies at the guard. */
static void overflow_ends_at_the_guard(void) {
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        pthread_attr_t attributes;
        pthread_t thread;
        CHECK(pthread_attr_init(&attributes) == 0);
        CHECK(pthread_attr_setstacksize(&attributes, 64 << 10) == 0);
        CHECK(pthread_create(&thread, &attributes, awaits_overflow, NULL) == 0);
        pthread_join(thread, NULL);
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
    any_depth();
    threads_with_little_stack();
    signal_stacks();
    if (!is_small) {
        overflow_ends_at_the_guard();
    }
    rt_executor_shutdown();
    return 0;
}
