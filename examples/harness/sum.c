/* Which way of summing numbers is faster? Build: cc -O2 -I harness -o sum examples/harness/sum.c
 * Measure: lab run --program ./sum */
#include "lab_harness.h"

enum { COUNT = 4096 };
static uint32_t numbers[COUNT];

static uint64_t in_order(void *state) {
    const uint32_t *at = (const uint32_t *)state;
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i++) sum += at[i];
    return sum;
}

/* The same without vectors: the compiler may not put volatile reads together. */
static uint64_t one_by_one(void *state) {
    const volatile uint32_t *at = (const volatile uint32_t *)state;
    uint64_t sum = 0;
    for (int i = 0; i < COUNT; i++) sum += at[i];
    return sum;
}

int main(int argc, char **argv) {
    uint64_t expected = 0;
    for (uint32_t i = 0; i < COUNT; i++) expected += numbers[i] = i * 7 % 101;
    lab_question("sum", "Which way of summing numbers?", "way", "numbers", "number");
    lab_workload("one by one", COUNT, one_by_one, numbers, expected)->items = COUNT;
    lab_workload("in order", COUNT, in_order, numbers, expected)->items = COUNT;
    return lab_main(argc, argv);
}
