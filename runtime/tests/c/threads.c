/* Isolated threads: every function, what they share and do not, and what bad input gets. */
#include "check.h"

static Value twice(Value data) {
    return rt_value_int(2 * rt_value_as_int(data));
}

/* Changes its data and returns it. */
static Value append(Value data) {
    Value item = text("appended");
    CHECK(rt_array_push(data, item));
    rt_value_release(item);
    return rt_value_retain(data);
}

/* Sends back what it receives, until the end; returns how much that was. */
static Value echo(Value data, Value channel) {
    CHECK(is_text(data, "echo"));
    Value replies = rt_channel_recv(channel);
    int64_t count = 0;
    for (;;) {
        Value value = rt_channel_recv(channel);
        if (rt_value_is_nil(value)) {
            rt_value_release(replies);
            return rt_value_int(count);
        }
        CHECK(rt_channel_send(replies, value) == 1);
        rt_value_release(value);
        count++;
    }
}

/* Joins the thread whose handle it receives: itself. */
static Value join_itself(Value data) {
    Value handle = rt_channel_recv(data);
    uint64_t thread = (uint64_t)rt_value_as_int(handle);
    rt_value_release(handle);
    CHECK_FAILS("rt_thread_join", rt_value_is_nil(rt_thread_join(thread)));
    return rt_value_int(rt_thread_id(thread));
}

/* Says that it runs, waits for a value and sends it back, each on a channel of its own. */
static Value reply(Value data) {
    Value requests = rt_array_get(data, 0), replies = rt_array_get(data, 1);
    CHECK(rt_channel_send(replies, rt_value_int(1)) == 1);
    Value value = rt_channel_recv(requests);
    CHECK(rt_channel_send(replies, value) == 1);
    rt_value_release(value);
    rt_value_release(requests);
    rt_value_release(replies);
    return rt_value_nil();
}

static void life(void) {
    uint64_t thread = rt_thread_spawn_isolated(RT_FN(twice), rt_value_int(21));
    CHECK(thread != 0);
    int64_t id = rt_thread_id(thread);
    CHECK(id > 0);
    CHECK(gives_int(rt_thread_join(thread), 42));
    /* Joined: done, still known, the result taken. */
    CHECK_ANSWERS(rt_thread_is_done(thread) == 1);
    CHECK_ANSWERS(rt_thread_id(thread) == id);
    CHECK_FAILS("rt_thread_join", rt_value_is_nil(rt_thread_join(thread)));
    rt_thread_free(thread);

    uint64_t next = rt_thread_spawn_isolated(RT_FN(twice), rt_value_int(1));
    CHECK(next != thread && rt_thread_id(next) != id);
    CHECK(gives_int(rt_thread_join(next), 2));
    rt_thread_free(next);
}

static void data_is_copied(void) {
    Value data = rt_array_new(1);
    CHECK(rt_array_push(data, rt_value_int(1)));
    uint64_t thread = rt_thread_spawn_isolated(RT_FN(append), data);
    Value result = rt_thread_join(thread);
    CHECK(rt_array_len(data) == 1 && rt_array_len(result) == 2);
    CHECK(gives_text(rt_array_get(result, 1), "appended"));
    rt_value_release(result);
    rt_value_release(data);
    rt_thread_free(thread);
}

static void channels_are_shared(void) {
    Value requests = rt_channel_new(), replies = rt_channel_new(), data = text("echo");
    uint64_t thread = rt_thread_spawn_isolated2(RT_FN(echo), data, requests);
    CHECK(thread != 0 && rt_channel_send(requests, replies) == 1);
    for (int64_t i = 0; i < 10; i++) {
        CHECK(rt_channel_send(requests, rt_value_int(i)) == 1);
        CHECK(gives_int(rt_channel_recv(replies), i));
    }
    CHECK(rt_channel_close(requests) == 1);
    CHECK(gives_int(rt_thread_join(thread), 10));
    rt_thread_free(thread);
    rt_value_release(data);
    CHECK(rt_channel_free(requests) == 1 && rt_channel_free(replies) == 1);
}

static void joining_itself(void) {
    Value channel = rt_channel_new();
    uint64_t thread = rt_thread_spawn_isolated(RT_FN(join_itself), channel);
    int64_t id = rt_thread_id(thread);
    CHECK(rt_channel_send(channel, rt_value_int((int64_t)thread)) == 1);
    CHECK(gives_int(rt_thread_join(thread), id));
    rt_thread_free(thread);
    CHECK(rt_channel_free(channel) == 1);
}

/* Looked at while it runs, freed while it runs: it goes on. */
static void detached(void) {
    Value data = rt_array_new(2), requests = rt_channel_new(), replies = rt_channel_new();
    CHECK(rt_array_push(data, requests) && rt_array_push(data, replies));
    uint64_t thread = rt_thread_spawn_isolated(RT_FN(reply), data);
    CHECK(gives_int(rt_channel_recv(replies), 1));
    CHECK_ANSWERS(rt_thread_is_done(thread) == 0);
    rt_thread_free(thread);
    CHECK_FAILS("rt_thread_is_done", rt_thread_is_done(thread) == 1);
    CHECK(rt_channel_send(requests, rt_value_int(5)) == 1);
    CHECK(gives_int(rt_channel_recv(replies), 5));
    rt_value_release(data);
    rt_value_release(requests);
    rt_value_release(replies);
}

static void bad_input(void) {
    CHECK_FAILS("rt_thread_spawn_isolated", rt_thread_spawn_isolated(0, rt_value_nil()) == 0);
    CHECK_FAILS("rt_thread_spawn_isolated2",
                rt_thread_spawn_isolated2(0, rt_value_nil(), rt_value_nil()) == 0);
    uint64_t stale = rt_thread_spawn_isolated(RT_FN(twice), rt_value_int(1));
    CHECK(gives_int(rt_thread_join(stale), 2));
    rt_thread_free(stale);
    const uint64_t bad[] = {stale, 0, 1, (uint64_t)-1, UINT64_MAX / 2, stale + 1};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        CHECK_FAILS("rt_thread_join", rt_value_is_nil(rt_thread_join(bad[i])));
        CHECK_FAILS("rt_thread_is_done", rt_thread_is_done(bad[i]) == 1);
        CHECK_FAILS("rt_thread_id", rt_thread_id(bad[i]) == 0);
        CHECK_FAILS("rt_thread_free", (rt_thread_free(bad[i]), true));
    }
}

static void odds_and_ends(void) {
    CHECK(rt_thread_available_parallelism() >= 1);
    rt_thread_sleep(0);
    rt_thread_sleep(-1);
    rt_thread_sleep(INT64_MIN);
    rt_thread_sleep(1);
    rt_thread_yield();
}

int main(void) {
    life();
    data_is_copied();
    channels_are_shared();
    joining_itself();
    detached();
    bad_input();
    odds_and_ends();
    return 0;
}
