/*
 * Futures: computations that run when somebody needs them, alone or many at once.
 *
 *     cc -I include examples/c/futures.c -L TARGET -lsimple_runtime -o futures
 */
#include <simple_runtime.h>
#include <stdio.h>

/* Reads an integer out of a reference of ours, and gives the reference back. */
static long long take_int(Value value) {
    long long n = (long long)rt_value_as_int(value);
    rt_value_release(value);
    return n;
}

/* A body borrows its context and answers a new reference. */
static Value sum_of_squares(Value ctx) {
    int64_t end = rt_value_as_int(ctx), sum = 0;
    for (int64_t i = 1; i <= end; i++) {
        sum += i * i;
    }
    return rt_value_int(sum);
}

/*
 * Bodies await other futures, to any depth and with any number of workers: what has not
 * begun when it is awaited runs on the awaiting thread.
 */
static Value fibonacci(Value ctx) {
    int64_t n = rt_value_as_int(ctx);
    if (n < 2) {
        return rt_value_int(n);
    }
    Value first = rt_future_new(RT_FN(fibonacci), rt_value_int(n - 1));
    Value second = rt_future_new(RT_FN(fibonacci), rt_value_int(n - 2));
    /* The first may run on another worker while this thread runs the second. */
    rt_future_start(first);
    long long sum = take_int(rt_future_await(second)) + take_int(rt_future_await(first));
    rt_value_release(first);
    rt_value_release(second);
    return rt_value_int(sum);
}

int main(void) {
    /* Lazy: the body runs when the result is asked for, once. */
    Value future = rt_future_new(RT_FN(fibonacci), rt_value_int(15));
    printf("begun: %s\n", rt_future_state(future) == RT_FUTURE_STATE_PENDING ? "no" : "yes");
    printf("fibonacci(15) = %lld\n", take_int(rt_future_await(future)));
    rt_value_release(future);

    /* All at once, on as many workers as there are processors. */
    Value futures = rt_array_new(3);
    for (int64_t end = 10; end <= 1000; end *= 10) {
        Value one = rt_future_new(RT_FN(sum_of_squares), rt_value_int(end));
        rt_array_push(futures, one); /* The array keeps a reference of its own. */
        rt_value_release(one);
    }
    Value sums = rt_future_all(futures);
    printf("sums of squares:");
    for (int64_t i = 0; i < rt_array_len(sums); i++) {
        printf(" %lld", take_int(rt_array_get(sums, i)));
    }
    printf("\n");
    rt_value_release(sums);
    rt_value_release(futures);

    /* What has not begun can be called off; its error says so. */
    Value unwanted = rt_future_new(RT_FN(fibonacci), rt_value_int(40));
    rt_future_cancel(unwanted);
    Value error = rt_future_error(unwanted);
    printf("error: %s\n", rt_string_data(error));
    rt_value_release(error);
    rt_value_release(unwanted);

    rt_executor_shutdown();
    return 0;
}
