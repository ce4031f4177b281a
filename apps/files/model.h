/* SPDX-License-Identifier: MIT */
/* What `files` knows of names, without a window or a disk. */
#ifndef FILES_MODEL_H
#define FILES_MODEL_H

#include <stddef.h>
#include <stdint.h>

struct entry {
    char *name;
    uint64_t bytes;
    int64_t changed; /* seconds since 1970 */
    uint8_t is_folder, chosen;
    uint8_t thumb_tried;
    uint32_t *thumb; /* THUMB_W x THUMB_H pixels, opacity 0 beside the picture; NULL: none */
};

enum sort { SORT_NAME, SORT_SIZE, SORT_CHANGED };

/* Folders first; numbers in names count as numbers; letters of ASCII without their case. */
int name_compare(const char *a, const char *b);
void entries_sort(struct entry *entries, uint32_t count, enum sort sort, int falling);

/* What a file is shown as. */
enum kind { KIND_FILE, KIND_FOLDER, KIND_TEXT, KIND_PICTURE, KIND_PROGRAM };
enum kind kind_of(const struct entry *entry);

/*
 * Who opens a file of this name: from lines ".ending app" of `table` first, then from what is built
 * in. app has room bytes. 0: nobody. Of several lines the first counts; "#" begins a comment.
 */
int handler_of(const char *table, const char *name, char *app, size_t room);

/* "text.txt" and 2 is "text 2.txt", into out of room bytes. 0: it does not fit. */
int name_numbered(const char *name, uint32_t number, char *out, size_t room);

/* NULL: it may be a file's name; else why not. */
const char *name_refused(const char *name);

/* 1: path is that folder, or lies in it. */
int path_is_in(const char *path, const char *folder);

/* "NAME WORD" of an app's line: blanks and backslashes in the word get a backslash. 0: no room. */
int line_with(const char *name, const char *word, char *out, size_t room);

#endif
