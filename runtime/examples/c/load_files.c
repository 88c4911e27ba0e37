/*
 * Loads the files that are named as arguments, all of them in the background, and counts
 * their lines.
 *
 *     cc -I include examples/c/load_files.c -L TARGET -lsimple_runtime -o load_files
 */
#include <simple_runtime.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t count_lines(const char *bytes, int64_t size) {
    int64_t lines = 0;
    for (int64_t i = 0; i < size; i++) {
        lines += bytes[i] == '\n';
    }
    return lines;
}

static void report(const char *name, int64_t file) {
    /* Waits until the load has ended; the answer is the address of the bytes, or 0. */
    Value address = native_async_file_wait(file);
    const char *bytes = (const char *)(uintptr_t)rt_value_as_int(address);
    rt_value_release(address);
    if (bytes == NULL) {
        Value error = native_async_file_get_error(file);
        printf("failed: %s\n", rt_string_data(error));
        rt_value_release(error);
        return;
    }
    int64_t size = native_async_file_get_size(file);
    printf("%s: %lld bytes, %lld lines\n", name, (long long)size,
           (long long)count_lines(bytes, size));
}

int main(int argc, char **argv) {
    int64_t *files = (int64_t *)calloc((size_t)argc, sizeof *files);
    if (files == NULL) {
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        Value path = rt_string_new(argv[i], strlen(argv[i]));
        files[i] = native_async_file_create(path, 0, RT_PREFAULT_AUTO);
        rt_value_release(path);
        if (files[i] == 0) {
            printf("refused: %s\n", rt_last_error());
            continue;
        }
        /* Does not block: this program could do other things now. */
        native_async_file_start_loading(files[i]);
    }
    for (int i = 1; i < argc; i++) {
        if (files[i] != 0) {
            report(argv[i], files[i]);
            /* From here on the address of the bytes is invalid. */
            native_async_file_close(files[i]);
        }
    }
    free(files);
    return 0;
}
