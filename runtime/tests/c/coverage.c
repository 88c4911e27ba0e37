/* Coverage: every probe, both reports, and threads that do not mix. */
#define _POSIX_C_SOURCE 200809L
#include "check.h"

#include <pthread.h>

enum { THREADS = 4, ROUNDS = 1000 };

/* `part` is a part of a report that gets freed. */
static bool contains(char *dump, const char *part) {
    CHECK(dump != NULL);
    bool found = strstr(dump, part) != NULL;
    if (!found) {
        fprintf(stderr, "%s\ndoes not contain\n%s\n", dump, part);
    }
    rt_coverage_free_sdn(dump);
    return found;
}

/* Decision 1: `a && b`. */
static bool both(bool a, bool b) {
    rt_coverage_condition_probe(1, 0, a, "logic.spl", 3, 8);
    if (a) {
        rt_coverage_condition_probe(1, 1, b, "logic.spl", 3, 13);
    }
    rt_coverage_decision_probe(1, a && b, "logic.spl", 3, 8);
    return a && b;
}

/* Path 5: block 0, then one block for each level, each level a path of its own. */
static void descend(uint32_t levels) {
    rt_coverage_path_begin(5);
    rt_coverage_path_probe(5, 0);
    if (levels > 0) {
        descend(levels - 1);
        rt_coverage_path_probe(5, 1);
    }
    rt_coverage_path_finalize(5);
}

static void nothing_yet(void) {
    CHECK(rt_coverage_enabled());
    rt_coverage_free_sdn(NULL);
    char *lcov = rt_coverage_dump_lcov();
    CHECK(strcmp(lcov, "") == 0);
    rt_coverage_free_sdn(lcov);
    CHECK(contains(rt_coverage_dump_sdn(), "# Coverage Report\nversion: 1.0\n\nsummary:\n"));
    CHECK(contains(rt_coverage_dump_sdn(), "    total_decisions: 0\n"));
}

static void every_table(void) {
    both(true, true);
    both(true, false);
    both(false, true);
    rt_coverage_path_probe(2, 10);
    rt_coverage_path_probe(2, 11);
    rt_coverage_path_finalize(2);
    rt_coverage_path_finalize(3);
    descend(1);
    rt_coverage_decision_probe(9, false, NULL, 0, 0);
    rt_coverage_decision_probe(9, false, "a file, \"quoted\"", 1, 1);
    CHECK(strcmp(rt_last_error(), "") == 0);
}

static void check_every_table(void) {
    const char *parts[] = {
        "# Coverage Report\nversion: 1.0\n\n"
        "decisions |id, file, line, column, true_count, false_count|\n"
        "    1, logic.spl, 3, 8, 1, 2\n"
        "    9, \"\", 0, 0, 0, 1\n"
        "    9, \"a file, \\\"quoted\\\"\", 1, 1, 0, 1\n\n",
        "conditions |decision_id, condition_id, file, line, column, true_count, false_count|\n"
        "    1, 0, logic.spl, 3, 8, 2, 1\n"
        "    1, 1, logic.spl, 3, 13, 1, 1\n\n",
        "paths |path_id, blocks, hit_count|\n"
        "    2, [10, 11], 1\n"
        "    5, [0], 1\n"
        "    5, [0, 1], 1\n\n",
        "    total_decisions: 3\n",
        "    condition_percent: 100.0\n",
        "mcdc |decision_id, file, line, column, conditions, unique_cause_covered, "
        "masking_covered, vectors|\n"
        "    1, logic.spl, 3, 8, 2, 2, 2, 3\n",
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        CHECK(contains(rt_coverage_dump_sdn(), parts[i]));
    }
}

static void check_lcov(void) {
    const char *parts[] = {"SF:logic.spl\n", "BRDA:3,", "MCDC:3,2,t,1,", "DA:3,",
                           "end_of_record\n"};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        CHECK(contains(rt_coverage_dump_lcov(), parts[i]));
    }
}

/* The same report twice is the same text. */
static void dumps_repeat(void) {
    char *first = rt_coverage_dump_sdn(), *second = rt_coverage_dump_sdn();
    CHECK(first != second && strcmp(first, second) == 0);
    rt_coverage_free_sdn(first);
    rt_coverage_free_sdn(second);
}

/* Callers whose compiler knows nothing of booleans: any byte but 0 is true. */
static void any_byte_is_a_boolean(void) {
    void (*decide)(uint32_t, unsigned char, const char *, uint32_t, uint32_t) =
        (void (*)(uint32_t, unsigned char, const char *, uint32_t, uint32_t))(void (*)(void))
            rt_coverage_decision_probe;
    void (*condition)(uint32_t, uint32_t, unsigned char, const char *, uint32_t, uint32_t) =
        (void (*)(uint32_t, uint32_t, unsigned char, const char *, uint32_t, uint32_t))(
            void (*)(void))rt_coverage_condition_probe;
    void (*set_enabled)(unsigned char) =
        (void (*)(unsigned char))(void (*)(void))rt_coverage_set_enabled;
    rt_coverage_clear();
    for (unsigned byte = 0; byte < 256; byte++) {
        set_enabled((unsigned char)(byte | 1));
        CHECK(rt_coverage_enabled());
        for (uint32_t id = 1; id <= 3; id++) {
            condition(id, 0, (unsigned char)(id == 2 ? byte : 1), "bytes.spl", id, 1);
            decide(id, (unsigned char)(id == 2 ? byte : 1), "bytes.spl", id, 1);
        }
    }
    CHECK(contains(rt_coverage_dump_sdn(), "    1, bytes.spl, 1, 1, 256, 0\n"
                                           "    2, bytes.spl, 2, 1, 255, 1\n"
                                           "    3, bytes.spl, 3, 1, 256, 0\n\n"));
    CHECK(contains(rt_coverage_dump_sdn(), "    1, 0, bytes.spl, 1, 1, 256, 0\n"
                                           "    2, 0, bytes.spl, 2, 1, 255, 1\n"
                                           "    3, 0, bytes.spl, 3, 1, 256, 0\n\n"));
    CHECK(contains(rt_coverage_dump_sdn(), "    2, bytes.spl, 2, 1, 1, 1, 1, 2\n"));
}

static void switched_off(void) {
    char *before = rt_coverage_dump_sdn();
    rt_coverage_set_enabled(false);
    CHECK(!rt_coverage_enabled());
    both(true, true);
    descend(2);
    rt_coverage_set_enabled(true);
    CHECK(rt_coverage_enabled());
    CHECK(contains(rt_coverage_dump_sdn(), before));
    rt_coverage_free_sdn(before);
}

/* The name lies on this thread's stack, and each round another stands in its place. */
static void *probe(void *unused) {
    for (int i = 0; i < ROUNDS; i++) {
        char name[] = "a.spl";
        name[0] = (char)('a' + i % 2);
        rt_coverage_decision_probe(1, i % 4 < 2, name, 1, 1);
        rt_coverage_path_probe(1, (uint32_t)(i % 2));
        rt_coverage_path_finalize(1);
    }
    return unused;
}

static void threads(void) {
    rt_coverage_clear();
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_create(&threads[i], NULL, probe, NULL) == 0);
    }
    for (int i = 0; i < THREADS; i++) {
        CHECK(pthread_join(threads[i], NULL) == 0);
    }
    CHECK(contains(rt_coverage_dump_sdn(), "    1, a.spl, 1, 1, 1000, 1000\n"
                                           "    1, b.spl, 1, 1, 1000, 1000\n\n"));
    CHECK(contains(rt_coverage_dump_sdn(), "    1, [0], 2000\n    1, [1], 2000\n\n"));
    rt_coverage_clear();
    CHECK(contains(rt_coverage_dump_sdn(), "    total_decisions: 0\n"));
    CHECK(contains(rt_coverage_dump_sdn(), "    total_paths: 0\n"));
}

int main(void) {
    nothing_yet();
    every_table();
    check_every_table();
    check_lcov();
    dumps_repeat();
    switched_off();
    any_byte_is_a_boolean();
    threads();
    return 0;
}
