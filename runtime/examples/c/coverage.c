/*
 * Coverage of a small function, with the probes that a compiler would put into it.
 *
 *     cc -I include examples/c/coverage.c -L TARGET -lsimple_runtime -o coverage
 */
#include <simple_runtime.h>
#include <stdio.h>

enum { DECISION = 1, PATH = 1 };

/* Counts a condition and answers it; `number` is its place in the order of evaluation. */
static bool condition(uint32_t number, bool value, uint32_t column) {
    rt_coverage_condition_probe(DECISION, number, value, "door.spl", 2, column);
    return value;
}

/*
 * The function as it was written:
 *
 *     fn may_enter(is_staff, age, has_ticket):
 *         if is_staff or (age >= 18 and has_ticket):
 *             return true
 *         return false
 */
static bool may_enter(bool is_staff, int age, bool has_ticket) {
    rt_coverage_path_probe(PATH, 0);
    bool outcome = condition(0, is_staff, 8)
                   || (condition(1, age >= 18, 21) && condition(2, has_ticket, 35));
    rt_coverage_decision_probe(DECISION, outcome, "door.spl", 2, 8);
    rt_coverage_path_probe(PATH, outcome ? 1 : 2);
    rt_coverage_path_finalize(PATH);
    return outcome;
}

int main(void) {
    /* Both outcomes are seen, but none of these tests shows that the ticket matters. */
    may_enter(true, 30, false);
    may_enter(false, 30, true);
    may_enter(false, 17, true);

    char *report = rt_coverage_dump_sdn();
    if (report == NULL) {
        fprintf(stderr, "%s\n", rt_last_error());
        return 1;
    }
    fputs(report, stdout);
    rt_coverage_free_sdn(report);
    return 0;
}
