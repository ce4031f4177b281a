/* SPDX-License-Identifier: MIT */
/*
 * What takes another process, of which an app can have none: each links, answers ENOSYS, and says
 * so in the log the first time, by name.
 */
#define _GNU_SOURCE
#include "glue.h"

#include <ctx/c.h>

#include <errno.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

void ctx_c_never(const char *name, bool *said)
{
    if (!*said) {
        *said = true;
        ctx_c_say(CTX_LOG_WARN, "%s: an app is one process, and starts none: ENOSYS", name);
    }
    errno = ENOSYS;
}

#define NEVER(name)                                                                                \
    do {                                                                                           \
        static bool said;                                                                          \
        ctx_c_never(name, &said);                                                                  \
    } while (0)

static int no_exec(void)
{
    NEVER("exec");
    return -1;
}

pid_t fork(void)
{
    NEVER("fork");
    return -1;
}

pid_t vfork(void)
{
    NEVER("vfork");
    return -1;
}

int pipe(int fds[2])
{
    (void)fds;
    NEVER("pipe");
    return -1;
}

int pipe2(int fds[2], int flags)
{
    (void)flags;
    return pipe(fds);
}

FILE *popen(const char *command, const char *mode)
{
    (void)command;
    (void)mode;
    NEVER("popen");
    return NULL;
}

int pclose(FILE *file)
{
    (void)file;
    errno = ECHILD;
    return -1;
}

/* Without a command: whether there is a shell. */
int system(const char *command)
{
    if (command == NULL) {
        return 0;
    }
    NEVER("system");
    return -1;
}

int daemon(int keep_folder, int keep_streams)
{
    (void)keep_folder;
    (void)keep_streams;
    NEVER("daemon");
    return -1;
}

/* Nobody has children: that is an answer, not a lack. */
static pid_t no_children(void)
{
    errno = ECHILD;
    return -1;
}

/* clang-format off */
pid_t wait(int *status) { (void)status; return no_children(); }
pid_t waitpid(pid_t pid, int *status, int options) { (void)pid; (void)status; (void)options; return no_children(); }

int execl(const char *path, const char *word, ...) { (void)path; (void)word; return no_exec(); }
int execle(const char *path, const char *word, ...) { (void)path; (void)word; return no_exec(); }
int execlp(const char *file, const char *word, ...) { (void)file; (void)word; return no_exec(); }
int execv(const char *path, char *const words[]) { (void)path; (void)words; return no_exec(); }
int execve(const char *path, char *const words[], char *const names[]) { (void)path; (void)words; (void)names; return no_exec(); }
int execvp(const char *file, char *const words[]) { (void)file; (void)words; return no_exec(); }
int execvpe(const char *file, char *const words[], char *const names[]) { (void)file; (void)words; (void)names; return no_exec(); }
int fexecve(int fd, char *const words[], char *const names[]) { (void)fd; (void)words; (void)names; return no_exec(); }
/* clang-format on */

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
                const posix_spawnattr_t *attributes, char *const words[], char *const names[])
{
    (void)pid;
    (void)path;
    (void)actions;
    (void)attributes;
    (void)words;
    (void)names;
    NEVER("posix_spawn");
    return ENOSYS;
}

int posix_spawnp(pid_t *pid, const char *file, const posix_spawn_file_actions_t *actions,
                 const posix_spawnattr_t *attributes, char *const words[], char *const names[])
{
    return posix_spawn(pid, file, actions, attributes, words, names);
}
