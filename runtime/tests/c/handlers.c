/*
 * Signal handlers: the few functions that one may call, while every other call is interrupted.
 * A handler that has work for the runtime wakes a thread by a semaphore, as the header says.
 */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/time.h>

static volatile sig_atomic_t signals;
static sem_t asked;

static void handler(int number) {
    int is_right = number == SIGALRM && rt_value_nil() != rt_value_bool(true);
    if (is_right && rt_coverage_enabled() && rt_runtime_version() != NULL && simple_runtime_abi_version() != 0)
        signals = signals + 1;
    sem_post(&asked);
}

static Value same(Value ctx) { return rt_value_retain(ctx); }

/* Does what the handler asks for, as often as it does. */
static void *answer(void *channel) {
    while (sem_wait(&asked) == 0 && rt_channel_is_closed(*(Value *)channel) == 0)
        CHECK(rt_executor_submit(RT_FN(same), rt_value_int(1)) > 0);
    return NULL;
}

/* Calls that take locks and memory. */
static void work(Value channel) {
    Value future = rt_future_new(RT_FN(same), channel);
    CHECK(rt_future_start(future) == 1);
    CHECK(rt_channel_send(channel, future) == 1);
    Value received = rt_channel_recv(channel);
    rt_value_release(rt_future_await(received));
    rt_value_release(received);
    rt_value_release(future);
    CHECK(rt_string_len(channel) == -1);
}

int main(int argc, char **argv) {
    const int enough = argc > 2 ? 20 : 200; /* signals; few if the program is run slowly */
    (void)argv;
    Value channel = rt_channel_new();
    pthread_t thread;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigset_t alarms;
    sigemptyset(&alarms);
    sigaddset(&alarms, SIGALRM);

    CHECK(sem_init(&asked, 0, 0) == 0);
    CHECK(sigaction(SIGALRM, &action, NULL) == 0);
    /* The signals are this thread's alone: it is what they interrupt. */
    pthread_sigmask(SIG_BLOCK, &alarms, NULL);
    CHECK(pthread_create(&thread, NULL, answer, &channel) == 0);
    rt_executor_start();
    pthread_sigmask(SIG_UNBLOCK, &alarms, NULL);

    struct itimerval often = {{0, 300}, {0, 300}}, never = {{0, 0}, {0, 0}};
    CHECK(setitimer(ITIMER_REAL, &often, NULL) == 0);
    while (signals < enough)
        work(channel);
    CHECK(setitimer(ITIMER_REAL, &never, NULL) == 0);

    rt_channel_close(channel);
    sem_post(&asked);
    CHECK(pthread_join(thread, NULL) == 0);
    rt_executor_shutdown();
    rt_value_release(channel);
    return 0;
}
