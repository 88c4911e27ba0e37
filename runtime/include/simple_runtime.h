/*
 * simple_runtime.h - the C interface of the Simple language's runtime.
 *
 * Generated from runtime/src/ffi; do not edit, run `just header`.
 *
 * Values. A Value is a 64-bit word: an integer, a float, a boolean, nil, or a reference to
 * an object on the heap (string, array, future, channel, boxed number). Make and read values
 * with the functions below; nothing needs the layout of the word.
 *
 * Any word. Every 64-bit word may be passed as a Value, stored, sent and returned, and comes out
 * unchanged. A word that names no live object of the runtime (a number of the program's own, a
 * value that was released for the last time) has the type "invalid"; it is never followed or
 * counted, and releasing it does nothing.
 *
 * Ownership. References are counted, and the comments use CPython's words:
 *
 *   new       the caller gets a reference, and gives it back with rt_value_release
 *   borrowed  the caller's reference (or memory) is used for the call, and stays the caller's
 *   kept      what the call keeps for later, it has taken a reference of its own to
 *   taken     the caller's reference or handle ends with the call
 *
 * Every argument is borrowed unless its comment says that it is taken. Values that are not on
 * the heap need no release, and releasing them does nothing.
 *
 * Handles. Async files and threads are named by positive integers that carry their kind and a
 * generation. For a handle that is stale, forged, of another kind, zero or negative a call
 * returns its error value, and does nothing else.
 *
 * Callbacks. Bodies of futures, tasks and threads (RtBody) are passed as 64-bit words, made
 * with RT_FN. They borrow their arguments and return a new reference, and so do targets and
 * advices. A panic in a callback is one of Rust code that was compiled together with the
 * runtime, as a crate: only that is caught. Anything else that leaves a callback ends the process,
 * with a message on standard error: an exception of C++, a panic of Rust code that is linked
 * with this library (it has another copy of Rust's standard library), and the end of the thread
 * by pthread_exit or pthread_cancel. A longjmp out of a callback is undefined.
 *
 * Errors. A call that fails, because of bad input or of the system, returns its error value
 * and leaves a message for rt_last_error; pending, empty and timed out are results, not
 * failures. "Error value: none" marks a call that returns nothing and can fail: the message is
 * the only sign. Nothing is printed, unless SIMPLE_RT_LOG=1 is set in the environment. A value
 * of the wrong type is bad input like any other. "Requires" lists what a call cannot check. All
 * calls require that somebody holds a reference to an object while the call uses it.
 *
 * Memory. Where a comment names no error value for it, a call that finds no memory ends the
 * process, with a message on standard error. That concerns coverage, timelines, the text of a
 * panic, a load with the strategy parallel touch, and the state that a forked child makes for
 * itself when it first uses a part of the runtime.
 *
 * Threads. Every function may be called from any thread at any time unless its comment
 * says otherwise; any value may be used by any number of threads. That includes the destructors
 * of thread-local variables and of POSIX keys. It does not include a function that replaces
 * malloc. A thread that may be cancelled must switch that off (pthread_setcancelstate) around its
 * calls.
 *
 * Signals. From a signal handler only rt_value_nil, rt_value_bool, rt_coverage_enabled,
 * rt_runtime_version and simple_runtime_abi_version may be called. Every other function may wait
 * for ever for a lock of the interrupted code: let the handler wake a thread, by sem_post or by a
 * write to a pipe, and call from there. The runtime handles no signals, and its own threads
 * block all of them. An isolated thread has the mask of the thread that made it.
 *
 * Forks. A forked child is a process of its own, and may call every function. Its executor is as
 * new. Futures that had not begun can be awaited or started again; those that ran never end
 * there, and an await returns nil, with a message. Threads are stale, files are as they were,
 * coverage holds the child's counts. After vfork, and in a handler of pthread_atfork, no
 * function may be called.
 *
 * Timelines. With SIMPLE_RT_TIMELINE=FILE in the environment, what the threads of the executor
 * do is recorded from its first start on, and written to FILE when it is shut down, or when the
 * process exits: for the viewers of Chrome and Perfetto. FILE is relative to the folder in which
 * the library was loaded; %p in it is the process's number, %% a percent sign. Only a regular
 * file is written, and as a whole: a new one takes the place of one that is there, with its mode,
 * and with its owner where the process may give files away; hard links keep the old one. A
 * symbolic link is followed, also to a file that does not exist yet. A process does not touch a
 * FILE of another process that existed when it began, or of the parent it was forked from.
 * Of each thread the newest 65,536 events are kept, and of all together those that fit into
 * 512 MiB.
 *
 * Tuning. Three variables in the environment replace defaults, so that a program can be tuned
 * without a change. They are read when the library is loaded.
 *
 *   SIMPLE_RT_WORKERS=N       the number of workers, from 1 to 4096, where the program does not
 *                             set one: rt_executor_set_workers wins over the variable
 *   SIMPLE_RT_LOADERS=N       the largest number of threads that load files in the background,
 *                             from 1 to 64; the default is the number of processors, at most 4.
 *                             More help where storage takes long to reply
 *   SIMPLE_RT_PREFAULT=NAME   what RT_PREFAULT_AUTO means: none, progressive, populate,
 *                             populate-read, touch, parallel-touch, copy, huge, or auto. Any
 *                             other strategy that the program passes wins over the variable, and
 *                             a file larger than a quarter of the memory is only mapped
 *
 * A value that cannot be used is ignored. The first call that it would concern (the one that
 * starts the workers, starts loading a file, or creates one with RT_PREFAULT_AUTO) leaves a
 * message in rt_last_error, and does not fail. After rt_executor_shutdown, and in a forked child,
 * the variable is the default again. A program that runs with more rights than its user
 * (set-user-ID) ignores these variables, SIMPLE_RT_STATS and SIMPLE_RT_TIMELINE without a message.
 *
 * Counters. With SIMPLE_RT_STATS=FILE in the environment, the counters of the process are written
 * to FILE as one JSON object: when the library is loaded (zeros), at each rt_executor_shutdown,
 * and when the process exits, by the end of main or by exit. "written_at" is "load", "shutdown" or
 * "exit". A process that is ended by a signal, by abort or by _exit leaves what was written last;
 * so does one that has closed all descriptors. For FILE holds what is said of timelines below,
 * but a symbolic link is not followed: nothing is written then. A forked child writes nothing; a
 * program that it starts by exec does, if FILE has %p in it, or no other process that still runs
 * has written it. The members of the object, all of them counts since the process began:
 *
 *   format, version            "simple-runtime-stats" and 1; members may be added within a version
 *   runtime_version, process   as rt_runtime_version; the process's number
 *   executor.starts            times that it was started
 *   executor.workers_started   threads of its last start; 0 without one and in Manual mode
 *   executor.submitted, completed, inline_run, stolen, parks, wakes, panics
 *                              the members of RtExecutorStats
 *   files.loads_by_waiters     loads that a thread in native_async_file_wait ran
 *   files.loads_by_loaders     loads that a loader thread ran
 *   files.loader_starts        loader threads started
 *   files.loader_wakes         times that a sleeping loader was woken
 *   files.loaded.NAME.files, files.loaded.NAME.loaded_bytes
 *                              loads that succeeded by the strategy NAME, and their bytes. auto is
 *                              counted as what it chose, and a file that had to be read as copy
 *   settings.mode, settings.workers, settings.loaders, settings.prefault_auto
 *                              the settings of the last start: "value", and "from", the party that
 *                              determined it: "default", "environment" or "program". Of a setting
 *                              with a variable also "variable", its name, "text", its value, and
 *                              "ignored", the reason why it has no effect, each null if there is
 *                              none
 *
 * C89, C++98 and all later standards include this header without a warning. The types
 * and functions are named with RtValue; Value is a short name for it, which can be left out.
 *
 * Stacks. A body may use 256 KiB of stack, at any depth of nesting and whatever stack the
 * caller is on; one that uses more may find it, or die at the guard below. What is called from
 * a stack that is short, or that the program made itself (a coroutine's, a signal handler's),
 * runs on a stack of the runtime's. A coroutine may leave a body in the middle, and come back
 * to it in any order, also on another thread. Two limits: a stack inside of the thread's own (in
 * a local array) cannot be distinguished from it; and a coroutine that awaits a future which
 * another coroutine of the same thread has left in the middle blocks the thread that should
 * continue it.
 *
 * The library is never unloaded: dlclose leaves it where it is.
 *
 * Link with -lsimple_runtime, or with the archive: libsimple_runtime.a -lpthread -ldl -lm (the
 * same with -static). Programs look for the shared library as libsimple_runtime.so.1: a link to
 * libsimple_runtime.so, which cargo build makes beside it, and which goes where the library goes.
 * An example:
 *
 *     static Value answer(Value ctx) { return rt_value_int(2 * rt_value_as_int(ctx)); }
 *
 *     int main(void) {
 *         Value future = rt_future_new(RT_FN(answer), rt_value_int(21));
 *         Value result = rt_future_await(future);
 *         printf("%lld\n", (long long)rt_value_as_int(result));
 *         rt_value_release(result);
 *         rt_value_release(future);
 *         rt_executor_shutdown();
 *     }
 */

#ifndef SIMPLE_RUNTIME_H
#define SIMPLE_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__clang__) && !defined(__cplusplus)
#pragma clang diagnostic push
/* In C89 Clang warns where the bool of <stdbool.h> is used. */
#pragma clang diagnostic ignored "-Wc99-extensions"
#endif

/* ---- Types ---- */

/**
 * A value: a word that may refer to an object on the heap. See "Values" and "Ownership".
 */
typedef uint64_t RtValue;

#ifndef SIMPLE_RT_NO_VALUE
/**
 * The short name of RtValue. Define SIMPLE_RT_NO_VALUE before the header is included where
 * another type has this name.
 */
typedef RtValue Value;
#endif

/**
 * A function as the 64-bit word that calls take; 0 is none. It is one argument,
 * commas included: RT_FN(body<int, char>), or a lambda (with a + before it).
 */
#ifdef __cplusplus
#if __cplusplus >= 201103L
#define RT_FN(...) (uint64_t(__VA_ARGS__))
#else
#define RT_FN(function) (uint64_t(function))
#endif
#elif defined(__STDC_VERSION__) && __STDC_VERSION__ >= 199901L
#define RT_FN(...) ((uint64_t)(uintptr_t)(__VA_ARGS__))
#else
#define RT_FN(function) ((uint64_t)(uintptr_t)(function))
#endif

/**
 * The way in which a load brings a file's bytes into memory before it becomes ready.
 *
 * A file may change while it is loaded. The load gives the remaining part, or fails: pages are
 * entered by the kernel, and never read here. A file that cannot be mapped (its file system does
 * not support it, or maps or address space are used up) is read, as with the strategy copy, unless
 * it would take up much of the memory: then the load fails.
 */
enum RtPrefault {
    /**
     * Map only; pages are loaded when they are touched.
     */
    RT_PREFAULT_NONE = 0,
    /**
     * Map and ask for read-ahead, a few MiB at a time.
     */
    RT_PREFAULT_PROGRESSIVE = 1,
    /**
     * Map with `MAP_POPULATE`. (A writable map is loaded as with RT_PREFAULT_POPULATE_READ,
     * because `MAP_POPULATE` would copy the whole file. It is one system call, which a close does
     * not interrupt.)
     */
    RT_PREFAULT_POPULATE = 2,
    /**
     * Map, then `MADV_POPULATE_READ`; if the kernel lacks it, the kernel reads one byte of every
     * page.
     */
    RT_PREFAULT_POPULATE_READ = 3,
    /**
     * Map, then make the kernel touch every page. The same as RT_PREFAULT_POPULATE_READ: a thread
     * that read a byte of each page itself would die (SIGBUS) if the file shrank meanwhile.
     */
    RT_PREFAULT_TOUCH = 4,
    /**
     * RT_PREFAULT_TOUCH by several threads.
     */
    RT_PREFAULT_PARALLEL_TOUCH = 5,
    /**
     * Read into the runtime's own memory: survives any change of the file.
     */
    RT_PREFAULT_COPY = 6,
    /**
     * Map, request huge pages (on a cold disk: larger reads), then as for
     * RT_PREFAULT_POPULATE_READ.
     */
    RT_PREFAULT_HUGE = 7,
    /**
     * The strategy that was measured to be best for a file of this size; nothing for one that
     * would take up much of the memory.
     */
    RT_PREFAULT_AUTO = 8
};

/**
 * The state of a file, with the numbers of the C interface.
 */
enum RtFileState {
    /**
     * Its bytes have not been requested.
     */
    RT_FILE_STATE_PENDING = 0,
    /**
     * Queued for a loader, or being loaded.
     */
    RT_FILE_STATE_LOADING = 1,
    /**
     * Its bytes are loaded.
     */
    RT_FILE_STATE_READY = 2,
    /**
     * Its bytes could not be loaded, or there is no such file.
     */
    RT_FILE_STATE_FAILED = 3
};

/**
 * State of a future; the answers of rt_future_state.
 */
enum RtFutureState {
    /**
     * Its body has not begun and it has not been started.
     */
    RT_FUTURE_STATE_PENDING = 0,
    /**
     * Handed to the executor.
     */
    RT_FUTURE_STATE_QUEUED = 1,
    /**
     * Its body runs.
     */
    RT_FUTURE_STATE_RUNNING = 2,
    /**
     * Finished with a result.
     */
    RT_FUTURE_STATE_FULFILLED = 3,
    /**
     * Finished with an error: a panic, a cancellation, a ring, or made by rt_future_reject.
     */
    RT_FUTURE_STATE_REJECTED = 4
};

/**
 * The threads that run the tasks.
 */
enum RtExecutorMode {
    /**
     * A pool of worker threads.
     */
    RT_EXECUTOR_MODE_THREADED = 0,
    /**
     * The threads that call rt_executor_poll or rt_executor_poll_all; the executor
     * has no threads.
     */
    RT_EXECUTOR_MODE_MANUAL = 1
};

/**
 * Counts of the executor's work since the process began.
 */
typedef struct RtExecutorStats {
    /**
     * Tasks accepted: futures queued and functions submitted.
     */
    uint64_t submitted;
    /**
     * Accepted tasks that are over, wherever they ran, and those cancelled. The difference to
     * `submitted` is waiting or running.
     */
    uint64_t completed;
    /**
     * Futures whose body the awaiting thread ran itself.
     */
    uint64_t inline_run;
    /**
     * Tasks a worker took from another worker's queue.
     */
    uint64_t stolen;
    /**
     * Times a worker went to sleep.
     */
    uint64_t parks;
    /**
     * Times a sleeping worker was woken for a task.
     */
    uint64_t wakes;
    /**
     * Bodies that ended in a panic.
     */
    uint64_t panics;
} RtExecutorStats;

/**
 * An advice. It borrows its arguments, and the context until it returns.
 */
typedef RtValue (*RtAopAdvice)(void *context, uint64_t argc, const RtValue *argv);

/**
 * The code of a future, a task or an isolated thread.
 *
 * It borrows its context and returns a new reference. The runtime catches a panic in it. Any other
 * exception ends the process: a C++ exception, a panic of code with another copy of Rust's
 * standard library, the end of the thread.
 */
typedef RtValue (*RtBody)(RtValue context);

/**
 * The code of an isolated thread that gets a channel: as RtBody,
 * with both arguments borrowed.
 */
typedef RtValue (*RtBodyWithChannel)(RtValue data, RtValue channel);

/**
 * The function that the advices surround. It borrows its arguments.
 */
typedef RtValue (*RtAopTarget)(uint64_t argc, const RtValue *argv);

#ifdef __cplusplus
extern "C" {
#endif /* __cplusplus */

/* ---- Values ---- */

/**
 * Creates an integer; one that does not fit in 61 bits is boxed on the heap.
 *
 * Thread safety: any thread. Ownership: the result is new. Error value: nil without memory,
 * with a message in rt_last_error.
 */
RtValue rt_value_int(int64_t n);

/**
 * Creates a float, bit for bit; one whose low three bits are not zero is boxed on the heap.
 *
 * Thread safety: any thread. Ownership: the result is new. Error value: nil without memory,
 * with a message in rt_last_error.
 */
RtValue rt_value_float(double x);

/**
 * Creates a boolean: false for a bool of 0, true for any other.
 *
 * Thread safety: any thread. Ownership: the result is new (and needs no release). Cannot
 * fail.
 */
RtValue rt_value_bool(bool b);

/**
 * Returns the nil value.
 *
 * Thread safety: any thread. Ownership: the result is new (and needs no release). Cannot
 * fail.
 */
RtValue rt_value_nil(void);

/**
 * Returns the integer in a value, boxed or not.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Error value: 0 for a value that is
 * not an integer, with a message in rt_last_error.
 */
int64_t rt_value_as_int(RtValue value);

/**
 * Returns the float in a value, boxed or not.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Error value: 0.0 for a value that
 * is not a float, with a message in rt_last_error.
 */
double rt_value_as_float(RtValue value);

/**
 * Returns the boolean in a value.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Error value: false for a value
 * that is not a boolean, with a message in rt_last_error.
 */
bool rt_value_as_bool(RtValue value);

/**
 * True if a value is an integer, boxed or not.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
 */
bool rt_value_is_int(RtValue value);

/**
 * True if a value is a float, boxed or not.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
 */
bool rt_value_is_float(RtValue value);

/**
 * True if a value is a boolean.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
 */
bool rt_value_is_bool(RtValue value);

/**
 * True if a value is nil.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
 */
bool rt_value_is_nil(RtValue value);

/**
 * True if a value is a live object on the heap, which includes boxed numbers.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
 */
bool rt_value_is_heap(RtValue value);

/**
 * True if a value counts as true in a condition. False for nil, false, 0, 0.0 and words that
 * are not a value; true for every other, including empty strings and arrays.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed. Cannot fail.
 */
bool rt_value_truthy(RtValue value);

/**
 * Returns the name of a value's type: int, float, bool, nil, string, array, future, channel,
 * closure, or invalid.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed; the text is static: borrowed
 * forever. Cannot fail.
 */
const char *rt_value_type_name(RtValue value);

/**
 * Takes one more reference to a value, and returns the value.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed, the result is new: it needs one
 * more rt_value_release. Does nothing for values that are not on the heap. Cannot fail.
 */
RtValue rt_value_retain(RtValue value);

/**
 * Gives back one reference. The last one frees the object, and everything that only it kept
 * alive. From then on the value names no object, until its memory is used for another one;
 * releasing it again before that does nothing.
 *
 * Thread safety: any thread. Ownership: the caller's reference is taken. Does nothing for
 * values that are not on the heap. Cannot fail.
 *
 * Requires: a heap word names a live object, and the caller owns a reference to it.
 */
void rt_value_release(RtValue value);

/**
 * Returns a copy that shares only futures and channels with the value; cycles and sharing
 * inside of it are kept.
 *
 * Thread safety: any thread; an array that another thread changes meanwhile is copied as it is
 * at one moment. Ownership: `value` is borrowed, the result is new. Error value: nil without
 * memory for the whole copy, with a message in rt_last_error.
 */
RtValue rt_value_deep_copy(RtValue value);

/* ---- Strings ---- */

/**
 * Creates a string of `len` bytes of UTF-8, which are copied.
 *
 * Thread safety: any thread. Ownership: `bytes` is borrowed for the call, the result is new.
 * Error value: nil for invalid UTF-8, for NULL with a length that is not 0, and without memory,
 * with a message in rt_last_error.
 *
 * Requires: `bytes` is NULL, or points to `len` readable bytes that nobody changes during
 * the call.
 */
RtValue rt_string_new(const char *bytes, uint64_t len);

/**
 * Returns the bytes of a string, followed by a NUL that is not part of it.
 *
 * Thread safety: any thread. Ownership: `string` is borrowed; the bytes are borrowed from it,
 * valid as long as somebody holds a reference to it, and must not be changed. Error value: NULL
 * for a value that is not a string, with a message in rt_last_error.
 */
const char *rt_string_data(RtValue string);

/**
 * Returns the length of a string in bytes, without the NUL.
 *
 * Thread safety: any thread. Ownership: `string` is borrowed. Error value: -1 for a value that
 * is not a string, with a message in rt_last_error.
 */
int64_t rt_string_len(RtValue string);

/* ---- Arrays ---- */

/**
 * Creates an empty array with room for `capacity` items; it grows when more are added.
 *
 * Thread safety: any thread. Ownership: the result is new. Error value: nil if the capacity is
 * unreasonable or there is no memory for it, with a message in rt_last_error.
 */
RtValue rt_array_new(uint64_t capacity);

/**
 * Appends an item. The memory of an array grows with its items, and shrinks when few remain.
 *
 * Thread safety: any thread; calls on one array take turns. Ownership: `array` is borrowed,
 * `item` is borrowed and kept: the array takes a reference of its own. Error value: false for a
 * value that is not an array or without memory, with a message in rt_last_error.
 */
bool rt_array_push(RtValue array, RtValue item);

/**
 * Returns the item at `index`; a negative index counts from the end.
 *
 * Thread safety: any thread; calls that only read an array do not block each other. Ownership:
 * `array` is borrowed, the result is new. Error value: nil for a value that is not an array and
 * for an index out of range, with a message in rt_last_error.
 */
RtValue rt_array_get(RtValue array, int64_t index);

/**
 * Replaces the item at `index`; a negative index counts from the end.
 *
 * Thread safety: any thread; calls on one array take turns. Ownership: `array` is borrowed,
 * `item` is borrowed and kept: the array takes a reference of its own and releases that of the
 * previous item. Error value: false for a value that is not an array and for an index out of
 * range, with a message in rt_last_error.
 */
bool rt_array_set(RtValue array, int64_t index, RtValue item);

/**
 * Removes the last item of an array and returns it.
 *
 * Thread safety: any thread; calls on one array take turns. Ownership: `array` is borrowed, the
 * result is new: the array's reference. For an empty array the result is nil, which is not a
 * failure. Error value: nil for a value that is not an array, with a message in rt_last_error.
 */
RtValue rt_array_pop(RtValue array);

/**
 * Returns the number of items.
 *
 * Thread safety: any thread. Ownership: `array` is borrowed. Error value: -1 for a value that
 * is not an array, with a message in rt_last_error.
 */
int64_t rt_array_len(RtValue array);

/**
 * Removes all items and releases the array's references to them.
 *
 * Thread safety: any thread; calls on one array take turns. Ownership: `array` is borrowed.
 * Error value: false for a value that is not an array, with a message in rt_last_error.
 */
bool rt_array_clear(RtValue array);

/* ---- Futures ---- */

/**
 * Creates a lazy future: `body`, a `Value (*)(Value ctx)`, does not run until the future is
 * awaited or started. `body` 0 means none: awaiting or starting fulfils it with nil.
 *
 * Thread safety: any thread; the body runs on any. Ownership: `ctx` is borrowed and kept until
 * the body has run, and lent to the body; the body must return a new reference, which the
 * future owns. The result is new. A panic in the body rejects the future (see "Callbacks" for
 * what a panic is). Error value: nil without memory, with a message in rt_last_error.
 *
 * Requires: `body` is 0 or the address of a function of this type.
 */
RtValue rt_future_new(uint64_t body, RtValue ctx);

/**
 * Waits for the result of a future and returns it. The body runs once, however many threads
 * await. If it has not begun, the calling thread runs it; that thread never runs anything else.
 * Nested awaits never deadlock, whatever the number of workers.
 *
 * Manual mode: outside of a poll this never blocks. It queues the future (as rt_future_start
 * does) and returns nil while there is no result. Inside of a poll it works as described above.
 *
 * In a forked child, a future that had not begun in the parent, queued or not, can be awaited
 * or started as usual. A body that the forking thread is running continues there. A body that
 * another thread was running never ends there, and its future is not waited for.
 *
 * Thread safety: any thread, but not in a signal handler. Ownership: `future` is borrowed, the
 * result is new. A rejected future gives nil; see rt_future_error. Error value: nil for a value
 * that is not a future, for one that awaits itself on one thread, and for one that never ends
 * in this forked child, with a message in rt_last_error. Futures that await each other in a
 * cycle across several threads wait forever.
 */
RtValue rt_future_await(RtValue future);

/**
 * Returns 1 if a future is fulfilled or rejected, otherwise 0.
 *
 * Thread safety: any thread, wait-free. Ownership: `future` is borrowed. Error value: 0 for a
 * value that is not a future, with a message in rt_last_error.
 */
int64_t rt_future_is_ready(RtValue future);

/**
 * Returns the result of a fulfilled future; nil while it is pending and if it is rejected.
 * Never blocks.
 *
 * Thread safety: any thread, wait-free. Ownership: `future` is borrowed, the result is new.
 * Error value: nil for a value that is not a future, with a message in rt_last_error.
 */
RtValue rt_future_get_result(RtValue future);

/**
 * Starts all futures in an array, waits for all, and returns an array of their results in
 * order. An item that is not a future is its own result; a rejected future's result is nil.
 * Bodies run in parallel in Threaded mode. Where one thread runs them, it runs them first to
 * last, in both modes, so an item may wait for an effect of an earlier one.
 *
 * Manual mode: outside of a poll this queues the futures that have not begun and returns at
 * once, with nil for those that are not ready.
 *
 * Thread safety: any thread, but not in a signal handler; the array is read once, at the start.
 * Ownership: `futures` is borrowed, the result is new; futures in it that are started are kept
 * until they are finished. Error value: nil for a value that is not an array and without
 * memory, with a message in rt_last_error.
 */
RtValue rt_future_all(RtValue futures);

/**
 * Starts all futures in an array and returns the result of the first that is finished; the
 * others continue. An item that is not a future counts as finished and is its own result. An
 * empty array gives nil, as does a rejected winner.
 *
 * If no other thread can make progress (the only worker calls this, or all wait), the caller
 * runs the first future that has not begun. A worker whose wait ends by itself (a sleep, a wait
 * with a limit) can make progress. Manual mode: outside of a poll this queues the futures that
 * have not begun and returns at once.
 *
 * Thread safety: any thread, but not in a signal handler; the array is read once, at the start.
 * Ownership: `futures` is borrowed, the result is new; futures in it that are started are kept
 * until they are finished. Error value: nil for a value that is not an array, without memory,
 * and if none of the futures will ever be finished (they await themselves, or were left running
 * in the parent of this forked child), with a message in rt_last_error.
 */
RtValue rt_future_race(RtValue futures);

/**
 * Creates a future that is fulfilled with `value`.
 *
 * Thread safety: any thread. Ownership: `value` is borrowed and kept, the result is new.
 * Error value: nil without memory, with a message in rt_last_error.
 */
RtValue rt_future_resolve(RtValue value);

/**
 * Creates a future that is rejected with `error`, which rt_future_error returns.
 *
 * Thread safety: any thread. Ownership: `error` is borrowed and kept, the result is new.
 * Error value: nil without memory, with a message in rt_last_error.
 */
RtValue rt_future_reject(RtValue error);

/**
 * Hands a future to the executor without waiting. A future without a body is fulfilled with nil
 * at once instead.
 *
 * Thread safety: any thread, but not in a signal handler. Ownership: `future` is borrowed and
 * kept until it is finished. Returns 1 if this call started it, 0 if it was started, run or
 * cancelled before (a forked child can start again a future that its parent has queued). Error
 * value: 0 for a value that is not a future, and without memory to queue it (the future is
 * rejected then), with a message in rt_last_error.
 */
int64_t rt_future_start(RtValue future);

/**
 * Returns the state of a future: 0 pending, 1 queued, 2 running, 3 fulfilled, 4 rejected. In a
 * forked child, a future that the parent has queued is pending, and one that another thread was
 * running stays running.
 *
 * Thread safety: any thread, wait-free. Ownership: `future` is borrowed. Error value: -1 for a
 * value that is not a future, with a message in rt_last_error.
 */
int64_t rt_future_state(RtValue future);

/**
 * Returns the error of a rejected future: the value it was rejected with, or a string for a
 * panic, a cancellation and an await of itself (nil if there was no memory for the string). Nil
 * for any other future.
 *
 * Thread safety: any thread, wait-free. Ownership: `future` is borrowed, the result is new.
 * Error value: nil for a value that is not a future, with a message in rt_last_error.
 */
RtValue rt_future_error(RtValue future);

/**
 * Starts a future if necessary and waits until it is finished, for at most `ms` milliseconds (0
 * and less: not at all). The calling thread never runs the body, so the limit holds. Manual
 * mode: outside of a poll this returns at once.
 *
 * It returns 0 at once, with a message in rt_last_error, where waiting cannot succeed: the body
 * has not begun and only the calling thread could run it (inside of a poll, on the only worker,
 * on a worker that ends and whose thread's destructors call this, where the system provides no
 * threads), the caller is inside of the body, or it was left running in the parent of this
 * forked child.
 *
 * Thread safety: any thread, but not in a signal handler. Ownership: `future` is borrowed and
 * kept until it is finished. Returns 1 if it is finished, 0 if the time is over. Error value:
 * -1 for a value that is not a future, with a message in rt_last_error.
 */
int64_t rt_future_await_timeout(RtValue future, int64_t ms);

/**
 * Rejects a future with the string "cancelled" if its body has not begun.
 *
 * Thread safety: any thread, but not in a signal handler. Ownership: `future` is borrowed.
 * Returns 1 if this call cancelled it, 0 if it had begun or had finished. Error value: 0 for a
 * value that is not a future, with a message in rt_last_error.
 */
int64_t rt_future_cancel(RtValue future);

/* ---- The executor: one per process ---- */

/**
 * Sets the mode: 0 Threaded (the default), 1 Manual.
 *
 * Thread safety: any thread, but not in a signal handler. Returns 1. Error value: 0 if the
 * executor has started and for an unknown mode, with a message in rt_last_error.
 */
int64_t rt_executor_set_mode(int64_t mode);

/**
 * Returns the mode: 0 Threaded, 1 Manual.
 *
 * Thread safety: any thread. Cannot fail.
 */
int64_t rt_executor_get_mode(void);

/**
 * Returns 1 if the mode is Manual, otherwise 0.
 *
 * Thread safety: any thread. Cannot fail.
 */
int64_t rt_executor_is_manual(void);

/**
 * Starts the executor; does nothing if it has started. The first task also starts it.
 *
 * The workers block all signals except those of faults and of the profiling timer; the
 * program's own threads handle the others. A thread or program that a task starts inherits this
 * mask, unless it sets another. A child that a task forks has the mask of the thread that
 * started the executor.
 *
 * In a forked child the executor is in its initial state: not started, Threaded, with the
 * default number of workers. It starts automatically there too. A task that forks continues in
 * the child, but its thread is no longer a worker: it ends with the task.
 *
 * Thread safety: any thread, but not in a signal handler. Error value: none; if the system
 * provides no thread at all, the executor stays idle, with a message in rt_last_error. (A
 * SIMPLE_RT_WORKERS that cannot be used leaves a message too, but the executor starts.)
 */
void rt_executor_start(void);

/**
 * Sets the number of worker threads for the next start; the default is the value of
 * SIMPLE_RT_WORKERS in the environment, or else the result of
 * rt_thread_available_parallelism. It does not limit concurrency: awaiting threads run bodies
 * too.
 *
 * Thread safety: any thread, but not in a signal handler. Error value: none; the number is
 * refused if the executor has started, and if it is below 1 or unreasonably large, with a
 * message in rt_last_error.
 */
void rt_executor_set_workers(int64_t workers);

/**
 * Manual mode: runs the oldest task on the calling thread. Returns the number of tasks that
 * ran: 1 or 0; always 0 in Threaded mode.
 *
 * Thread safety: any thread, but not in a signal handler; several may poll at once. Cannot
 * fail.
 */
int64_t rt_executor_poll(void);

/**
 * Manual mode: runs tasks on the calling thread until none is left, including those queued
 * meanwhile. Returns the number of tasks that ran; always 0 in Threaded mode.
 *
 * Thread safety: any thread, but not in a signal handler; several may poll at once. Cannot
 * fail.
 */
int64_t rt_executor_poll_all(void);

/**
 * Manual mode: returns the number of tasks that wait for a poll, without those that were
 * cancelled or run by an awaiter; always 0 in Threaded mode.
 *
 * Thread safety: any thread; a snapshot while others queue and poll. Cannot fail.
 */
int64_t rt_executor_pending_count(void);

/**
 * Runs every accepted task (Manual: on the calling thread), including those queued meanwhile,
 * and ends the workers. Resets the executor to its initial state: Threaded, with the default
 * number of workers, ready to be configured and started again. Does nothing if it is in that
 * state already.
 *
 * Refused, with a message, where it could only hang: inside of a task, and on an isolated
 * thread that a worker's task joins (rt_thread_join), directly or through other threads. If the
 * thread calls this before the task joins it, the join is refused instead. A task that waits
 * for such a thread in another way, for example through a channel, is not detected, and hangs.
 *
 * Thread safety: any thread that runs no task, but not in a signal handler. Error value: none;
 * a refusal leaves a message in rt_last_error.
 */
void rt_executor_shutdown(void);

/**
 * Runs `function`, a `Value (*)(Value ctx)`, at some later time: fire and forget. A forked
 * child does not run tasks submitted in its parent.
 *
 * The function must return: pthread_exit and pthread_cancel in it abort the process.
 *
 * Thread safety: any thread, but not in a signal handler; the function runs on any. Ownership:
 * `ctx` is borrowed and kept until the function has run, and lent to it; the function must
 * return a new reference, which is released. Returns a task id greater than 0, unique in the
 * process. Error value: 0 for function 0 and without memory to queue the task, with a message in
 * rt_last_error.
 *
 * Requires: `function` is 0 or the address of a function of this type.
 */
int64_t rt_executor_submit(uint64_t function,
                           RtValue ctx);

/**
 * Writes the executor's counters since the start of the process to `stats`. A forked child
 * begins with zeros.
 *
 * Thread safety: any thread, but not in a signal handler; counters move while they are read.
 * Ownership: `stats` is borrowed for the call. Returns 1. Error value: 0 for NULL, with a
 * message in rt_last_error.
 *
 * Requires: `stats` is NULL or can be written to.
 */
int64_t rt_executor_stats(struct RtExecutorStats *stats);

/* ---- Async files ---- */

/**
 * Creates a handle for the file at `path`; nothing is opened yet.
 *
 * `mode` is the open(2) access mode: O_RDONLY (0) or O_RDWR; with O_WRONLY the load fails.
 * Flags that could change a file (O_CREAT, O_TRUNC, O_APPEND) are refused. `prefault` selects
 * how the bytes are brought into memory: 0 none, 1 progressive (MADV_WILLNEED in 4 MiB steps),
 * 2 populate (MAP_POPULATE; with O_RDWR the same as 3), 3 populate-read (MADV_POPULATE_READ), 4
 * touch (every page, by the kernel: the same as 3), 5 parallel touch (by several threads), 6
 * copy (read(2) into the runtime's own memory: survives truncation of the file), 7 huge
 * (MADV_HUGEPAGE, then populate-read), 8 auto (the strategy that SIMPLE_RT_PREFAULT in the
 * environment names, or else by size; the same as 0 if the file is larger than a quarter of
 * the memory). If the file changes its size during the load, the remaining
 * part is loaded, or the load fails. A file that cannot be mapped, for example because the
 * process has no more maps or address space, is read as with 6, if it is no larger than a
 * quarter of the memory.
 *
 * Thread safety: any thread. Ownership: `path` is borrowed; the handle is new: give it to
 * native_async_file_close. Error value: 0 if the path is not a string or has a NUL byte, for an
 * unknown strategy and refused flags, and without memory for a handle, with a message in
 * rt_last_error. (For a path that is not UTF-8: native_async_file_create_bytes.)
 */
int64_t native_async_file_create(RtValue path, int32_t mode, int32_t prefault);

/**
 * Same as native_async_file_create, for any path: `len` bytes at `path`, which need not be
 * UTF-8 and need not end with a NUL byte.
 *
 * Thread safety: any thread. Ownership: `path` is borrowed for the call; the handle is new:
 * give it to native_async_file_close. Error value: as for native_async_file_create, and 0 for
 * NULL with a `len` that is not 0, with a message in rt_last_error.
 *
 * Requires: `path` is NULL or points to `len` readable bytes.
 */
int64_t native_async_file_create_bytes(const char *path,
                                       uint64_t len,
                                       int32_t mode,
                                       int32_t prefault);

/**
 * Starts loading a file in the background; does nothing if that was requested before. (A forked
 * process can request again a file that its parent had requested but whose load had not ended.)
 *
 * Thread safety: any thread; does not block. Ownership: `file` is borrowed. Error value: none;
 * a bad handle only leaves a message in rt_last_error. So does a lack of threads: then the file
 * is loaded by native_async_file_wait, or when a thread is available again. So does a lack of
 * memory to queue the file: then native_async_file_wait loads it.
 */
void native_async_file_start_loading(int64_t file);

/**
 * Returns 1 if the bytes of a file are loaded, otherwise 0.
 *
 * Thread safety: any thread, wait-free. Ownership: `file` is borrowed. Error value: 0 for a
 * bad handle, with a message in rt_last_error.
 */
int32_t native_async_file_is_ready(int64_t file);

/**
 * Returns the state of a file: 0 pending, 1 loading, 2 ready, 3 failed.
 *
 * Thread safety: any thread, wait-free. Ownership: `file` is borrowed. Error value: 3 for a
 * bad handle, with a message in rt_last_error.
 */
int32_t native_async_file_get_state(int64_t file);

/**
 * Waits for a file's bytes and returns their address. If nobody has begun to load the file, the
 * calling thread loads it itself; otherwise it sleeps until the load ends or the file is
 * closed.
 *
 * Thread safety: any thread, any number of them; the file is loaded once. Ownership: `file` is
 * borrowed; the result is an integer (new, but no release is needed); the bytes are borrowed
 * from the file and valid until it is closed. They may be changed, in memory only, if the file
 * was opened with O_RDWR, and must not be changed otherwise. If the file is truncated
 * meanwhile, reading them raises SIGBUS, except with the strategy copy. Error value: integer 0
 * for a bad handle, for a load that failed (see native_async_file_get_error) and for a file
 * closed meanwhile, with a message in rt_last_error.
 */
RtValue native_async_file_wait(int64_t file);

/**
 * Returns the number of bytes of a ready file; -1 while it is not ready and if it failed.
 *
 * Thread safety: any thread, does not block. Ownership: `file` is borrowed. Error value: -1
 * for a bad handle, with a message in rt_last_error.
 */
int64_t native_async_file_get_size(int64_t file);

/**
 * Returns the reason why a file failed, as a string with its path and the system's error; nil
 * if it did not fail.
 *
 * Thread safety: any thread, does not block. Ownership: `file` is borrowed, the result is
 * new. Error value: nil for a bad handle, and without memory for the string, with a message in
 * rt_last_error.
 */
RtValue native_async_file_get_error(int64_t file);

/**
 * Closes a file. Its handle becomes stale and the address of its bytes invalid; a wait in
 * progress on another thread returns integer 0. Also allowed during a load: the load stops
 * after its current step (16 MiB; populate is one step).
 *
 * Thread safety: any thread; the caller must make sure that nobody still reads the bytes.
 * Ownership: the handle is taken. Returns 1. Error value: 0 for a bad handle, with a message in
 * rt_last_error.
 */
int32_t native_async_file_close(int64_t file);

/**
 * Yields the processor to another thread that is ready to run.
 *
 * Thread safety: any thread. Cannot fail.
 */
void async_yield(void);

/* ---- Isolated threads ---- */

/**
 * Runs `function`, a `Value (*)(Value data)`, on a new OS thread with a deep copy of `data`.
 * Futures and channels in the data are shared, not copied. The thread inherits the caller's
 * signal mask.
 *
 * Thread safety: any thread. Ownership: `data` is borrowed for the call; the copy is lent to
 * the function; the function must return a new reference, which rt_thread_join returns. The
 * handle is new: give it to rt_thread_free. Error value: 0 for function 0, without memory for
 * the copy, and if no thread or handle is available, with a message in rt_last_error: then the
 * function does not run.
 *
 * Requires: `function` is 0 or the address of a function of this type.
 */
uint64_t rt_thread_spawn_isolated(uint64_t function, RtValue data);

/**
 * Same as rt_thread_spawn_isolated, for a `Value (*)(Value data, Value channel)`: the channel
 * is shared.
 *
 * Thread safety: any thread. Ownership: `data` and `channel` are borrowed for the call, and the
 * parts that the thread uses are kept; the handle is new: give it to rt_thread_free. Error
 * value: 0 for function 0, without memory for the copies, and if no thread is available, with a
 * message in rt_last_error.
 *
 * Requires: `function` is 0 or the address of a function of this type.
 */
uint64_t rt_thread_spawn_isolated2(uint64_t function, RtValue data, RtValue channel);

/**
 * Waits for a thread and returns its result. Exactly one join gets the result.
 *
 * Thread safety: any thread. Ownership: `thread` is borrowed (its handle stays valid until
 * rt_thread_free), the result is new. Error value: nil for a bad handle, on the second join, if
 * the thread panicked, for a thread that joins itself, and in a worker's task for a thread that
 * is in rt_executor_shutdown, which waits for that task, with a message in rt_last_error.
 */
RtValue rt_thread_join(uint64_t thread);

/**
 * Returns 1 if a thread's function has ended, otherwise 0.
 *
 * Thread safety: any thread, does not block. Ownership: `thread` is borrowed. Error value: 1
 * for a bad handle, and in a forked process for a thread of its parent, with a message in
 * rt_last_error.
 */
int64_t rt_thread_is_done(uint64_t thread);

/**
 * Returns a number greater than 0 that no other isolated thread of the process has or had.
 *
 * Thread safety: any thread; also after a join, until the handle is freed. Ownership:
 * `thread` is borrowed. Error value: 0 for a bad handle, and in a forked process for a thread
 * of its parent, with a message in rt_last_error.
 */
int64_t rt_thread_id(uint64_t thread);

/**
 * Releases a thread's handle. A thread that is still running continues, detached.
 *
 * Thread safety: any thread. Ownership: the handle is taken: it is stale afterwards. Error
 * value: none; a bad handle, such as one freed before or, in a forked process, one of its
 * parent, only leaves a message in rt_last_error.
 */
void rt_thread_free(uint64_t thread);

/**
 * Returns the number of threads that can run at once here: the processors that cgroup quotas
 * and affinity allow; at least 1.
 *
 * Thread safety: any thread. Cannot fail.
 */
int64_t rt_thread_available_parallelism(void);

/**
 * Sleeps for `ms` milliseconds; returns at once for 0 and less.
 *
 * Thread safety: any thread. Cannot fail.
 */
void rt_thread_sleep(int64_t ms);

/**
 * Yields the processor to another thread that is ready to run.
 *
 * Thread safety: any thread. Cannot fail.
 */
void rt_thread_yield(void);

/* ---- Channels ---- */

/**
 * Creates an open, unbounded channel for any number of senders and receivers.
 *
 * Thread safety: any thread. Ownership: the result is new. Error value: nil without memory,
 * with a message in rt_last_error.
 */
RtValue rt_channel_new(void);

/**
 * Sends a value; never blocks.
 *
 * Thread safety: any thread. Ownership: `channel` is borrowed, `value` is borrowed and kept:
 * the channel takes a reference of its own, which the receiver gets. Returns 1. Error value: 0
 * for a value that is not a channel, for a closed channel and without memory, with a message in
 * rt_last_error.
 */
int64_t rt_channel_send(RtValue channel, RtValue value);

/**
 * Receives the oldest value; blocks until there is one or the channel is closed. After closing,
 * the values already sent can still be received; after those, the result is nil.
 *
 * Thread safety: any thread; each value is received once. Ownership: `channel` is borrowed, the
 * result is new. Error value: nil for a value that is not a channel, with a message in
 * rt_last_error.
 */
RtValue rt_channel_recv(RtValue channel);

/**
 * Receives the oldest value if there is one; otherwise returns nil at once.
 *
 * Thread safety: any thread; each value is received once. Ownership: `channel` is borrowed, the
 * result is new. Error value: nil for a value that is not a channel, with a message in
 * rt_last_error.
 */
RtValue rt_channel_try_recv(RtValue channel);

/**
 * Receives the oldest value; blocks for at most `ms` milliseconds (0 and less: not at all),
 * then returns nil. Also returns nil when the channel is closed and empty.
 *
 * Thread safety: any thread; each value is received once. Ownership: `channel` is borrowed, the
 * result is new. Error value: nil for a value that is not a channel, with a message in
 * rt_last_error.
 */
RtValue rt_channel_recv_timeout(RtValue channel, int64_t ms);

/**
 * Closes a channel: nothing can be sent any more, and waiting receivers are woken.
 *
 * Thread safety: any thread. Ownership: `channel` is borrowed. Returns 1 if this call closed
 * the channel, 0 if it was closed before. Error value: 0 for a value that is not a channel,
 * with a message in rt_last_error.
 */
int64_t rt_channel_close(RtValue channel);

/**
 * Returns 1 if a channel is closed, otherwise 0.
 *
 * Thread safety: any thread. Ownership: `channel` is borrowed. Error value: 1 for a value that
 * is not a channel (nothing can be sent to it), with a message in rt_last_error.
 */
int64_t rt_channel_is_closed(RtValue channel);

/**
 * Returns a number greater than 0 that no other channel of the process has or had.
 *
 * Thread safety: any thread. Ownership: `channel` is borrowed. Error value: 0 for a value that
 * is not a channel, with a message in rt_last_error.
 */
int64_t rt_channel_id(RtValue channel);

/**
 * Closes a channel and gives back the caller's reference to it. Other holders of references can
 * still receive the values already sent.
 *
 * Thread safety: any thread. Ownership: the caller's reference is taken. Returns 1. Error
 * value: 0 for a value that is not a channel, whose reference is not taken, with a message in
 * rt_last_error.
 *
 * Requires: a heap word names a live object, and the caller owns a reference to it.
 */
int64_t rt_channel_free(RtValue channel);

/* ---- Coverage ---- */

/**
 * Returns true if probes count.
 *
 * Thread safety: any thread. Probes count from the start of the process. Cannot fail.
 */
bool rt_coverage_enabled(void);

/**
 * Switches all probes on or off; existing counts are kept.
 *
 * Thread safety: any thread, without waiting for others; they follow soon, not at once. A probe
 * that is switched off costs one predicted branch. A decision's evaluation that is in progress
 * gives no test vector. A path in progress continues with the blocks that come while probes are
 * on. Cannot fail.
 */
void rt_coverage_set_enabled(bool enabled);

/**
 * Counts an outcome of decision `id` at `line` (from 1, 0 unknown) and `column` of `file`, and
 * completes the MC/DC test vector begun on this thread by the condition probes of this decision
 * (those with its number and its file).
 *
 * Thread safety: any thread, at any time, also in destructors of a thread that ends; not from a
 * signal handler or a memory allocator. Does not wait, except that new sites are added one at a
 * time. Ownership: `file` is borrowed for the call and may be freed after it; NULL means no
 * name. Any nonzero byte in `outcome` is true. Sites are distinguished by `id`, the text of
 * `file`, `line` and `column`; the time of a probe does not depend on how many sites have any
 * of these in common. A text in a read-only segment of the main program must never change.
 * Memory: 18 bytes per site and thread, or 32 for each of the first thousand sites, in blocks
 * of 32 sites; about 5 KiB per thread, and about 100 bytes per site. At most 4,194,304
 * decisions, the same number of conditions, and 268,435,456 bytes of names are distinguished;
 * probes of any others are counted together, in the table `beyond` of the report. Without
 * memory the process ends. Cannot fail.
 *
 * Requires: `file` is NULL or a NUL-terminated text that nobody changes during the call.
 */
void rt_coverage_decision_probe(uint32_t id,
                                bool outcome,
                                const char *file,
                                uint32_t line,
                                uint32_t column);

/**
 * Counts a value of condition `condition_id` of decision `decision_id` of the same file. Call
 * it once for each condition that is evaluated, before the decision's own probe.
 *
 * Thread safety: any thread, as for rt_coverage_decision_probe. Ownership: `file` is borrowed
 * for the call, as there; the same memory is needed. MC/DC needs conditions that are numbered
 * in the order of evaluation. Conditions from number 64 on are counted, but an evaluation that
 * reaches one of them gives no test vector. Where evaluations of one decision are nested
 * (recursion), the innermost 1,048,576 of a thread are remembered, as long as all decisions
 * together have at most twice that number. At most 4,096 distinct vectors are kept for each
 * decision, and 1,048,576 in all. Evaluations that lost their vector to a limit are counted in
 * the table `mcdc_beyond` of the report. Cannot fail.
 *
 * Requires: `file` is NULL or a NUL-terminated text that nobody changes during the call.
 */
void rt_coverage_condition_probe(uint32_t decision_id,
                                 uint32_t condition_id,
                                 bool value,
                                 const char *file,
                                 uint32_t line,
                                 uint32_t column);

/**
 * Begins a trace of a path, nested in those of the same path that are still open on this
 * thread.
 *
 * Thread safety: any thread, as for rt_coverage_decision_probe; traces of different threads do
 * not mix. Needed only where a path is entered again before it ends (recursion). A path that is
 * begun with this call once on a thread must always be begun with it there. Each thread
 * remembers the innermost 1,048,576 open traces of a path, as long as the open traces of all
 * paths number at most 2,097,152, hold at most 16,777,216 blocks together, and have at most
 * 65,536 path numbers. Beyond that the outer traces are forgotten, and counted in the table
 * `paths_beyond` of the report. Cannot fail.
 */
void rt_coverage_path_begin(uint32_t path_id);

/**
 * Adds a block to this thread's innermost trace of a path. Begins a trace if there is none.
 *
 * Thread safety: any thread, as for rt_coverage_decision_probe; traces of different threads do
 * not mix. Only the first 65,536 blocks of a trace are kept. Cannot fail.
 */
void rt_coverage_path_probe(uint32_t path_id, uint32_t block_id);

/**
 * Ends this thread's innermost trace of a path and counts it. Does nothing if there is no
 * trace.
 *
 * Thread safety: any thread, as for rt_coverage_decision_probe; traces of different threads do
 * not mix. At most 4,096 distinct paths with 1,048,576 blocks together are kept for each path
 * number, and 1,048,576 paths with 16,777,216 blocks in all. Any others are counted by path
 * number, in the table `paths_beyond` of the report. Cannot fail.
 */
void rt_coverage_path_finalize(uint32_t path_id);

/**
 * Returns the coverage so far as SDN text, of finished and running threads. In a forked process
 * it covers only what that process has counted itself, so its report and its parent's can be
 * added up.
 *
 * Thread safety: any thread, also while others run probes. The report contains each probe that
 * happened before, and may contain one that races with it. It blocks neither probes nor thread
 * ends. It does not block a clear either, but waits for one in progress. Without memory the
 * process ends. Ownership: the text is new; give it back with rt_coverage_free_sdn. Error
 * value: NULL, with a message in rt_last_error.
 */
char *rt_coverage_dump_sdn(void);

/**
 * Returns the coverage so far as an LCOV tracefile (SF, BRDA, MCDC in the masking form, DA),
 * which genhtml and Codecov read. Sites without a file name or a line are left out. The block
 * of a decision is 2048 * id + column (beyond column 2046: 2^43 + 2^32 * id + column). Its
 * branches are always 0 for true and 1 for false, whichever ran. Tools that identify branches
 * by these numbers, as lcov 1 does, can therefore merge the files of several runs. lcov 2
 * renumbers blocks by their order, and refuses to merge MC/DC of runs that saw different
 * conditions. With lcov 2, merge only runs of the same decisions, or merge the SDN dumps.
 *
 * Thread safety: any thread, also while others run probes, as for rt_coverage_dump_sdn.
 * Ownership: the text is new; give it back with rt_coverage_free_sdn. Error value: NULL, with a
 * message in rt_last_error.
 */
char *rt_coverage_dump_lcov(void);

/**
 * Frees a text made by rt_coverage_dump_sdn or rt_coverage_dump_lcov; NULL does nothing.
 *
 * Thread safety: any thread, once for each text. Ownership: the text is taken and must not be
 * used afterwards; it must be unchanged. Cannot fail.
 *
 * Requires: `text` is NULL or came from one of the two calls and has not been freed yet.
 */
void rt_coverage_free_sdn(char *text);

/**
 * Discards all counts, test vectors and paths, and those in progress on any thread.
 *
 * Thread safety: any thread, also while others run probes. Each probe that happened before is
 * forgotten. For a decision's probe that races with this call, the count may come before it and
 * the test vector after it; each of the two is counted once. An evaluation in progress gives no
 * vector, even if its decision is probed later. Of a path in progress only later blocks are
 * seen. Cannot fail.
 */
void rt_coverage_clear(void);

/* ---- Around-advice ---- */

/**
 * Calls `target` with `argc` arguments through a list of advices. The first advice is the
 * outermost one. Each advice must call rt_aop_proceed with its context exactly once.
 *
 * Thread safety: any thread; everything runs on the calling one. Ownership: the list and the
 * arguments are borrowed; the target and the advices get the arguments borrowed and return new
 * references; the result is new. Error value: nil if an advice does not proceed or proceeds
 * twice, for a NULL target, a NULL in the list, a NULL list with a length, NULL arguments with
 * a count, and for a panic inside, with a message in rt_last_error.
 *
 * Requires: the target and the advices are functions of these types; the list and the
 * arguments have the stated number of items.
 */
RtValue rt_aop_invoke_around(RtAopTarget target,
                             const RtAopAdvice *advices,
                             uint64_t advice_len,
                             uint64_t argc,
                             const RtValue *argv);

/**
 * Runs the code that the calling advice wraps: the next advice or the target.
 *
 * Thread safety: the thread that called the advice, until the advice returns; the context is
 * invalid elsewhere and later. Ownership: `ctx` is borrowed, the result is new. Error value:
 * nil for NULL, for a context that does not belong to a running advice of this thread, and on
 * the second call (which makes the result of the whole invocation nil), with a message in
 * rt_last_error.
 */
RtValue rt_aop_proceed(void *ctx);

/* ---- Errors and versions ---- */

/**
 * Returns the message of the last call that failed on this thread; empty if none has failed.
 *
 * Thread safety: any thread; every thread has its own. Ownership: the text is borrowed from the
 * runtime, valid until the next failing call on this thread, and until the thread ends. Without
 * memory for the whole message the text is its beginning. Cannot fail.
 */
const char *rt_last_error(void);

/**
 * Returns the version of the binary interface: (major << 16) | minor. Programs built for the
 * same major version and at most this minor version run with this library.
 *
 * Thread safety: any thread. Cannot fail.
 */
uint32_t simple_runtime_abi_version(void);

/**
 * Returns the version of this library, as "major.minor.patch".
 *
 * Thread safety: any thread. Ownership: the text is static: borrowed forever. Cannot fail.
 */
const char *rt_runtime_version(void);

#ifdef __cplusplus
} /* extern "C" */
#endif /* __cplusplus */

#if defined(__clang__) && !defined(__cplusplus)
#pragma clang diagnostic pop
#endif

#endif /* SIMPLE_RUNTIME_H */
