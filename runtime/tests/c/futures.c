/* Futures on the thread pool: every function, and what bad input gets. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>

enum { AWAITERS = 4 };

static Value twice(Value ctx) {
    return rt_value_int(2 * rt_value_as_int(ctx));
}

static Value same(Value ctx) {
    return rt_value_retain(ctx);
}

/* Says on the channel that it ran. */
static Value tell(Value ctx) {
    CHECK(rt_channel_send(ctx, rt_value_int(1)) == 1);
    return text("told");
}

/* Says on the first channel that it runs, and returns what it receives on the second. */
static Value gate(Value ctx) {
    Value started = rt_array_get(ctx, 0), opened = rt_array_get(ctx, 1);
    CHECK(rt_channel_send(started, rt_value_nil()) == 1);
    Value value = rt_channel_recv(opened);
    rt_value_release(started);
    rt_value_release(opened);
    return value;
}

static Value sum_to(Value ctx) {
    int64_t n = rt_value_as_int(ctx);
    if (n == 0) {
        return rt_value_int(0);
    }
    Value inner = rt_future_new(RT_FN(sum_to), rt_value_int(n - 1));
    Value rest = rt_future_await(inner);
    rt_value_release(inner);
    return rt_value_int(n + rt_value_as_int(rest));
}

/* Awaits the future in the array: itself. */
static Value await_itself(Value ctx) {
    Value future = rt_array_get(ctx, 0);
    leave_another_message();
    CHECK(rt_value_is_nil(rt_future_await(future)));
    CHECK(strstr(rt_last_error(), "awaits itself") != NULL);
    rt_value_release(future);
    return text("nobody gets this");
}

/* A running future, and the channel that lets it end. */
static Value running(Value *opened) {
    Value ctx = rt_array_new(2), started = rt_channel_new();
    *opened = rt_channel_new();
    CHECK(rt_array_push(ctx, started) && rt_array_push(ctx, *opened));
    Value future = rt_future_new(RT_FN(gate), ctx);
    CHECK(rt_future_start(future) == 1);
    rt_value_release(rt_channel_recv(started));
    rt_value_release(ctx);
    rt_value_release(started);
    return future;
}

static void lazy(void) {
    Value channel = rt_channel_new();
    Value future = rt_future_new(RT_FN(tell), channel);
    CHECK(strcmp(rt_value_type_name(future), "future") == 0);
    CHECK_ANSWERS(rt_future_state(future) == RT_FUTURE_STATE_PENDING);
    CHECK_ANSWERS(rt_future_is_ready(future) == 0);
    CHECK_ANSWERS(rt_value_is_nil(rt_future_get_result(future)));
    CHECK_ANSWERS(rt_value_is_nil(rt_future_error(future)));
    CHECK(rt_value_is_nil(rt_channel_try_recv(channel)));

    CHECK_ANSWERS(gives_text(rt_future_await(future), "told"));
    CHECK(rt_future_state(future) == RT_FUTURE_STATE_FULFILLED);
    CHECK(rt_future_is_ready(future) == 1);
    CHECK(gives_text(rt_future_get_result(future), "told"));
    CHECK(gives_text(rt_future_await(future), "told"));
    CHECK_ANSWERS(rt_future_start(future) == 0 && rt_future_cancel(future) == 0);
    CHECK_ANSWERS(rt_future_await_timeout(future, 0) == 1);
    CHECK(gives_int(rt_channel_recv(channel), 1));
    CHECK(rt_value_is_nil(rt_channel_try_recv(channel)));
    rt_value_release(future);
    rt_value_release(channel);
}

static void context_is_kept_until_the_body_has_run(void) {
    Value ctx = text("context");
    Value run = rt_future_new(RT_FN(same), ctx), dropped = rt_future_new(RT_FN(same), ctx);
    rt_value_release(ctx);
    CHECK(gives_text(rt_future_await(run), "context"));
    rt_value_release(run);
    rt_value_release(dropped);
}

static void without_body(void) {
    Value awaited = rt_future_new(0, rt_value_nil()), started = rt_future_new(0, rt_value_nil());
    CHECK_ANSWERS(rt_value_is_nil(rt_future_await(awaited)));
    CHECK_ANSWERS(rt_future_start(started) == 1);
    CHECK(rt_future_state(awaited) == 3 && rt_future_state(started) == 3);
    rt_value_release(awaited);
    rt_value_release(started);
}

static void *await_told(void *future) {
    CHECK(gives_text(rt_future_await(*(Value *)future), "told"));
    return NULL;
}

static void body_runs_once(void) {
    Value channel = rt_channel_new();
    Value future = rt_future_new(RT_FN(tell), channel);
    pthread_t threads[AWAITERS];
    for (int i = 0; i < AWAITERS; i++) {
        CHECK(pthread_create(&threads[i], NULL, await_told, &future) == 0);
    }
    for (int i = 0; i < AWAITERS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(gives_int(rt_channel_try_recv(channel), 1));
    CHECK(rt_value_is_nil(rt_channel_try_recv(channel)));
    rt_value_release(future);
    rt_value_release(channel);
}

static void ready_ones(void) {
    Value value = text("value");
    Value resolved = rt_future_resolve(value), rejected = rt_future_reject(value);
    rt_value_release(value);
    CHECK(rt_future_state(resolved) == RT_FUTURE_STATE_FULFILLED);
    CHECK(gives_text(rt_future_await(resolved), "value"));
    CHECK_ANSWERS(rt_value_is_nil(rt_future_error(resolved)));
    CHECK(rt_future_state(rejected) == RT_FUTURE_STATE_REJECTED);
    CHECK_ANSWERS(rt_value_is_nil(rt_future_await(rejected)));
    CHECK_ANSWERS(rt_value_is_nil(rt_future_get_result(rejected)));
    CHECK(rt_future_is_ready(rejected) == 1);
    CHECK(gives_text(rt_future_error(rejected), "value"));
    rt_value_release(resolved);
    rt_value_release(rejected);
}

static void running_ones(void) {
    Value opened, future = running(&opened);
    CHECK(rt_future_state(future) == RT_FUTURE_STATE_RUNNING);
    CHECK_ANSWERS(rt_future_start(future) == 0);
    CHECK_ANSWERS(rt_future_cancel(future) == 0);
    CHECK_ANSWERS(rt_future_await_timeout(future, 0) == 0);
    CHECK_ANSWERS(rt_future_await_timeout(future, -1) == 0);
    CHECK_ANSWERS(rt_future_await_timeout(future, 1) == 0);
    CHECK(rt_channel_send(opened, rt_value_int(9)) == 1);
    CHECK_ANSWERS(rt_future_await_timeout(future, INT64_MAX) == 1);
    CHECK(gives_int(rt_future_get_result(future), 9));
    rt_value_release(future);
    rt_value_release(opened);
}

static void cancelling(void) {
    rt_executor_shutdown();
    rt_executor_set_workers(1);
    Value opened, busy = running(&opened);
    Value pending = rt_future_new(RT_FN(twice), rt_value_int(1));
    Value queued = rt_future_new(RT_FN(twice), rt_value_int(1));
    /* The only worker is busy, so it stays queued. */
    CHECK(rt_future_start(queued) == 1 && rt_future_state(queued) == RT_FUTURE_STATE_QUEUED);
    const Value both[] = {pending, queued};
    for (int i = 0; i < 2; i++) {
        CHECK_ANSWERS(rt_future_cancel(both[i]) == 1);
        CHECK(rt_future_state(both[i]) == RT_FUTURE_STATE_REJECTED);
        CHECK_ANSWERS(rt_value_is_nil(rt_future_await(both[i])));
        CHECK(gives_text(rt_future_error(both[i]), "cancelled"));
        CHECK_ANSWERS(rt_future_cancel(both[i]) == 0);
        rt_value_release(both[i]);
    }
    CHECK(rt_channel_close(opened) == 1);
    CHECK(rt_value_is_nil(rt_future_await(busy)));
    rt_value_release(busy);
    rt_value_release(opened);
    rt_executor_shutdown();
}

static void nested(void) {
    Value future = rt_future_new(RT_FN(sum_to), rt_value_int(100));
    CHECK(gives_int(rt_future_await(future), 5050));
    rt_value_release(future);
}

static void ring(void) {
    Value ctx = rt_array_new(1);
    Value future = rt_future_new(RT_FN(await_itself), ctx);
    CHECK(rt_array_push(ctx, future));
    CHECK(rt_value_is_nil(rt_future_await(future)));
    CHECK(rt_future_state(future) == RT_FUTURE_STATE_REJECTED);
    CHECK(gives_text(rt_future_error(future), "the future awaits itself"));
    CHECK(rt_array_clear(ctx));
    rt_value_release(ctx);
    rt_value_release(future);
}

static void all_of_them(void) {
    Value futures = rt_array_new(4), error = text("error");
    const Value items[] = {rt_future_new(RT_FN(twice), rt_value_int(4)), rt_value_int(7),
                           rt_future_reject(error), rt_future_new(RT_FN(sum_to), rt_value_int(4))};
    rt_value_release(error);
    for (int i = 0; i < 4; i++) {
        CHECK(rt_array_push(futures, items[i]));
        rt_value_release(items[i]);
    }
    Value results = rt_future_all(futures);
    CHECK(rt_array_len(results) == 4);
    CHECK(gives_int(rt_array_get(results, 0), 8) && gives_int(rt_array_get(results, 1), 7));
    CHECK(rt_value_is_nil(rt_array_get(results, 2)) && gives_int(rt_array_get(results, 3), 10));
    rt_value_release(results);
    CHECK(rt_array_clear(futures));
    results = rt_future_all(futures);
    CHECK(rt_array_len(results) == 0);
    rt_value_release(results);
    CHECK_ANSWERS(rt_value_is_nil(rt_future_race(futures)));
    rt_value_release(futures);
}

static void race(void) {
    Value opened, slow = running(&opened), quick = rt_future_new(RT_FN(twice), rt_value_int(3));
    Value futures = rt_array_new(2);
    CHECK(rt_array_push(futures, slow) && rt_array_push(futures, quick));
    CHECK(gives_int(rt_future_race(futures), 6));
    /* What is no future is finished. */
    CHECK(rt_array_set(futures, 1, rt_value_int(11)));
    CHECK(gives_int(rt_future_race(futures), 11));
    /* The loser goes on. */
    CHECK(rt_future_state(slow) == RT_FUTURE_STATE_RUNNING);
    CHECK(rt_channel_send(opened, rt_value_int(1)) == 1);
    CHECK(gives_int(rt_future_await(slow), 1));
    rt_value_release(futures);
    rt_value_release(slow);
    rt_value_release(quick);
    rt_value_release(opened);
}

static void bad_input(void) {
    const Value wrong[] = {rt_value_nil(), rt_value_int(1), 1, 7, text("no future")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        Value value = wrong[i];
        CHECK_FAILS("rt_future_await", rt_value_is_nil(rt_future_await(value)));
        CHECK_FAILS("rt_future_is_ready", rt_future_is_ready(value) == 0);
        CHECK_FAILS("rt_future_get_result", rt_value_is_nil(rt_future_get_result(value)));
        CHECK_FAILS("rt_future_all", rt_value_is_nil(rt_future_all(value)));
        CHECK_FAILS("rt_future_race", rt_value_is_nil(rt_future_race(value)));
        CHECK_FAILS("rt_future_start", rt_future_start(value) == 0);
        CHECK_FAILS("rt_future_state", rt_future_state(value) == -1);
        CHECK_FAILS("rt_future_error", rt_value_is_nil(rt_future_error(value)));
        CHECK_FAILS("rt_future_await_timeout", rt_future_await_timeout(value, 1) == -1);
        CHECK_FAILS("rt_future_cancel", rt_future_cancel(value) == 0);
        rt_value_release(value);
    }
}

int main(void) {
    lazy();
    context_is_kept_until_the_body_has_run();
    without_body();
    body_runs_once();
    ready_ones();
    running_ones();
    cancelling();
    nested();
    ring();
    all_of_them();
    race();
    bad_input();
    rt_executor_shutdown();
    return 0;
}
