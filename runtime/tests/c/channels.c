/* Channels: every function, many senders and receivers, and what bad input gets. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>

enum { SENDERS = 4, RECEIVERS = 3 };

static int64_t values_per_sender = 10000;

static void one_thread(void) {
    Value channel = rt_channel_new();
    CHECK(strcmp(rt_value_type_name(channel), "channel") == 0);
    CHECK(rt_channel_id(channel) > 0);
    CHECK_ANSWERS(rt_channel_is_closed(channel) == 0);
    /* Empty is an answer. */
    CHECK_ANSWERS(rt_value_is_nil(rt_channel_try_recv(channel)));
    CHECK_ANSWERS(rt_value_is_nil(rt_channel_recv_timeout(channel, 0)));
    CHECK_ANSWERS(rt_value_is_nil(rt_channel_recv_timeout(channel, -1)));
    CHECK_ANSWERS(rt_value_is_nil(rt_channel_recv_timeout(channel, 1)));

    Value item = text("kept");
    CHECK(rt_channel_send(channel, item) == 1);
    rt_value_release(item);
    for (int64_t i = 1; i < 4; i++) {
        CHECK(rt_channel_send(channel, rt_value_int(i)) == 1);
    }
    CHECK(gives_text(rt_channel_recv(channel), "kept"));
    CHECK(gives_int(rt_channel_try_recv(channel), 1));
    CHECK(gives_int(rt_channel_recv_timeout(channel, INT64_MAX), 2));

    /* What was sent is received after closing, then nothing is. */
    CHECK_ANSWERS(rt_channel_close(channel) == 1 && rt_channel_is_closed(channel) == 1);
    CHECK_ANSWERS(rt_channel_close(channel) == 0);
    CHECK_FAILS("rt_channel_send", rt_channel_send(channel, rt_value_int(5)) == 0);
    CHECK(gives_int(rt_channel_recv(channel), 3));
    CHECK_ANSWERS(rt_value_is_nil(rt_channel_recv(channel)));
    CHECK_ANSWERS(rt_value_is_nil(rt_channel_try_recv(channel)));
    CHECK_ANSWERS(rt_value_is_nil(rt_channel_recv_timeout(channel, 1000000)));
    CHECK(rt_channel_free(channel) == 1);
}

/* Freeing closes, and leaves others their references; what nobody receives is released. */
static void freeing(void) {
    Value channel = rt_channel_new(), other = rt_value_retain(channel);
    Value first = text("first"), second = text("second");
    CHECK(rt_channel_send(channel, first) == 1 && rt_channel_send(channel, second) == 1);
    rt_value_release(first);
    rt_value_release(second);
    CHECK_ANSWERS(rt_channel_free(channel) == 1);
    CHECK(rt_channel_is_closed(other) == 1);
    CHECK(gives_text(rt_channel_recv(other), "first"));
    rt_value_release(other);

    Value a = rt_channel_new(), b = rt_channel_new();
    CHECK(rt_channel_id(a) != rt_channel_id(b));
    CHECK(rt_channel_free(a) == 1 && rt_channel_free(b) == 1);
}

static void bad_input(void) {
    const Value wrong[] = {rt_value_nil(), rt_value_int(1), 1, 7, text("no channel")};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_FAILS("rt_channel_send", rt_channel_send(wrong[i], rt_value_nil()) == 0);
        CHECK_FAILS("rt_channel_recv", rt_value_is_nil(rt_channel_recv(wrong[i])));
        CHECK_FAILS("rt_channel_try_recv", rt_value_is_nil(rt_channel_try_recv(wrong[i])));
        CHECK_FAILS("rt_channel_recv_timeout",
                    rt_value_is_nil(rt_channel_recv_timeout(wrong[i], 1000)));
        CHECK_FAILS("rt_channel_close", rt_channel_close(wrong[i]) == 0);
        CHECK_FAILS("rt_channel_is_closed", rt_channel_is_closed(wrong[i]) == 1);
        CHECK_FAILS("rt_channel_id", rt_channel_id(wrong[i]) == 0);
        CHECK_FAILS("rt_channel_free", rt_channel_free(wrong[i]) == 0);
        rt_value_release(wrong[i]);
    }
}

static void *send_numbers(void *argument) {
    Value channel = *(Value *)argument;
    for (int64_t i = 1; i <= values_per_sender; i++) {
        CHECK(rt_channel_send(channel, rt_value_int(i)) == 1);
    }
    return NULL;
}

/* Integers greater than zero until the channel ends. */
static void *sum_numbers(void *argument) {
    Value channel = *(Value *)argument;
    int64_t *sum = (int64_t *)calloc(1, sizeof *sum);
    for (;;) {
        Value value = rt_channel_recv(channel);
        if (rt_value_is_nil(value)) {
            return sum;
        }
        *sum += rt_value_as_int(value);
        rt_value_release(value);
    }
}

static void many_threads(void) {
    Value channel = rt_channel_new();
    pthread_t senders[SENDERS], receivers[RECEIVERS];
    for (int i = 0; i < RECEIVERS; i++) {
        CHECK(pthread_create(&receivers[i], NULL, sum_numbers, &channel) == 0);
    }
    for (int i = 0; i < SENDERS; i++) {
        CHECK(pthread_create(&senders[i], NULL, send_numbers, &channel) == 0);
    }
    for (int i = 0; i < SENDERS; i++) {
        CHECK(pthread_join(senders[i], NULL) == 0);
    }
    /* Wakes the receivers, wherever they are. */
    CHECK(rt_channel_close(channel) == 1);
    int64_t sum = 0;
    for (int i = 0; i < RECEIVERS; i++) {
        void *part;
        CHECK(pthread_join(receivers[i], &part) == 0);
        sum += *(int64_t *)part;
        free(part);
    }
    CHECK(sum == SENDERS * values_per_sender * (values_per_sender + 1) / 2);
    CHECK(rt_channel_free(channel) == 1);
}

int main(int argc, char **argv) {
    (void)argv;
    if (argc > 2) {
        values_per_sender = 100;
    }
    one_thread();
    freeing();
    bad_input();
    many_threads();
    return 0;
}
