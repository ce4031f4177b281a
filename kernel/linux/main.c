/* SPDX-License-Identifier: MIT */
/* ctx: apps of Argos, byte for byte the same files, on Linux. */
#include "linux.h"
#include "tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "ctx run [OPTION...] APP.elf [ARGUMENT...] [+ APP.elf [ARGUMENT...]...]\n"
    "ctx info APP.elf...          what a file is\n"
    "ctx check APP.elf...         would a kernel refuse it, or warn: what and why\n"
    "ctx cc|c++ [OPTION]... FILE...    compile an app whose code a kernel can verify (ctx cc --help)\n"
    "ctx disk create|ls|get|put|rm|check|info DISK ...     saved apps in a file or on a disk\n"
    "ctx image info|verify|diff|extract IMAGE ...           saved apps in files\n"
    "ctx new NAME [--lang c|cpp|rust|lua|asm|libc]  a project to begin with\n"
    "ctx debug [--qemu] APP.elf [WORD...]           an app in gdb, here or in a virtual machine\n"
    "ctx idl FILE.toml [--lang c|cpp|rust]... [--out DIR] [--check]   what an interface's text makes\n"
    "ctx files -o FILE.o DIR[=/PATH]...             files to link into an app with a C library\n"
    "ctx iso -o FILE.iso APP.elf [WORD...] [+ APP.elf [WORD...]...]   an image that boots them\n"
    "\n"
    "Runs apps as Argos does, the later ones drawing over the earlier ones. Among an app's arguments\n"
    "grant=ID,... deny=ID,... and instrument=WORD,... are for the core. Options of run:\n"
    "\n"
    "--headless         no window\n"
    "--frames N         end when every app was called N times\n"
    "--seconds S        end after S seconds\n"
    "--screenshot FILE  write a PNG at the end (of 3 seconds when nothing else is given)\n"
    "--size WxH         the screen (1280x800)\n"
    "--keys TEXT        type this when the apps run; <up> <left> <ret> <esc> ... by name\n"
    "--script FILE      actions with their time: wait, key, type, pointer, button ... (man ctx)\n"
    "--save FILE        at the end, save the app, or all of them as a session\n"
    "--at N             the same as --frames: after N calls\n"
    "--load FILE        go on with what was saved\n"
    "--disk FILE        images are kept in this store (ctx disk create), not in memory\n"
    "--session NAME     with --disk: save what runs at the end, go on with it next time\n"
    "--fresh            but not this time\n"
    "--virtual-time     time stands still but for the pauses: each run is the same run\n"
    "--fast             no pause between frames\n"
    "--seed N           the same addresses and random numbers in every run\n"
    "--ascending        slots in ascending order, the first at 0x200000000000\n"
    "--emulate N        offer Context version N at most, as an older kernel would\n"
    "--force            start apps that need a newer one all the same\n"
    "--trace            show every call that an app makes\n"
    "--deny ID          apps do not get this table; may be given several times\n"
    "--deny-random      each table of each app, or not\n"
    "--provider ID:NAME  of several apps that offer this interface, the one of this name has it\n"
    "--isolate MODE     off, prefer (verified apps can not leave their slots, others run trusted)\n"
    "                   or require (only verified ones run)\n"
    "--isolate-rdtsc on  verified apps may read the time stamp counter (off)\n"
    "--poison           memory that need not be zero is not\n"
    "--no-watchdog      interrupt no call, however long it takes\n"
    "--layout NAME      of the keyboard, for text events: en (US), fr\n"
    "--mem MiB          memory of the machine (1024)\n"
    "--dir HOST:/PATH   lend the first app this folder, to be read; with :rw behind it, to be changed\n"
    "--log FILE         all of the log goes there, not to standard error\n"
    "--json FILE        how it ended, as a JSON object; a number is a descriptor\n"
    "--keys-from-stdin  standard input is a keyboard\n"
    "--verdict          for tests: see man ctx\n"
    "\n"
    "The first app has standard input, output and error. Ctrl-C ends it, and so does closing the\n"
    "window. Exit code: the first app's; 125 wrong usage, 126 refused, 127 the core gave up, 128+n.\n";

static int usage(void)
{
    fputs(
        "ctx: run, info, check, cc, c++, disk, files, image, new, debug, idl or iso? (ctx --help)\n",
        stderr);
    return HOST_USAGE;
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

int main(int argc, char **argv)
{
    const char *command = argc > 1 ? argv[1] : "";
    fill_streams();
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    const char *slash = strrchr(argv[0], '/');
    if (strcmp(slash != NULL ? slash + 1 : argv[0], "ctx-run") == 0) { /* an interpreter: man ctx */
        return tool_run(argc - 1, argv + 1);
    }
    bool script = false; /* they have their own */
    static const char *const scripts[] = {"new", "debug", "idl", "iso", "cc", "c++", "files"};
    for (size_t i = 0; i < ARRAY_COUNT(scripts); i++) {
        script |= strcmp(command, scripts[i]) == 0;
    }
    for (int i = 1; i < argc && !script && (i == 1 || argv[i][0] == '-'); i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            fputs(help, stdout);
            return HOST_FINE;
        }
    }
    if (strcmp(command, "--version") == 0) {
        puts("ctx " ARGOS_VERSION);
        return HOST_FINE;
    }
    if (strcmp(command, "run") == 0) {
        return tool_run(argc - 2, argv + 2);
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
    if (argc > 2 && strcmp(command, "info") == 0) {
        return tool_info(argc - 2, argv + 2);
    }
    if (argc > 2 && strcmp(command, "check") == 0) {
        return tool_check(argc - 2, argv + 2);
    }
    return usage();
}
