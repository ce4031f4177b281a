/* SPDX-License-Identifier: MIT */
/*
 * Folders, read: opendir() takes all names at once, so whoever removes or makes files while reading
 * sees those that were there when it was opened, or rewound.
 */
#include "files.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct name {
    ino_t number;
    uint32_t at; /* in text */
    uint8_t type;
};

struct ctx_c_dir {
    int fd;
    size_t next, count, room;
    struct name *names;
    char *text;
    size_t text_len, text_room;
    struct dirent entry; /* that readdir has returned */
};

static bool grow(void **list, size_t each, size_t need, size_t *room)
{
    if (need <= *room) {
        return true;
    }
    size_t more = need + need / 2 + 16;
    void *bigger = realloc(*list, more * each);
    if (bigger != NULL) {
        *list = bigger;
        *room = more;
    }
    return bigger != NULL;
}

static int take_name(void *arg, const char *name, size_t len, ino_t number, uint8_t type)
{
    struct ctx_c_dir *dir = arg;
    if (!grow((void **)&dir->names, sizeof *dir->names, dir->count + 1, &dir->room) ||
        !grow((void **)&dir->text, 1, dir->text_len + len + 1, &dir->text_room)) {
        return -ENOMEM;
    }
    dir->names[dir->count++] =
        (struct name){.number = number, .at = (uint32_t)dir->text_len, .type = type};
    memcpy(dir->text + dir->text_len, name, len);
    dir->text[dir->text_len + len] = 0;
    dir->text_len += len + 1;
    return 0;
}

static int read_all(struct ctx_c_dir *dir)
{
    struct ctx_c_place place;
    const struct ctx_c_file *file = ctx_c_file_of(dir->fd);
    struct stat st = {0};
    dir->next = dir->count = dir->text_len = 0;
    if (file == NULL || file->path == NULL) {
        return file == NULL ? -EBADF : -ENOTDIR;
    }
    int error = ctx_c_place_of(AT_FDCWD, file->path, &place);
    if (error == 0) {
        error = ctx_c_place_stat(&place, &st);
    }
    if (error == 0) {
        error = take_name(dir, ".", 1, st.st_ino, DT_DIR);
    }
    if (error == 0) {
        error = take_name(dir, "..", 2, st.st_ino, DT_DIR);
    }
    return error == 0 ? place.ops->list(place.fs, place.below, take_name, dir) : error;
}

static void give_back(struct ctx_c_dir *dir)
{
    free(dir->names);
    free(dir->text);
    free(dir);
}

DIR *fdopendir(int fd)
{
    struct ctx_c_dir *dir = calloc(1, sizeof *dir);
    if (dir == NULL) {
        return NULL;
    }
    dir->fd = fd;
    int error = read_all(dir);
    if (error != 0) {
        give_back(dir);
        errno = -error;
        return NULL;
    }
    return dir;
}

DIR *opendir(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL && fd >= 0) {
        int kept = errno;
        close(fd);
        errno = kept;
    }
    return dir;
}

struct dirent *readdir(DIR *dir)
{
    if (dir->next >= dir->count) {
        return NULL;
    }
    const struct name *name = &dir->names[dir->next++];
    dir->entry.d_ino = name->number;
    dir->entry.d_type = name->type;
    strcpy(dir->entry.d_name, dir->text + name->at);
    return &dir->entry;
}

int readdir_r(DIR *restrict dir, struct dirent *restrict entry, struct dirent **restrict out)
{
    const struct dirent *next = readdir(dir);
    if (next != NULL) {
        *entry = *next;
    }
    *out = next != NULL ? entry : NULL;
    return 0;
}

void rewinddir(DIR *dir)
{
    int kept = errno;
    read_all(dir);
    errno = kept;
}

long telldir(DIR *dir)
{
    return (long)dir->next;
}

void seekdir(DIR *dir, long place)
{
    dir->next = place >= 0 && (size_t)place <= dir->count ? (size_t)place : dir->count;
}

int dirfd(DIR *dir)
{
    return dir->fd;
}

int closedir(DIR *dir)
{
    int result = close(dir->fd);
    give_back(dir);
    return result;
}

int alphasort(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static struct dirent *copy_of(const struct dirent *entry)
{
    struct dirent *copy = malloc(sizeof *copy);
    if (copy != NULL) {
        *copy = *entry;
    }
    return copy;
}

int scandir(const char *path, struct dirent ***out, int (*wanted)(const struct dirent *),
            int (*order)(const struct dirent **, const struct dirent **))
{
    struct dirent **list = NULL;
    const struct dirent *entry;
    size_t count = 0, room = 0;
    bool fine = true;
    DIR *dir = opendir(path);
    if (dir == NULL) {
        return -1;
    }
    while (fine && (entry = readdir(dir)) != NULL) {
        if (wanted == NULL || wanted(entry) != 0) {
            fine = grow((void **)&list, sizeof *list, count + 1, &room) &&
                   (list[count] = copy_of(entry)) != NULL;
            count += fine;
        }
    }
    closedir(dir);
    if (!fine) {
        while (count > 0) {
            free(list[--count]);
        }
        free(list);
        errno = ENOMEM;
        return -1;
    }
    if (order != NULL && count > 1) {
        qsort(list, count, sizeof *list, (int (*)(const void *, const void *))order);
    }
    *out = list;
    return (int)count;
}
