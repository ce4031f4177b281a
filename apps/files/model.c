/* SPDX-License-Identifier: MIT */
#include "model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static uint8_t small(char c)
{
    return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

int name_compare(const char *a, const char *b)
{
    const char *x = a, *y = b;
    while (*x != 0 && *y != 0) {
        if (is_digit(*x) && is_digit(*y)) {
            while (*x == '0' && is_digit(x[1])) {
                x++;
            }
            while (*y == '0' && is_digit(y[1])) {
                y++;
            }
            size_t n = strspn(x, "0123456789"), m = strspn(y, "0123456789");
            int order = n != m ? (n < m ? -1 : 1) : memcmp(x, y, n);
            if (order != 0) {
                return order;
            }
            x += n;
            y += m;
        } else if (small(*x) != small(*y)) {
            return small(*x) < small(*y) ? -1 : 1;
        } else {
            x++;
            y++;
        }
    }
    return *x != *y ? (*x == 0 ? -1 : 1) : strcmp(a, b);
}

/* ---- sorting: a merge, for qsort gives its function no place for what it needs ---- */

static int before(const struct entry *a, const struct entry *b, enum sort sort, int falling)
{
    if (a->is_folder != b->is_folder) {
        return a->is_folder > b->is_folder;
    }
    int order = sort == SORT_SIZE      ? (a->bytes > b->bytes) - (a->bytes < b->bytes)
                : sort == SORT_CHANGED ? (a->changed > b->changed) - (a->changed < b->changed)
                                       : 0;
    order = order != 0 ? order : name_compare(a->name, b->name);
    return falling ? order > 0 : order < 0;
}

void entries_sort(struct entry *e, uint32_t count, enum sort sort, int falling)
{
    struct entry *other = count > 1 ? malloc(count * sizeof *e) : NULL;
    if (other == NULL) {
        return; /* as it is: there is no memory for an order */
    }
    for (uint32_t run = 1; run < count; run *= 2) {
        for (uint32_t from = 0; from < count; from += 2 * run) {
            uint32_t mid = from + run < count ? from + run : count;
            uint32_t end = from + 2 * run < count ? from + 2 * run : count;
            for (uint32_t i = from, k = mid, to = from; to < end; to++) {
                int second = k < end && (i == mid || before(&e[k], &e[i], sort, falling));
                other[to] = second ? e[k++] : e[i++];
            }
        }
        memcpy(e, other, count * sizeof *e);
    }
    free(other);
}

/* ---- kinds ---- */

static const char *ending_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    return dot != NULL && dot != name ? dot : "";
}

static int same_ending(const char *a, const char *b, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (small(a[i]) != small(b[i])) {
            return 0;
        }
    }
    return a[len] == 0;
}

static const struct {
    const char *endings; /* blanks between */
    const char *app;
    enum kind kind;
} built_in[] = {
    {".txt .md .log .csv .json .toml .ini .conf .sh .py .rs .c .h .cpp .hpp .lua .html .css .s",
     "editor", KIND_TEXT},
    {".png .jpg .jpeg", "pictures", KIND_PICTURE},
    {".elf", "", KIND_PROGRAM},
};

static int built_in_of(const char *ending)
{
    for (int i = 0; i < (int)(sizeof built_in / sizeof built_in[0]) && *ending != 0; i++) {
        for (const char *p = built_in[i].endings; *p != 0;) {
            size_t len = strcspn(p, " ");
            if (same_ending(ending, p, len)) {
                return i;
            }
            p += len + (p[len] == ' ');
        }
    }
    return -1;
}

enum kind kind_of(const struct entry *entry)
{
    int i = built_in_of(ending_of(entry->name));
    return entry->is_folder ? KIND_FOLDER : i >= 0 ? built_in[i].kind : KIND_FILE;
}

int handler_of(const char *table, const char *name, char *app, size_t room)
{
    const char *ending = ending_of(name);
    for (const char *line = table; line != NULL && *line != 0 && *ending != 0;) {
        const char *end = strchr(line, '\n');
        size_t len = end != NULL ? (size_t)(end - line) : strlen(line);
        size_t first = strcspn(line, " \t\r\n"), gap = strspn(line + first, " \t");
        size_t word = strcspn(line + first + gap, " \t\r\n#");
        if (line[0] == '.' && first + gap + word <= len && word > 0 && word < room &&
            same_ending(ending, line, first)) {
            memcpy(app, line + first + gap, word);
            app[word] = 0;
            return 1;
        }
        line = end != NULL ? end + 1 : NULL;
    }
    int i = built_in_of(ending);
    return i >= 0 && snprintf(app, room, "%s", built_in[i].app) < (int)room;
}

/* ---- names and paths ---- */

int name_numbered(const char *name, uint32_t number, char *out, size_t room)
{
    const char *ending = ending_of(name);
    int len = (int)(*ending != 0 ? (size_t)(ending - name) : strlen(name));
    return snprintf(out, room, "%.*s %u%s", len, name, (unsigned)number, ending) < (int)room;
}

const char *name_refused(const char *name)
{
    return name[0] == 0                                        ? "A name has a letter at least."
           : strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ? "That name means something else."
           : strchr(name, '/') != NULL                         ? "A name has no / in it."
           : strlen(name) > 255                                ? "A name has 255 bytes at most."
                                                               : NULL;
}

int path_is_in(const char *path, const char *folder)
{
    size_t len = strlen(folder);
    len -= len > 1 && folder[len - 1] == '/';
    return strncmp(path, folder, len) == 0 && (len == 1 || path[len] == 0 || path[len] == '/');
}

int line_with(const char *name, const char *word, char *out, size_t room)
{
    int n = snprintf(out, room, "%s ", name);
    size_t at = n > 0 ? (size_t)n : 0;
    for (; *word != 0; word++) {
        if (at + 3 > room) {
            return 0;
        }
        if (*word == ' ' || *word == '\\') {
            out[at++] = '\\';
        }
        out[at++] = *word;
    }
    out[at < room ? at : room - 1] = 0;
    return at < room;
}
