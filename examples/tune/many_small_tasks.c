/*
 * Many small tasks: each steps a generator of random numbers some times. They are awaited a
 * thousand at a time, and the sum of their results is printed.
 *
 *     many_small_tasks [TASKS]      from 1 to 1000000000; the default is 1000000
 */
#include <simple_runtime.h>
#include <stdio.h>
#include <stdlib.h>

enum { AT_A_TIME = 1000, STEPS = 64 };

static uint64_t stepped(uint64_t n) {
    for (int i = 0; i < STEPS; i++) {
        n = n * 6364136223846793005u + 1442695040888963407u;
    }
    return n >> 40;
}

static Value small(Value ctx) {
    return rt_value_int((int64_t)stepped((uint64_t)rt_value_as_int(ctx)));
}

/* Runs the tasks of the numbers from `first` on, and returns the sum of their results. */
static int64_t run(int64_t first, int64_t count) {
    Value tasks = rt_array_new((uint64_t)count);
    for (int64_t i = 0; i < count; i++) {
        Value task = rt_future_new(RT_FN(small), rt_value_int(first + i));
        rt_array_push(tasks, task);
        rt_value_release(task);
    }
    Value results = rt_future_all(tasks);
    int64_t sum = 0;
    for (int64_t i = 0; i < count; i++) {
        Value result = rt_array_get(results, i);
        sum += rt_value_as_int(result);
        rt_value_release(result);
    }
    rt_value_release(results);
    rt_value_release(tasks);
    return sum;
}

int main(int argc, char **argv) {
    char *end = "";
    long long tasks = argc > 1 ? strtoll(argv[1], &end, 10) : 1000000;
    if (argc > 2 || *end != '\0' || tasks < 1 || tasks > 1000000000) {
        fprintf(stderr, "many_small_tasks: give a number of tasks from 1 to 1000000000\n");
        return 2;
    }
    int64_t sum = 0;
    for (long long first = 0; first < tasks; first += AT_A_TIME) {
        sum += run(first, tasks - first < AT_A_TIME ? tasks - first : AT_A_TIME);
    }
    rt_executor_shutdown();
    printf("%lld tasks, sum %lld\n", tasks, (long long)sum);
    return 0;
}
