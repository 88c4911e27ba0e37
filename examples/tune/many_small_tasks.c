/*
 * Many small tasks: each steps a generator of random numbers some times. They are submitted one by
 * one, and the sum of their results is printed.
 *
 *     many_small_tasks [TASKS]      from 1 to 100000000; the default is 1000000
 */
#include <simple_runtime.h>
#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 64 };

/* A place for each task, which writes it once. */
static uint64_t *results;

static Value small(Value ctx) {
    int64_t task = rt_value_as_int(ctx);
    uint64_t n = (uint64_t)task;
    for (int i = 0; i < STEPS; i++) {
        n = n * 6364136223846793005u + 1442695040888963407u;
    }
    results[task] = n >> 40;
    return rt_value_nil();
}

int main(int argc, char **argv) {
    char *end = "";
    long long tasks = argc > 1 ? strtoll(argv[1], &end, 10) : 1000000;
    if (argc > 2 || *end != '\0' || tasks < 1 || tasks > 100000000) {
        fprintf(stderr, "many_small_tasks: give a number of tasks from 1 to 100000000\n");
        return 2;
    }
    results = calloc((size_t)tasks, sizeof *results);
    if (results == NULL) {
        fprintf(stderr, "many_small_tasks: not enough memory for %lld results\n", tasks);
        return 2;
    }
    for (long long task = 0; task < tasks; task++) {
        rt_executor_submit(RT_FN(small), rt_value_int(task));
    }
    /* Runs what is left. */
    rt_executor_shutdown();
    uint64_t sum = 0;
    for (long long task = 0; task < tasks; task++) {
        sum += results[task];
    }
    free(results);
    printf("%lld tasks, sum %llu\n", tasks, (unsigned long long)sum);
    return 0;
}
