/* The executor, threaded and polled by hand: every function, and what bad input gets. */
#include "check.h"

static Value tell(Value ctx) {
    CHECK(rt_channel_send(ctx, rt_value_int(1)) == 1);
    return text("released by the executor");
}

/* Submits one more, which a poll of all runs too. */
static Value submit_another(Value ctx) {
    CHECK(rt_executor_submit(RT_FN(tell), ctx) > 0);
    return rt_value_nil();
}

static Value twice(Value ctx) {
    return rt_value_int(2 * rt_value_as_int(ctx));
}

/* An await in a body: part of the poll that runs the body. */
static Value await_twice(Value ctx) {
    Value inner = rt_future_new(RT_FN(twice), ctx);
    Value result = rt_future_await(inner);
    CHECK(rt_future_state(inner) == RT_FUTURE_STATE_FULFILLED);
    rt_value_release(inner);
    return result;
}

static Value shut_down(Value ctx) {
    (void)ctx;
    CHECK_FAILS("rt_executor_shutdown", (rt_executor_shutdown(), true));
    return text("refused");
}

static RtExecutorStats stats(void) {
    RtExecutorStats now;
    CHECK(rt_executor_stats(&now) == 1);
    return now;
}

static void expect_tellings(Value channel, int count) {
    for (int i = 0; i < count; i++) {
        CHECK(gives_int(rt_channel_try_recv(channel), 1));
    }
    CHECK(rt_value_is_nil(rt_channel_try_recv(channel)));
}

static void settings(void) {
    CHECK(rt_executor_get_mode() == RT_EXECUTOR_MODE_THREADED && rt_executor_is_manual() == 0);
    CHECK_FAILS("rt_executor_set_mode", rt_executor_set_mode(2) == 0);
    CHECK_FAILS("rt_executor_set_mode", rt_executor_set_mode(-1) == 0);
    CHECK_FAILS("rt_executor_set_workers", (rt_executor_set_workers(0), true));
    CHECK_FAILS("rt_executor_set_workers", (rt_executor_set_workers(-3), true));
    CHECK_FAILS("rt_executor_set_workers", (rt_executor_set_workers(INT64_MAX), true));

    CHECK_ANSWERS(rt_executor_set_mode(RT_EXECUTOR_MODE_MANUAL) == 1);
    CHECK(rt_executor_get_mode() == RT_EXECUTOR_MODE_MANUAL && rt_executor_is_manual() == 1);
    CHECK_ANSWERS(rt_executor_set_mode(RT_EXECUTOR_MODE_THREADED) == 1);
    CHECK_ANSWERS((rt_executor_set_workers(2), true));
    CHECK_ANSWERS((rt_executor_start(), rt_executor_start(), true));
    CHECK_FAILS("rt_executor_set_mode", rt_executor_set_mode(RT_EXECUTOR_MODE_MANUAL) == 0);
    CHECK_FAILS("rt_executor_set_mode", rt_executor_set_mode(RT_EXECUTOR_MODE_THREADED) == 0);
    CHECK_FAILS("rt_executor_set_workers", (rt_executor_set_workers(3), true));
    CHECK(rt_executor_get_mode() == RT_EXECUTOR_MODE_THREADED);
    CHECK_ANSWERS((rt_executor_shutdown(), rt_executor_shutdown(), true));
}

static void threaded(void) {
    RtExecutorStats before = stats();
    Value channel = rt_channel_new();
    int64_t last = 0;
    for (int i = 0; i < 20; i++) {
        int64_t id = rt_executor_submit(RT_FN(tell), channel);
        CHECK(id > last);
        last = id;
    }
    CHECK_ANSWERS(rt_executor_poll() == 0 && rt_executor_poll_all() == 0);
    CHECK_ANSWERS(rt_executor_pending_count() == 0);
    CHECK_FAILS("rt_executor_submit", rt_executor_submit(0, channel) == 0);
    /* Runs what was accepted; afterwards the executor starts again. */
    rt_executor_shutdown();
    expect_tellings(channel, 20);
    CHECK(rt_executor_submit(RT_FN(submit_another), channel) > last);
    rt_executor_shutdown();
    expect_tellings(channel, 1);
    rt_value_release(channel);

    RtExecutorStats after = stats();
    CHECK(after.submitted - before.submitted == 22 && after.completed - before.completed == 22);
    CHECK(after.inline_run == before.inline_run && after.panics == 0);
    CHECK_FAILS("rt_executor_stats", rt_executor_stats(NULL) == 0);
}

/* A worker that waited for its own end would hang; it gets an error instead. */
static void shutdown_from_inside(void) {
    Value future = rt_future_new(RT_FN(shut_down), rt_value_nil());
    CHECK(rt_future_await_timeout(future, INT64_MAX) == 1);
    CHECK(gives_text(rt_future_get_result(future), "refused"));
    rt_value_release(future);
    rt_executor_shutdown();
}

static void tasks_by_hand(void) {
    Value channel = rt_channel_new();
    CHECK(rt_executor_set_mode(RT_EXECUTOR_MODE_MANUAL) == 1);
    CHECK_ANSWERS(rt_executor_poll() == 0 && rt_executor_poll_all() == 0);
    for (int i = 0; i < 3; i++) {
        CHECK(rt_executor_submit(RT_FN(submit_another), channel) > 0);
    }
    CHECK(rt_executor_pending_count() == 3);
    CHECK_FAILS("rt_executor_set_mode", rt_executor_set_mode(RT_EXECUTOR_MODE_THREADED) == 0);
    expect_tellings(channel, 0);
    CHECK(rt_executor_poll() == 1 && rt_executor_pending_count() == 3);
    CHECK(rt_executor_poll_all() == 5 && rt_executor_pending_count() == 0);
    expect_tellings(channel, 3);

    /* What is left, shutdown runs here. */
    CHECK(rt_executor_submit(RT_FN(submit_another), channel) > 0);
    rt_executor_shutdown();
    expect_tellings(channel, 1);
    CHECK(rt_executor_is_manual() == 0);
    rt_value_release(channel);
}

static void futures_by_hand(void) {
    CHECK(rt_executor_set_mode(RT_EXECUTOR_MODE_MANUAL) == 1);
    Value awaited = rt_future_new(RT_FN(await_twice), rt_value_int(4));
    /* Queued once, and never waited for. */
    CHECK_ANSWERS(rt_value_is_nil(rt_future_await(awaited)));
    CHECK_ANSWERS(rt_value_is_nil(rt_future_await(awaited)));
    CHECK_ANSWERS(rt_future_await_timeout(awaited, INT64_MAX) == 0);
    CHECK(rt_future_state(awaited) == RT_FUTURE_STATE_QUEUED);
    CHECK(rt_executor_pending_count() == 1 && rt_executor_poll() == 1);
    CHECK(gives_int(rt_future_await(awaited), 8));
    CHECK(rt_future_await_timeout(awaited, 0) == 1);
    rt_value_release(awaited);

    Value cancelled = rt_future_new(RT_FN(twice), rt_value_int(1));
    CHECK(rt_future_start(cancelled) == 1 && rt_executor_pending_count() == 1);
    CHECK(rt_future_cancel(cancelled) == 1 && rt_executor_pending_count() == 0);
    CHECK(rt_executor_poll_all() == 0);
    rt_value_release(cancelled);
    rt_executor_shutdown();
}

static void several_by_hand(void) {
    CHECK(rt_executor_set_mode(RT_EXECUTOR_MODE_MANUAL) == 1);
    Value futures = rt_array_new(2);
    for (int64_t i = 1; i <= 2; i++) {
        Value future = rt_future_new(RT_FN(twice), rt_value_int(i));
        CHECK(rt_array_push(futures, future));
        rt_value_release(future);
    }
    Value results = rt_future_all(futures);
    CHECK(rt_array_len(results) == 2 && rt_value_is_nil(rt_array_get(results, 1)));
    rt_value_release(results);
    CHECK(rt_value_is_nil(rt_future_race(futures)));
    CHECK(rt_executor_pending_count() == 2 && rt_executor_poll_all() == 2);
    results = rt_future_all(futures);
    CHECK(gives_int(rt_array_get(results, 0), 2) && gives_int(rt_array_get(results, 1), 4));
    rt_value_release(results);
    CHECK(gives_int(rt_future_race(futures), 2));
    rt_value_release(futures);

    Value future = rt_future_new(RT_FN(shut_down), rt_value_nil());
    CHECK(rt_future_start(future) == 1 && rt_executor_poll_all() == 1);
    CHECK(gives_text(rt_future_get_result(future), "refused"));
    rt_value_release(future);
    rt_executor_shutdown();
}

int main(void) {
    settings();
    threaded();
    shutdown_from_inside();
    tasks_by_hand();
    futures_by_hand();
    several_by_hand();
    return 0;
}
