/*
 * A few long computations: the primes up to a limit, counted in 16 ranges of equal size. Larger
 * numbers take longer, so the bodies are of unequal length.
 *
 *     long_bodies [LIMIT]      from 16 to 1000000000; the default is 4000000
 */
#include <simple_runtime.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { BODIES = 16 };

/* Written before the bodies run, and only read by them. */
static int64_t limit = 4000000;

static bool is_prime(int64_t n) {
    for (int64_t divisor = 2; divisor * divisor <= n; divisor++) {
        if (n % divisor == 0) {
            return false;
        }
    }
    return n >= 2;
}

/* Counts the primes of a range, which its number names. */
static Value count_primes(Value ctx) {
    int64_t body = rt_value_as_int(ctx), primes = 0;
    for (int64_t n = limit * body / BODIES; n < limit * (body + 1) / BODIES; n++) {
        primes += is_prime(n);
    }
    return rt_value_int(primes);
}

int main(int argc, char **argv) {
    char *end = "";
    limit = argc > 1 ? strtoll(argv[1], &end, 10) : limit;
    if (argc > 2 || *end != '\0' || limit < BODIES || limit > 1000000000) {
        fprintf(stderr, "long_bodies: give a largest number from 16 to 1000000000\n");
        return 2;
    }
    Value bodies = rt_array_new(BODIES);
    for (int64_t i = 0; i < BODIES; i++) {
        Value body = rt_future_new(RT_FN(count_primes), rt_value_int(i));
        rt_array_push(bodies, body);
        rt_value_release(body);
    }
    Value counts = rt_future_all(bodies);
    int64_t primes = 0;
    for (int64_t i = 0; i < BODIES; i++) {
        primes += rt_value_as_int(rt_array_get(counts, i));
    }
    rt_value_release(counts);
    rt_value_release(bodies);
    rt_executor_shutdown();
    printf("%lld primes below %lld\n", (long long)primes, (long long)limit);
    return 0;
}
