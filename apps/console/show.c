/* SPDX-License-Identifier: MIT */
/* ls, cat, df: what only looks. */
#include "files.h"

#include "work.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHUNK   4096
#define CELL    9 /* pixels of a character's width */
#define COLUMNS 61

/* ---- df ---- */

static void size_text(char out[16], uint64_t bytes)
{
    static const char units[] = "KMGT";
    uint32_t unit = 0;
    if (bytes < 10000) {
        snprintf(out, 16, "%lu", (unsigned long)bytes);
        return;
    }
    bytes = (bytes + 1023) / 1024;
    for (; bytes >= 10000 && unit < 3; unit++) {
        bytes = (bytes + 1023) / 1024;
    }
    snprintf(out, 16, "%lu%c", (unsigned long)bytes, units[unit]);
}

void show_df(struct console *c, int argc, char **argv)
{
    const struct ctx_files *files = files_table(c);
    (void)argc;
    (void)argv;
    if (files == NULL) {
        console_print(
            c, TEXT_ERROR,
            c->language == 1
                ? "personne n'offre ctx.files/1: les fichiers sont dans cette application\n"
                : "nobody offers ctx.files/1: files are in this app alone\n");
        return;
    }
    console_print(c, TEXT_DIM, "   size    free   files  path\n");
    for (uint32_t i = 0;; i++) {
        char path[PATH_MAX], all[16], rest[16];
        struct ctx_files_space space = {.size = sizeof space};
        uint32_t len = 0, rights = 0;
        ctx_status status;
        FILES_ASK(c, status, files->root(files, i, path, sizeof path - 1, &len, &rights));
        if (status != CTX_OK || len >= sizeof path) {
            return;
        }
        path[len] = 0;
        FILES_ASK(c, status, files->space(files, path, len, &space));
        if (status != CTX_OK) {
            files_complain(c, path, ctx_status_name(status));
            continue;
        }
        size_text(all, space.bytes);
        size_text(rest, space.free);
        console_printf(c, TEXT_RESULT, "%7s %7s %7lu  %.300s%s%s\n", all, rest,
                       (unsigned long)space.files, path,
                       (space.flags & CTX_FILES_IN_MEMORY) != 0 ? "  (in memory)" : "",
                       (space.flags & CTX_FILES_READ_ONLY) != 0 || (rights & CTX_FILES_WRITE) == 0
                           ? "  (read-only)"
                           : "");
    }
}

/* ---- ls ---- */

struct entry {
    char *name;
    struct stat st;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static void print_long(struct console *c, const char *name, const struct stat *st)
{
    char when[24] = "", size[24] = "folder";
    struct tm tm;
    if (gmtime_r(&st->st_mtime, &tm) != NULL && st->st_mtime > 0) {
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &tm);
    }
    if (!S_ISDIR(st->st_mode)) {
        snprintf(size, sizeof size, "%lu", (unsigned long)st->st_size);
    }
    console_printf(c, TEXT_DIM, "%10s  %-16s  ", size, when);
    console_printf(c, S_ISDIR(st->st_mode) ? TEXT_PROMPT : TEXT_RESULT, "%s%s\n", name,
                   S_ISDIR(st->st_mode) ? "/" : "");
}

static uint32_t cells(const char *name)
{
    uint32_t n = 0;
    for (; *name != 0; name++) {
        n += (*name & 0xc0) != 0x80;
    }
    return n;
}

/* As many columns as the window has room for, filled from above. */
static void print_short(struct console *c, const struct entry *list, uint32_t count)
{
    uint32_t widest = 1, room = c->window.w > CELL ? (uint32_t)c->window.w / CELL - 2 : COLUMNS;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t w = cells(list[i].name) + 3;
        widest = w > widest ? w : widest;
    }
    uint32_t columns = widest < room ? room / widest : 1;
    uint32_t rows = (count + columns - 1) / columns;
    for (uint32_t row = 0; row < rows; row++) {
        for (uint32_t i = row; i < count; i += rows) {
            int folder = S_ISDIR(list[i].st.st_mode);
            console_printf(c, folder ? TEXT_PROMPT : TEXT_RESULT, "%s%s", list[i].name,
                           folder ? "/" : "");
            uint32_t used = cells(list[i].name) + (folder != 0);
            for (; i + rows < count && used < widest; used++) {
                console_write(c, TEXT_PLAIN, " ", 1);
            }
        }
        console_write(c, TEXT_PLAIN, "\n", 1);
    }
}

static void ls_folder(struct console *c, const char *path, int whole)
{
    struct entry *list = NULL;
    uint32_t count = 0, room = 0;
    DIR *dir = opendir(path);
    const struct dirent *e;
    if (dir == NULL) {
        files_complain(c, path, NULL);
        return;
    }
    while ((e = readdir(dir)) != NULL && work_turn(c)) {
        char inside[PATH_MAX];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) {
            continue;
        }
        if (count == room) {
            uint32_t more = room + room / 2 + 16;
            struct entry *larger = realloc(list, more * sizeof *list);
            if (larger == NULL) {
                break;
            }
            list = larger;
            room = more;
        }
        struct entry *to = &list[count];
        *to = (struct entry){.name = strdup(e->d_name),
                             .st = {.st_mode = e->d_type == DT_DIR ? S_IFDIR : S_IFREG}};
        if (to->name == NULL) {
            break;
        }
        if (whole && files_join(inside, path, e->d_name)) {
            (void)stat(inside, &to->st); /* or it has gone meanwhile */
        }
        count++;
    }
    if (e != NULL && !c->work.stop) {
        errno = ENOMEM;
        files_complain(c, path, NULL);
    }
    closedir(dir);
    if (count > 0) {
        qsort(list, count, sizeof *list, by_name);
    }
    for (uint32_t i = 0; whole && i < count; i++) {
        print_long(c, list[i].name, &list[i].st);
    }
    if (!whole && count > 0) {
        print_short(c, list, count);
    }
    for (uint32_t i = 0; i < count; i++) {
        free(list[i].name);
    }
    free(list);
}

void show_ls(struct console *c, int argc, char **argv)
{
    static char here[] = ".";
    char *one[] = {argv[0], here, NULL};
    int whole = files_options(c, &argc, argv, "l");
    if (argc == 1) {
        argv = one;
        argc = 2;
    }
    for (int i = 1; whole >= 0 && i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) != 0) {
            files_complain(c, argv[i], NULL);
        } else if (!S_ISDIR(st.st_mode)) {
            if (whole) {
                print_long(c, argv[i], &st);
            } else {
                console_printf(c, TEXT_RESULT, "%.400s\n", argv[i]);
            }
        } else {
            if (argc > 2) {
                console_printf(c, TEXT_DIM, "%.400s:\n", argv[i]);
            }
            ls_folder(c, argv[i], whole);
        }
    }
}

/* ---- one file after the other ---- */

/* A character of several bytes may lie across two chunks. */
static size_t whole_characters(const char *text, size_t len)
{
    size_t at = len;
    while (at > 0 && len - at < 3 && (text[at - 1] & 0xc0) == 0x80) {
        at--;
    }
    if (at == 0 || (text[at - 1] & 0xc0) != 0xc0) {
        return len;
    }
    uint8_t first = (uint8_t)text[at - 1];
    size_t wants = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    return len - (at - 1) < wants ? at - 1 : len;
}

static void cat_one(struct console *c, const char *path)
{
    char text[CHUNK + 4];
    size_t kept = 0;
    ssize_t n = 0;
    char last = '\n';
    int fd = open(path, O_RDONLY);
    while (fd >= 0 && work_turn(c) && (n = read(fd, text + kept, CHUNK)) > 0) {
        size_t have = kept + (size_t)n, whole = whole_characters(text, have);
        console_write(c, TEXT_PLAIN, text, (uint32_t)whole);
        last = whole > 0 ? text[whole - 1] : last;
        kept = have - whole;
        memmove(text, text + whole, kept);
    }
    int error = fd < 0 || n < 0 ? errno : 0;
    console_write(c, TEXT_PLAIN, text, (uint32_t)kept);
    if (last != '\n' || kept > 0) {
        console_write(c, TEXT_PLAIN, "\n", 1);
    }
    if (fd >= 0) {
        close(fd);
    }
    if (error != 0) {
        errno = error;
        files_complain(c, path, NULL);
    }
}

void show_cat(struct console *c, int argc, char **argv)
{
    for (int i = 1; i < argc && work_turn(c); i++) {
        cat_one(c, argv[i]);
    }
}
