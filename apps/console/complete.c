/* SPDX-License-Identifier: MIT */
/* Tab: the rest of a path, as far as there is only one; else which there are. The first word is a
 * command's name. */
#include "files.h"
#include "work.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SHOWN 60 /* names, at most */

struct found {
    uint32_t count;
    char common[NAME_MAX + 1]; /* what all begin with */
    char names[SHOWN][NAME_MAX + 1];
    uint8_t is_folder;
};

static int is_special(char c)
{
    return c == ' ' || c == '\\' || c == '"' || c == '\'' || c == '*' || c == '?' || c == '[';
}

/* The last word of a line, without its backslashes; *first: the line has no other. */
static void last_word(const char *line, char word[PATH_MAX], int *first)
{
    size_t n = 0;
    *first = 1;
    for (const char *p = line; *p != 0; p++) {
        if (*p == ' ') {
            *first &= n == 0;
            n = 0;
            continue;
        }
        p += *p == '\\' && p[1] != 0;
        if (n + 1 < PATH_MAX) {
            word[n++] = *p;
        }
    }
    word[n] = 0;
}

static void add(struct found *f, const char *name, int is_folder)
{
    if (f->count == 0) {
        strcpy(f->common, name);
        f->is_folder = (uint8_t)is_folder;
    }
    size_t n = 0;
    while (f->common[n] != 0 && f->common[n] == name[n]) {
        n++;
    }
    while (n > 0 && ((uint8_t)f->common[n] & 0xc0) == 0x80) {
        n--; /* whole characters */
    }
    f->common[n] = 0;
    if (f->count < SHOWN) {
        strcpy(f->names[f->count], name);
    }
    f->count++;
}

static void look_in(struct console *c, struct found *f, const char *folder, const char *begin)
{
    DIR *dir = opendir(folder);
    const struct dirent *d;
    while (dir != NULL && work_turn(c) && (d = readdir(dir)) != NULL) {
        char path[PATH_MAX];
        struct stat st;
        int hidden = d->d_name[0] == '.' && begin[0] != '.';
        if (strncmp(d->d_name, begin, strlen(begin)) == 0 && !hidden) {
            int is =
                files_join(path, folder, d->d_name) && stat(path, &st) == 0 && S_ISDIR(st.st_mode);
            add(f, d->d_name, is);
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
}

/* Into the line, as if it was typed. */
static void type(struct console *c, const char *text, int quotes)
{
    for (uint32_t at = 0, len = (uint32_t)strlen(text); at < len;) {
        uint32_t code;
        at += utf8_decode(text + at, len - at, &code);
        if (quotes && code < 0x80 && is_special((char)code)) {
            edit_insert(&c->edit, '\\');
        }
        edit_insert(&c->edit, code);
    }
}

static void show(struct console *c, const struct found *f)
{
    for (uint32_t i = 0; i < f->count && i < SHOWN; i++) {
        console_print(c, TEXT_DIM, f->names[i]);
        console_print(c, TEXT_DIM, "  ");
    }
    console_print(c, TEXT_DIM, f->count > SHOWN ? "...\n" : "\n");
}

void complete_work(struct console *c, char *line)
{
    char word[PATH_MAX], folder[PATH_MAX];
    int first;
    struct found *f = calloc(1, sizeof *f);
    last_word(line, word, &first);
    char *slash = strrchr(word, '/');
    const char *begin = slash != NULL ? slash + 1 : word;
    if (f != NULL && first && slash == NULL) {
        const char *name;
        for (uint32_t i = 0; (name = files_command_name(i)) != NULL; i++) {
            if (strncmp(name, word, strlen(word)) == 0) {
                add(f, name, 0);
            }
        }
    } else if (f != NULL) {
        strcpy(folder, slash == word ? "/" : slash != NULL ? word : ".");
        folder[slash != NULL && slash != word ? (size_t)(slash - word) : strlen(folder)] = 0;
        look_in(c, f, folder, begin);
    }
    if (f != NULL && f->count > 0) {
        size_t had = strlen(begin);
        type(c, f->common + had, 1);
        if (f->count == 1) {
            type(c, f->is_folder ? "/" : " ", 0);
        } else if (strlen(f->common) == had) {
            show(c, f);
        }
    }
    free(f);
}
