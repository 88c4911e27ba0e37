/* Values, strings and arrays: every function, and what bad input gets. */
#include "check.h"

#include <math.h>

static const Value NULL_OBJECT = 1;
static const Value NO_SUCH_TAG = 7;

static void integers(void) {
    const int64_t numbers[] = {0, 1, -1, 42, INT64_MAX, INT64_MIN, (int64_t)1 << 60,
                               ((int64_t)1 << 60) - 1, -((int64_t)1 << 60)};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        Value value = rt_value_int(numbers[i]);
        CHECK(rt_value_is_int(value) && !rt_value_is_float(value));
        CHECK_ANSWERS(rt_value_as_int(value) == numbers[i]);
        CHECK(strcmp(rt_value_type_name(value), "int") == 0);
        CHECK(rt_value_truthy(value) == (numbers[i] != 0));
        rt_value_release(value);
    }
    /* Small ones are words, large ones are boxed. */
    CHECK(rt_value_int(5) == 5 << 3 && !rt_value_is_heap(rt_value_int(5)));
    Value large = rt_value_int(INT64_MAX);
    CHECK(rt_value_is_heap(large));
    rt_value_release(large);
}

static void floats(void) {
    const double numbers[] = {0.0, -0.0, 0.1, 1.5, -1e300, 4.9e-324, (double)INFINITY};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        Value value = rt_value_float(numbers[i]);
        CHECK(rt_value_is_float(value) && !rt_value_is_int(value));
        double back = rt_value_as_float(value);
        CHECK(memcmp(&back, &numbers[i], sizeof back) == 0);
        CHECK(strcmp(rt_value_type_name(value), "float") == 0);
        CHECK(rt_value_truthy(value) == (numbers[i] != 0.0));
        rt_value_release(value);
    }
    Value nan = rt_value_float((double)NAN);
    CHECK(isnan(rt_value_as_float(nan)));
    rt_value_release(nan);
    Value tenth = rt_value_float(0.1);
    CHECK(rt_value_is_heap(tenth) && !rt_value_is_heap(rt_value_float(0.5)));
    rt_value_release(tenth);
}

static void booleans_and_nil(void) {
    Value yes = rt_value_bool(true), no = rt_value_bool(false), nil = rt_value_nil();
    CHECK(nil == 3);
    CHECK(rt_value_as_bool(yes));
    CHECK_ANSWERS(!rt_value_as_bool(no));
    CHECK(rt_value_is_bool(yes) && rt_value_is_bool(no) && !rt_value_is_bool(nil));
    CHECK(rt_value_is_nil(nil) && !rt_value_is_nil(no) && !rt_value_is_nil(rt_value_int(0)));
    CHECK(rt_value_truthy(yes) && !rt_value_truthy(no) && !rt_value_truthy(nil));
    CHECK(!rt_value_is_heap(yes) && !rt_value_is_heap(nil));
    CHECK(strcmp(rt_value_type_name(yes), "bool") == 0);
    CHECK(strcmp(rt_value_type_name(nil), "nil") == 0);
}

/* A bool that is neither 0 nor 1, as compiled code may pass it. */
static void any_other_bool_is_true(void) {
    Value (*of_word)(uint64_t);
    Value (*of_bool)(bool) = rt_value_bool;
    memcpy(&of_word, &of_bool, sizeof of_word);
    CHECK(of_word(2) == rt_value_bool(true) && of_word(0x80) == rt_value_bool(true));
    CHECK(of_word(0) == rt_value_bool(false) && of_word(1) == rt_value_bool(true));
}

static Value give_back(Value word) { return word; }

/* Words of the program's own, some of which look like references, and one that was released. */
static void any_word_passes(void) {
    const Value words[] = {9, 17, 25, 0x1001, 0xfff9, UINT64_MAX, (Value)(uintptr_t)&words | 1,
                           rt_string_new("text", 4)};
    const size_t count = sizeof words / sizeof *words;
    rt_value_release(words[count - 1]);
    Value array = rt_array_new(0), channel = rt_channel_new();
    for (size_t i = 0; i < count; i++) {
        rt_value_release(words[i]);
        CHECK(rt_value_retain(words[i]) == words[i] && !rt_value_is_heap(words[i]));
        CHECK(rt_array_push(array, words[i]) && rt_channel_send(channel, words[i]) == 1);
        Value future = rt_future_new(RT_FN(give_back), words[i]);
        CHECK(rt_future_await(future) == words[i]);
        rt_value_release(future);
    }
    Value copy = rt_value_deep_copy(array);
    for (size_t i = 0; i < count; i++) {
        CHECK(rt_array_get(array, (int64_t)i) == words[i]);
        CHECK(rt_array_get(copy, (int64_t)i) == words[i]);
        CHECK(rt_channel_recv(channel) == words[i]);
    }
    rt_value_release(copy);
    rt_value_release(array);
    rt_channel_free(channel);
}

static void wrong_types(void) {
    Value nil = rt_value_nil();
    CHECK_FAILS("rt_value_as_int", rt_value_as_int(nil) == 0);
    CHECK_FAILS("rt_value_as_int", rt_value_as_int(rt_value_float(1.5)) == 0);
    CHECK_FAILS("rt_value_as_float", rt_value_as_float(rt_value_int(1)) == 0.0);
    CHECK_FAILS("rt_value_as_bool", !rt_value_as_bool(rt_value_int(1)));
    CHECK_FAILS("rt_string_data", rt_string_data(nil) == NULL);
    CHECK_FAILS("rt_string_len", rt_string_len(rt_value_int(1)) == -1);
    CHECK_FAILS("rt_array_push", !rt_array_push(nil, nil));
    CHECK_FAILS("rt_array_get", rt_value_is_nil(rt_array_get(nil, 0)));
    CHECK_FAILS("rt_array_set", !rt_array_set(nil, 0, nil));
    CHECK_FAILS("rt_array_pop", rt_value_is_nil(rt_array_pop(nil)));
    CHECK_FAILS("rt_array_len", rt_array_len(nil) == -1);
    CHECK_FAILS("rt_array_clear", !rt_array_clear(nil));
}

/* Words that are no value are answered like values of the wrong type. */
static void invalid_words(void) {
    const Value words[] = {NULL_OBJECT, NO_SUCH_TAG, 4, 5, 6, (99 << 3) | 3};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        Value word = words[i];
        CHECK(!rt_value_is_int(word) && !rt_value_is_float(word) && !rt_value_is_bool(word));
        CHECK(!rt_value_is_nil(word) && !rt_value_is_heap(word) && !rt_value_truthy(word));
        CHECK(strcmp(rt_value_type_name(word), "invalid") == 0);
        CHECK(rt_value_retain(word) == word && rt_value_deep_copy(word) == word);
        rt_value_release(word);
        CHECK_FAILS("rt_string_len", rt_string_len(word) == -1);
        CHECK_FAILS("rt_array_len", rt_array_len(word) == -1);
        CHECK_FAILS("rt_value_as_int", rt_value_as_int(word) == 0);
    }
}

static void strings(void) {
    Value value = text("gr\xc3\xbc\xc3\x9f dich");
    CHECK(is_text(value, "gr\xc3\xbc\xc3\x9f dich"));
    CHECK_ANSWERS(rt_string_len(value) == 11);
    CHECK(rt_string_data(value)[11] == '\0');
    CHECK(strcmp(rt_value_type_name(value), "string") == 0);
    CHECK(rt_value_is_heap(value) && rt_value_truthy(value));
    rt_value_release(value);

    Value empty = rt_string_new(NULL, 0);
    CHECK(rt_string_len(empty) == 0 && rt_string_data(empty)[0] == '\0');
    CHECK(rt_value_truthy(empty));
    rt_value_release(empty);

    Value with_nul = rt_string_new("a\0b", 3);
    CHECK(rt_string_len(with_nul) == 3 && memcmp(rt_string_data(with_nul), "a\0b", 4) == 0);
    rt_value_release(with_nul);

    CHECK_FAILS("rt_string_new", rt_value_is_nil(rt_string_new("\xff", 1)));
    CHECK_FAILS("rt_string_new", rt_value_is_nil(rt_string_new("\xc3", 1)));
    CHECK_FAILS("rt_string_new", rt_value_is_nil(rt_string_new(NULL, 1)));
    CHECK_FAILS("rt_string_new", rt_value_is_nil(rt_string_new("a", UINT64_MAX)));
}

static void arrays(void) {
    Value array = rt_array_new(0);
    CHECK(rt_array_len(array) == 0 && strcmp(rt_value_type_name(array), "array") == 0);
    for (int64_t i = 0; i < 100; i++) {
        CHECK(rt_array_push(array, rt_value_int(i)));
    }
    CHECK_ANSWERS(rt_array_len(array) == 100);
    CHECK_ANSWERS(gives_int(rt_array_get(array, 7), 7));
    CHECK_ANSWERS(gives_int(rt_array_get(array, -1), 99));
    CHECK_ANSWERS(gives_int(rt_array_get(array, -100), 0));
    CHECK_FAILS("rt_array_get", rt_value_is_nil(rt_array_get(array, 100)));
    CHECK_FAILS("rt_array_get", rt_value_is_nil(rt_array_get(array, -101)));
    CHECK_FAILS("rt_array_get", rt_value_is_nil(rt_array_get(array, INT64_MIN)));

    CHECK_ANSWERS(rt_array_set(array, -2, rt_value_int(-5)));
    CHECK(gives_int(rt_array_get(array, 98), -5));
    CHECK_FAILS("rt_array_set", !rt_array_set(array, 100, rt_value_nil()));
    CHECK_FAILS("rt_array_set", !rt_array_set(array, -101, rt_value_nil()));

    CHECK_ANSWERS(gives_int(rt_array_pop(array), 99));
    CHECK_ANSWERS(rt_array_clear(array) && rt_array_len(array) == 0);
    CHECK_ANSWERS(rt_value_is_nil(rt_array_pop(array)));
    rt_value_release(array);

    CHECK_FAILS("rt_array_new", rt_value_is_nil(rt_array_new(UINT64_MAX - 1)));
    CHECK_FAILS("rt_array_new", rt_value_is_nil(rt_array_new((uint64_t)1 << 60)));
}

/* The array keeps references of its own, and gives them back. */
static void arrays_own_their_items(void) {
    Value array = rt_array_new(2), item = text("item");
    CHECK(rt_array_push(array, item) && rt_array_push(array, item));
    rt_value_release(item);
    Value first = rt_array_get(array, 0);
    CHECK(rt_array_set(array, 0, rt_value_nil()));
    CHECK(rt_array_clear(array));
    CHECK(is_text(first, "item"));

    CHECK(rt_array_push(array, first));
    rt_value_release(first);
    CHECK(gives_text(rt_array_pop(array), "item"));
    rt_value_release(array);
}

static void references(void) {
    Value value = text("counted");
    Value again = rt_value_retain(value);
    CHECK(again == value);
    rt_value_release(value);
    CHECK(gives_text(again, "counted"));
    CHECK(rt_value_retain(rt_value_int(1)) == rt_value_int(1));
    rt_value_release(rt_value_int(1));
}

static void deep_copies(void) {
    /* [inner, inner, itself] */
    Value original = rt_array_new(3), inner = rt_array_new(1), name = text("name");
    CHECK(rt_array_push(inner, name));
    CHECK(rt_array_push(original, inner) && rt_array_push(original, inner));
    CHECK(rt_array_push(original, original));

    Value copy = rt_value_deep_copy(original);
    Value first = rt_array_get(copy, 0), second = rt_array_get(copy, 1);
    Value self = rt_array_get(copy, 2);
    CHECK(copy != original && first != inner && first == second && self == copy);
    CHECK(rt_array_clear(inner) && rt_array_len(first) == 1);
    CHECK(gives_text(rt_array_get(first, 0), "name"));

    /* What holds itself is not freed by its last user, so both are cut first. */
    CHECK(rt_array_clear(original) && rt_array_clear(copy));
    const Value all[] = {original, inner, name, copy, first, second, self};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        rt_value_release(all[i]);
    }
    Value boxed = rt_value_int(INT64_MIN), same = rt_value_deep_copy(boxed);
    CHECK(same != boxed && rt_value_as_int(same) == INT64_MIN);
    rt_value_release(same);
    rt_value_release(boxed);
    CHECK(rt_value_deep_copy(rt_value_int(3)) == rt_value_int(3));
}

int main(void) {
    integers();
    floats();
    booleans_and_nil();
    any_other_bool_is_true();
    any_word_passes();
    wrong_types();
    invalid_words();
    strings();
    arrays();
    arrays_own_their_items();
    references();
    deep_copies();
    return 0;
}
