/* A host of plug-ins, whose own threads come and go: one waits for the plug-in's work, the host
 * closes the plug-in, and only then that thread ends.
 *
 * usage: host LIBRARY */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

typedef uint64_t Value;

static void *library;
static sem_t begun, may_return, waited, closed;

/* Declares `pointer` as the library's function of that name. (ISO C has no cast for that.) */
#define FIND(type, pointer)                                                                   \
    type pointer;                                                                             \
    do {                                                                                      \
        void *address = dlsym(library, #pointer);                                             \
        memcpy(&pointer, &address, sizeof pointer);                                           \
    } while (0)

typedef Value (*Make)(uint64_t, Value);
typedef int64_t (*Start)(Value);
typedef Value (*Await)(Value);
typedef void (*Shutdown)(void);

static Value body(Value ctx) {
    sem_post(&begun);
    sem_wait(&may_return);
    return ctx;
}

static void *waits(void *future) {
    FIND(Await, rt_future_await);
    rt_future_await(*(Value *)future);
    sem_post(&waited);
    sem_wait(&closed);
    return NULL;
}

int main(int argc, char **argv) {
    if (argc < 2 || !(library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL))) {
        return 2;
    }
    sem_init(&begun, 0, 0);
    sem_init(&may_return, 0, 0);
    sem_init(&waited, 0, 0);
    sem_init(&closed, 0, 0);
    FIND(Make, rt_future_new);
    FIND(Start, rt_future_start);
    FIND(Shutdown, rt_executor_shutdown);
    Value future = rt_future_new((uint64_t)(uintptr_t)body, 3);
    rt_future_start(future);
    sem_wait(&begun);
    pthread_t thread;
    if (pthread_create(&thread, NULL, waits, &future) != 0) {
        return 2;
    }
    /* So that it most likely sleeps: only then has the library much to do with it. */
    usleep(50000);
    sem_post(&may_return);
    sem_wait(&waited);
    rt_executor_shutdown();
    if (dlclose(library) != 0) {
        return 2;
    }
    puts("closed");
    fflush(stdout);
    sem_post(&closed);
    pthread_join(thread, NULL);
    puts("ended");
    return 0;
}
