/* Around-advice: how it nests, and everything that makes an invocation nil. */
#include "check.h"

/* What ran, in order. */
static char trace[64];
/* A context whose advice has returned. */
static void *stale_context;

static void note(const char *what) {
    CHECK(strlen(trace) + strlen(what) < sizeof trace);
    strcat(trace, what);
}

static Value sum(uint64_t argc, const Value *argv) {
    note("target ");
    int64_t result = 0;
    for (uint64_t i = 0; i < argc; i++) {
        result += rt_value_as_int(argv[i]);
    }
    return rt_value_int(result);
}

static Value greet(uint64_t argc, const Value *argv) {
    CHECK(argc == 1 && is_text(argv[0], "argument"));
    return text("greeting");
}

static Value outer(void *context, uint64_t argc, const Value *argv) {
    CHECK(argc == 2 && rt_value_as_int(argv[0]) == 1);
    note("outer ");
    Value result = rt_aop_proceed(context);
    note("outer-end ");
    return result;
}

/* Replaces the result. */
static Value add_a_hundred(void *context, uint64_t argc, const Value *argv) {
    (void)argc;
    (void)argv;
    note("inner ");
    Value result = rt_aop_proceed(context);
    note("inner-end ");
    return rt_value_int(rt_value_as_int(result) + 100);
}

static Value proceed_not(void *context, uint64_t argc, const Value *argv) {
    (void)argc;
    (void)argv;
    stale_context = context;
    return text("lost");
}

static Value proceed_twice(void *context, uint64_t argc, const Value *argv) {
    (void)argc;
    (void)argv;
    Value first = rt_aop_proceed(context);
    CHECK_FAILS("rt_aop_proceed", rt_value_is_nil(rt_aop_proceed(context)));
    return first;
}

static Value proceed(void *context, uint64_t argc, const Value *argv) {
    (void)argc;
    (void)argv;
    return rt_aop_proceed(context);
}

/* Invokes another target around another advice, in the midst of its own invocation. */
static Value invoke_within(void *context, uint64_t argc, const Value *argv) {
    const RtAopAdvice advices[] = {add_a_hundred};
    Value inner = rt_aop_invoke_around(sum, advices, 1, argc, argv);
    Value own = rt_aop_proceed(context);
    return rt_value_int(rt_value_as_int(inner) * 1000 + rt_value_as_int(own));
}

static const Value arguments[] = {1 << 3, 2 << 3};

static void nesting(void) {
    const RtAopAdvice advices[] = {outer, add_a_hundred};
    CHECK_ANSWERS(gives_int(rt_aop_invoke_around(sum, advices, 2, 2, arguments), 103));
    CHECK(strcmp(trace, "outer inner target inner-end outer-end ") == 0);
    CHECK_ANSWERS(gives_int(rt_aop_invoke_around(sum, NULL, 0, 2, arguments), 3));
    CHECK_ANSWERS(gives_int(rt_aop_invoke_around(sum, NULL, 0, 0, NULL), 0));
    const RtAopAdvice within[] = {invoke_within};
    trace[0] = '\0';
    CHECK(gives_int(rt_aop_invoke_around(sum, within, 1, 2, arguments), 103003));
}

static void references(void) {
    Value argument = text("argument");
    const RtAopAdvice advices[] = {proceed, proceed, proceed};
    CHECK(gives_text(rt_aop_invoke_around(greet, advices, 3, 1, &argument), "greeting"));
    rt_value_release(argument);
}

static void wrong_numbers_of_proceedings(void) {
    trace[0] = '\0';
    const RtAopAdvice none[] = {proceed, proceed_not};
    CHECK_FAILS("rt_aop_invoke_around",
                rt_value_is_nil(rt_aop_invoke_around(sum, none, 2, 2, arguments)));
    CHECK(strcmp(trace, "") == 0);
    const RtAopAdvice twice[] = {proceed_twice, proceed};
    CHECK_FAILS("rt_aop_invoke_around",
                rt_value_is_nil(rt_aop_invoke_around(sum, twice, 2, 2, arguments)));
    CHECK(strcmp(trace, "target ") == 0);
}

static void bad_input(void) {
    const RtAopAdvice advices[] = {proceed, NULL};
    const struct {
        RtAopTarget target;
        const RtAopAdvice *advices;
        uint64_t advice_len;
        uint64_t argc;
        const Value *argv;
    } bad[] = {
        {NULL, advices, 1, 2, arguments}, {sum, advices, 2, 2, arguments},
        {sum, NULL, 1, 2, arguments},     {sum, advices, 1, 1, NULL},
        {sum, advices, UINT64_MAX, 2, arguments}, {sum, advices, 1, UINT64_MAX, arguments},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        trace[0] = '\0';
        CHECK_FAILS("rt_aop_invoke_around",
                    rt_value_is_nil(rt_aop_invoke_around(bad[i].target, bad[i].advices,
                                                         bad[i].advice_len, bad[i].argc,
                                                         bad[i].argv)));
        CHECK(strcmp(trace, "") == 0);
    }
    int no_context;
    CHECK_FAILS("rt_aop_proceed", rt_value_is_nil(rt_aop_proceed(NULL)));
    CHECK_FAILS("rt_aop_proceed", rt_value_is_nil(rt_aop_proceed(&no_context)));
    CHECK_FAILS("rt_aop_proceed", rt_value_is_nil(rt_aop_proceed(stale_context)));
}

int main(void) {
    nesting();
    references();
    wrong_numbers_of_proceedings();
    bad_input();
    return 0;
}
