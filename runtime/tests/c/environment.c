/*
 * Does what its arguments say, in their order: a program that tests run with variables in its
 * environment. What it prints is on standard output.
 *
 *   workers=N  sets the number of workers        start     starts the executor
 *   threads    prints the number of threads      submit    submits 100 tasks
 *   load=FILE  loads a file with auto            copy=FILE loads a file with copy
 *   behind=FILE  starts loading a file with copy in the background, 100 times, and waits for all
 *   error      prints rt_last_error              shutdown  shuts the executor down
 *   manual     switches to Manual mode           fork      does "submit shutdown" in a child
 *   exec       runs itself with "submit shutdown" in a child
 *   leave      changes to the folder /           secure    prints 1 with more rights, or 0
 *   abort, _exit                                 ends the process in that way
 */
#define _DEFAULT_SOURCE
#include "check.h"

#include <dirent.h>
#include <stdint.h>
#include <sys/auxv.h>
#include <sys/wait.h>
#include <unistd.h>

static const char *self;

static Value nothing(Value ctx) {
    (void)ctx;
    return rt_value_nil();
}

static void submit(void) {
    for (int i = 0; i < 100; i++) {
        CHECK(rt_executor_submit(RT_FN(nothing), rt_value_nil()) > 0);
    }
}

static void load(const char *name, int32_t strategy) {
    int64_t file = native_async_file_create_bytes(name, strlen(name), 0, strategy);
    CHECK(file > 0);
    Value address = native_async_file_wait(file);
    CHECK(rt_value_as_int(address) != 0);
    rt_value_release(address);
    CHECK(native_async_file_close(file) == 1);
}

static void load_behind(const char *name) {
    int64_t files[100];
    for (int i = 0; i < 100; i++) {
        files[i] = native_async_file_create_bytes(name, strlen(name), 0, RT_PREFAULT_COPY);
        CHECK(files[i] > 0);
        native_async_file_start_loading(files[i]);
    }
    for (int i = 0; i < 100; i++) {
        rt_value_release(native_async_file_wait(files[i]));
        CHECK(native_async_file_get_state(files[i]) == RT_FILE_STATE_READY);
        CHECK(native_async_file_close(files[i]) == 1);
    }
}

static void print_threads(void) {
    int threads = 0;
    DIR *tasks = opendir("/proc/self/task");
    CHECK(tasks != NULL);
    for (struct dirent *task; (task = readdir(tasks)) != NULL;) {
        threads += task->d_name[0] != '.';
    }
    closedir(tasks);
    printf("%d threads\n", threads);
}

/* In a child: works and exits, or starts this program again. */
static void in_child(bool again) {
    fflush(stdout);
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        alarm(120);
        if (again) {
            execl(self, self, "submit", "shutdown", (char *)NULL);
            _exit(1);
        }
        submit();
        rt_executor_shutdown();
        exit(0);
    }
    int status = 0;
    CHECK(waitpid(child, &status, 0) == child);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void run(const char *order) {
    if (strncmp(order, "workers=", 8) == 0) {
        rt_executor_set_workers(number(order + 8));
    } else if (strncmp(order, "load=", 5) == 0) {
        load(order + 5, RT_PREFAULT_AUTO);
    } else if (strncmp(order, "copy=", 5) == 0) {
        load(order + 5, RT_PREFAULT_COPY);
    } else if (strncmp(order, "behind=", 7) == 0) {
        load_behind(order + 7);
    } else if (strcmp(order, "start") == 0) {
        rt_executor_start();
    } else if (strcmp(order, "threads") == 0) {
        print_threads();
    } else if (strcmp(order, "submit") == 0) {
        submit();
    } else if (strcmp(order, "error") == 0) {
        printf("error: %s\n", rt_last_error());
    } else if (strcmp(order, "shutdown") == 0) {
        rt_executor_shutdown();
    } else if (strcmp(order, "manual") == 0) {
        rt_executor_set_mode(RT_EXECUTOR_MODE_MANUAL);
    } else if (strcmp(order, "fork") == 0) {
        in_child(false);
    } else if (strcmp(order, "exec") == 0) {
        in_child(true);
    } else if (strcmp(order, "leave") == 0) {
        CHECK(chdir("/") == 0);
    } else if (strcmp(order, "secure") == 0) {
        printf("%d\n", getauxval(AT_SECURE) != 0);
    } else if (strcmp(order, "abort") == 0) {
        abort();
    } else if (strcmp(order, "_exit") == 0) {
        _exit(0);
    } else {
        fprintf(stderr, "no such order: %s\n", order);
        exit(2);
    }
}

int main(int argc, char **argv) {
    self = argv[0];
    for (int i = 1; i < argc; i++) {
        run(argv[i]);
    }
    return 0;
}
