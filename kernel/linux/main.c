/* SPDX-License-Identifier: MIT */
/* ctx: apps of Argos, byte for byte the same files, on Linux. */
#include "linux.h"
#include "tool.h"

#include <storage_tool.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What --help prints of a command; "": of the tool. It is made of the man pages (cmake/mkhelp.py).
 */
static bool help(const char *command)
{
    if (strcmp(command, "c++") == 0) {
        command = "cc";
    }
    for (const struct tool_help *h = tool_helps; h->command != NULL; h++) {
        if (strcmp(h->command, command) == 0) {
            fputs(h->text, stdout);
            return true;
        }
    }
    return false;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

#define COMMANDS "run, info, check, cc, c++, disk, files, image, new, debug, idl or iso"

static int usage(const char *command)
{
    if (command[0] == 0) {
        fputs("ctx: " COMMANDS "? (ctx --help)\n", stderr);
    } else if (access(command, F_OK) == 0) {
        fprintf(stderr, "ctx: %s: this is a file, no command: ctx run %s? (ctx --help)\n", command,
                command);
    } else {
        fprintf(stderr, "ctx: there is no command %s: " COMMANDS "? (ctx --help)\n", command);
    }
    return LINUX_USAGE;
}

/* `ctx check` and `ctx info` want files. */
static int with_files(const char *command, int (*tool)(int argc, char **argv), int argc,
                      char **argv)
{
    if (argc > 0) {
        return tool(argc, argv);
    }
    fprintf(stderr, "ctx: an app's file is missing after %s (ctx %s --help)\n", command, command);
    return LINUX_USAGE;
}

/* `ctx files` is two tools: disks, and folders that are linked into an app, which takes options. */
static bool is_about_disks(int argc, char **argv)
{
    bool disks = true;
    for (int i = 2; i < argc; i++) {
        disks = disks && strncmp(argv[i], "-o", 2) != 0 && strcmp(argv[i], "--list") != 0;
    }
    return strcmp(argv[1], "files") == 0 &&
           (argc == 2 || storage_tool_knows(argv[2]) || (disks && argv[2][0] != '-'));
}

/* A stream that was closed is nobody's: what is opened later must not take its place, and get what
 * an app prints. */
static void fill_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_RDONLY : O_WRONLY);
        }
    }
}

/* What could not be printed was not done. */
static int printed(int code)
{
    bool good = ferror(stdout) == 0;
    errno = good ? 0 : EIO;
    if (fflush(stdout) == 0 && good) {
        return code;
    }
    fprintf(stderr, "ctx: standard output: %s\n", strerror(errno));
    return code == LINUX_FINE ? LINUX_USAGE : code;
}

/* All but `ctx run`. */
static int other_command(const char *command, int argc, char **argv)
{
    if (argc > 1 && is_about_disks(argc, argv)) {
        return storage_tool(argc - 2, argv + 2);
    }
    bool script = false; /* they have their own */
    static const char *const scripts[] = {"new", "debug", "idl", "iso", "cc", "c++", "files"};
    for (size_t i = 0; i < ARRAY_COUNT(scripts); i++) {
        script |= strcmp(command, scripts[i]) == 0;
    }
    bool asks = strcmp(command, "help") == 0; /* `ctx help run` */
    if ((is_help(command) || asks) && help(asks && argc > 2 ? argv[2] : "")) {
        return LINUX_FINE;
    }
    for (int i = 2; i < argc && argv[i][0] == '-' && (i == 2 || !script); i++) {
        if (is_help(argv[i]) && help(command)) {
            return LINUX_FINE;
        }
    }
    if (strcmp(command, "--version") == 0) {
        puts("ctx " ARGOS_VERSION);
        return LINUX_FINE;
    }
    if (script) {
        return tool_sdk(command, argc - 2, argv + 2);
    }
    if (strcmp(command, "disk") == 0) {
        return tool_disk(argc - 2, argv + 2);
    }
    if (strcmp(command, "image") == 0) {
        return tool_image(argc - 2, argv + 2);
    }
    if (strcmp(command, "info") == 0) {
        return with_files(command, tool_info, argc - 2, argv + 2);
    }
    if (strcmp(command, "check") == 0) {
        return with_files(command, tool_check, argc - 2, argv + 2);
    }
    return usage(asks && argc > 2 ? argv[2] : command);
}

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    fill_streams();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    const char *slash = strrchr(argv[0], '/');
    if (strcmp(slash != NULL ? slash + 1 : argv[0], "ctx-run") ==
        0) { /* an interpreter: ctx-run(1) */
        return tool_run(argc - 1, argv + 1);
    }
    if (strcmp(command, "run") == 0) {
        for (int i = 2; i < argc && argv[i][0] == '-'; i++) {
            if (is_help(argv[i]) && help(command)) {
                return printed(LINUX_FINE);
            }
        }
        return tool_run(argc - 2, argv + 2);
    }
    return printed(other_command(command, argc, argv));
}
