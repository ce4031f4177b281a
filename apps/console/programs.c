/* SPDX-License-Identifier: MIT */
/* run: a program of the disk, or one that lies on the shelf. */
#include "files.h"
#include "system.h"
#include "work.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <terminal.h>
#include <unistd.h>

#define FOLDER  "/disk/apps"
#define LINE    2048
#define LARGEST (64 << 20)

/* A name is NAME, or NAME.elf, in /disk/apps; with a slash in it, it is a path. -1: no such file.
 */
static int open_program(const char *name, char path[PATH_MAX])
{
    int is_path = strchr(name, '/') != NULL;
    for (int i = 0; i < 2; i++) {
        if (snprintf(path, PATH_MAX, "%s%s%s%s", is_path ? "" : FOLDER, is_path ? "" : "/", name,
                     i == 0 ? "" : ".elf") < PATH_MAX) {
            int fd = open(path, O_RDONLY);
            if (fd >= 0) {
                return fd;
            }
        }
    }
    return -1;
}

/* All of it. NULL, and errno. */
static void *read_whole(struct console *c, int fd, uint32_t *len)
{
    struct stat st;
    if (fstat(fd, &st) != 0) {
        return NULL;
    }
    if (S_ISDIR(st.st_mode) || st.st_size <= 0 || st.st_size > LARGEST) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : st.st_size <= 0 ? ENOEXEC : EFBIG;
        return NULL;
    }
    char *bytes = malloc((size_t)st.st_size);
    size_t done = 0;
    while (bytes != NULL && done < (size_t)st.st_size && work_turn(c)) {
        ssize_t n = read(fd, bytes + done, (size_t)st.st_size - done);
        if (n <= 0) {
            errno = n == 0 ? ENOEXEC : errno;
            break;
        }
        done += (size_t)n;
    }
    if (bytes != NULL && done < (size_t)st.st_size) {
        free(bytes);
        bytes = NULL;
    }
    *len = (uint32_t)st.st_size;
    return bytes;
}

/* A word of a line: a blank or a backslash in it gets a backslash. */
static int put_word(char *line, size_t *at, const char *word)
{
    for (const char *p = word; *p != 0; p++) {
        if (*at + 3 > LINE) {
            return 0;
        }
        if (*p == ' ' || *p == '\\') {
            line[(*at)++] = '\\';
        }
        line[(*at)++] = *p;
    }
    line[*at] = 0;
    return 1;
}

/* "NAME WORDS"; the name is the file's, without its folder and ending. */
static int line_of(char line[LINE], int argc, char **argv)
{
    char name[32];
    size_t at = 0;
    snprintf(name, sizeof name, "%s", files_last(argv[1]));
    char *dot = strrchr(name, '.');
    if (dot != NULL && dot != name && strcmp(dot, ".elf") == 0) {
        *dot = 0;
    }
    int fits = put_word(line, &at, name);
    for (int i = 2; fits && i < argc; i++) {
        fits = at + 3 < LINE;
        if (fits) {
            line[at++] = ' ';
            fits = put_word(line, &at, argv[i]);
        }
    }
    return fits;
}

static void say_started(struct console *c, ctx_status status, const char *name, uint64_t pid)
{
    int fr = c->language == 1;
    switch (status) {
    case CTX_OK:
        c->ran = 1;
        console_printf(c, TEXT_RESULT,
                       fr ? "%.100s est l'application %lu\n" : "%.100s is app %lu\n", name,
                       (unsigned long)pid);
        break;
    case CTX_E_DENIED:
        system_denied(c, status, CTX_ID_LOADER);
        break;
    case CTX_E_UNVERIFIED:
        files_complain(c, name,
                       fr ? "son code n'est pas vérifié, et ma ligne ne dit pas `trusted`"
                          : "its code is not verified, and my line does not say `trusted`");
        break;
    case CTX_E_INVAL:
        files_complain(c, name,
                       fr ? "refusé; le journal dit pourquoi" : "refused; the log says why");
        break;
    case CTX_E_NOENT:
        files_complain(c, name,
                       fr ? "ni dans " FOLDER ", ni sur l'étagère"
                          : "neither in " FOLDER " nor on the shelf");
        break;
    default:
        files_complain(c, name, ctx_status_name(status));
    }
}

int programs_have_keys(struct console *c)
{
    const struct terminal_table *terminal = NULL;
    uint32_t has = 0;
    return CTX_HAS(c->ctx, iface) && terminal_open(c->ctx, &terminal) == CTX_OK &&
           terminal->front(terminal, &has) == CTX_OK && has != 0;
}

void programs_run(struct console *c, int argc, char **argv)
{
    char path[PATH_MAX], line[LINE];
    uint64_t pid = 0;
    uint32_t len = 0;
    const struct ctx_loader *loader = system_open(c, CTX_ID_LOADER);
    if (loader == NULL) {
        system_missing(c, CTX_ID_LOADER);
        return;
    }
    if (!line_of(line, argc, argv)) {
        errno = E2BIG;
        files_complain(c, argv[1], NULL);
        return;
    }
    int fd = open_program(argv[1], path);
    if (fd < 0 && strchr(argv[1], '/') != NULL) {
        files_complain(c, argv[1], NULL);
    } else if (fd < 0) {
        uint32_t words = argc > 2 ? (uint32_t)strlen(line) : 0;
        ctx_status status =
            CTX_TABLE_HAS(struct ctx_loader, loader, run)
                ? loader->run(loader, argv[1], (uint32_t)strlen(argv[1]), line, words, &pid)
                : CTX_E_NOENT;
        say_started(c, status, argv[1], pid);
    } else {
        void *bytes = read_whole(c, fd, &len);
        int error = errno;
        close(fd);
        errno = error;
        if (bytes == NULL) {
            files_complain(c, path, NULL);
        } else {
            ctx_status status =
                loader->start(loader, bytes, len, line, (uint32_t)strlen(line), &pid);
            say_started(c, status, files_last(argv[1]), pid);
        }
        free(bytes);
    }
}
