/*
 * Loads all files of a folder and of the folders in it, in the background, and counts their words.
 * Symbolic links are not followed.
 *
 *     source_tree FOLDER
 */
#define _XOPEN_SOURCE 700
#include <simple_runtime.h>
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

/* Files that are being loaded while the oldest of them is read. */
enum { AHEAD = 256 };

static struct {
    char **names;
    size_t count, room;
} paths;

static void fail(const char *what, const char *path, const char *why) {
    fprintf(stderr, "source_tree: %s %s: %s\n", what, path, why);
    exit(2);
}

static void *checked(void *memory, const char *path) {
    if (memory == NULL) {
        fail("cannot note", path, "not enough memory");
    }
    return memory;
}

static void add(char *path) {
    if (paths.count == paths.room) {
        paths.room = paths.room == 0 ? 1024 : 2 * paths.room;
        size_t bytes = paths.room * sizeof *paths.names;
        paths.names = checked(realloc(paths.names, bytes), path);
    }
    paths.names[paths.count++] = path;
}

/* Adds the regular files below a folder. */
static void walk(const char *folder) {
    DIR *entries = opendir(folder);
    if (entries == NULL) {
        fail("cannot open the folder", folder, strerror(errno));
    }
    for (struct dirent *entry; (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        size_t bytes = strlen(folder) + strlen(entry->d_name) + 2;
        char *path = checked(malloc(bytes), folder);
        snprintf(path, bytes, "%s/%s", folder, entry->d_name);
        struct stat status;
        bool is_known = lstat(path, &status) == 0;
        if (is_known && S_ISREG(status.st_mode)) {
            add(path);
            continue;
        }
        if (is_known && S_ISDIR(status.st_mode)) {
            walk(path);
        }
        free(path);
    }
    closedir(entries);
}

static int64_t begin(const char *path) {
    int64_t file = native_async_file_create_bytes(path, strlen(path), 0, RT_PREFAULT_AUTO);
    if (file == 0) {
        fail("cannot load", path, rt_last_error());
    }
    native_async_file_start_loading(file);
    return file;
}

static long long count_words(const unsigned char *bytes, int64_t size) {
    long long words = 0;
    bool is_inside = false;
    for (int64_t i = 0; i < size; i++) {
        bool is_space = isspace(bytes[i]) != 0;
        words += is_inside && is_space;
        is_inside = !is_space;
    }
    return words + is_inside;
}

int main(int argc, char **argv) {
    if (argc != 2) {
        fprintf(stderr, "source_tree: give one folder\n");
        return 2;
    }
    walk(argv[1]);
    int64_t files[AHEAD];
    long long bytes = 0, words = 0;
    for (size_t i = 0; i < paths.count && i < AHEAD; i++) {
        files[i] = begin(paths.names[i]);
    }
    for (size_t i = 0; i < paths.count; i++) {
        int64_t file = files[i % AHEAD];
        Value address = native_async_file_wait(file);
        const unsigned char *first = (const unsigned char *)(uintptr_t)rt_value_as_int(address);
        if (first == NULL) {
            fail("cannot load", paths.names[i], rt_last_error());
        }
        rt_value_release(address);
        bytes += native_async_file_get_size(file);
        words += count_words(first, native_async_file_get_size(file));
        native_async_file_close(file);
        if (i + AHEAD < paths.count) {
            files[i % AHEAD] = begin(paths.names[i + AHEAD]);
        }
    }
    printf("%zu files, %lld bytes, %lld words\n", paths.count, bytes, words);
    for (size_t i = 0; i < paths.count; i++) {
        free(paths.names[i]);
    }
    free(paths.names);
    return 0;
}
