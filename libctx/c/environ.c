/* SPDX-License-Identifier: MIT */
/*
 * Changing the environment. What putenv() is given becomes part of it, as it is: who changes that
 * text later changes the variable. picolibc's copies it, and its setenv() writes a new value over
 * an old one that may be the program's, or a constant.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

extern char **environ;

static struct {
    char **list;  /* the environment, once it has grown; the program may have put another there */
    char **texts; /* that setenv() has made */
    size_t count;
} state;

/* The place of a variable, or that of the NULL behind all. */
static size_t place_of(const char *name, size_t len)
{
    size_t i = 0;
    while (environ != NULL && environ[i] != NULL &&
           (strncmp(environ[i], name, len) != 0 || environ[i][len] != '=')) {
        i++;
    }
    return i;
}

/* NAME=value, which stays where it is: programs ask getenv(), call setenv(), and use what they got
 * before. So it is never freed, and made once. NULL: there is no memory. */
static char *text_of(const char *name, size_t len, const char *value)
{
    for (size_t i = 0; i < state.count; i++) {
        char *text = state.texts[i];
        if (strncmp(text, name, len) == 0 && text[len] == '=' &&
            strcmp(text + len + 1, value) == 0) {
            return text;
        }
    }
    size_t bytes = strlen(value) + 1;
    char **texts = realloc(state.texts, (state.count + 1) * sizeof *texts);
    if (texts == NULL) {
        return NULL;
    }
    state.texts = texts;
    char *text = malloc(len + 1 + bytes);
    if (text != NULL) {
        memcpy(text, name, len);
        text[len] = '=';
        memcpy(text + len + 1, value, bytes);
        texts[state.count++] = text;
    }
    return text;
}

static int put(char *text, size_t len)
{
    size_t i = place_of(text, len);
    if (environ != NULL && environ[i] != NULL) {
        environ[i] = text;
        return 0;
    }
    bool ours = environ != NULL && environ == state.list;
    char **list = realloc(ours ? state.list : NULL, (i + 2) * sizeof *list);
    if (list == NULL) {
        return -1;
    }
    if (!ours && i > 0) {
        memcpy(list, environ, i * sizeof *list);
    }
    list[i] = text;
    list[i + 1] = NULL;
    environ = state.list = list;
    return 0;
}

static bool is_name(const char *name)
{
    if (name != NULL && name[0] != 0 && strchr(name, '=') == NULL) {
        return true;
    }
    errno = EINVAL;
    return false;
}

int putenv(char *text)
{
    size_t len = strcspn(text, "=");
    if (text[len] == 0) {
        return unsetenv(text); /* as glibc has it */
    }
    return put(text, len);
}

int setenv(const char *name, const char *value, int overwrite)
{
    if (!is_name(name)) {
        return -1;
    }
    size_t len = strlen(name), i = place_of(name, len);
    if (overwrite == 0 && environ != NULL && environ[i] != NULL) {
        return 0;
    }
    char *text = text_of(name, len, value);
    return text != NULL ? put(text, len) : -1;
}

int unsetenv(const char *name)
{
    if (!is_name(name)) {
        return -1;
    }
    size_t len = strlen(name), i;
    while (i = place_of(name, len), environ != NULL && environ[i] != NULL) {
        do {
            environ[i] = environ[i + 1];
        } while (environ[i++] != NULL);
    }
    return 0;
}
