/* SPDX-License-Identifier: MIT */
/* What the command line of `ctx run` said. */
#ifndef KERNEL_LINUX_OPTIONS_H
#define KERNEL_LINUX_OPTIONS_H

#include "isolate.h"

#include <kernel/types.h>

#include <limits.h>

struct run_app {
    const char *path;
    const char *text; /* "NAME ARGUMENTS", as a boot loader would give it */
};

struct run_disk {
    char *path;
    bool read_only;
    uint32_t block; /* bytes */
};

struct run_options {
    bool headless;
    bool fast;      /* no pause between frames */
    bool ascending; /* slots in ascending order */
    bool seeded;
    uint64_t seed;
    uint64_t frames;     /* 0: until someone ends it */
    uint64_t seconds_ns; /* likewise */
    uint32_t width, height, mib;
    uint32_t offer;         /* the newest version of the Context that apps are given */
    bool force;             /* even those that need a newer one */
    int64_t zone;           /* seconds by which local time is ahead of UTC */
    uint32_t layout;        /* of the keyboard: an index of ctx_keymap_get() */
    char *words;            /* the core's own, for all apps; NULL: none */
    const char **providers; /* see service_prefer() */
    uint32_t provider_count;
    bool poison;                   /* see app_set_poison() */
    enum isolate_mode isolate;     /* see isolate.h */
    bool rdtsc;                    /* likewise */
    bool no_watchdog;              /* no call is interrupted */
    const char *screenshot, *keys; /* NULL: none */
    const char *script;            /* likewise: a file */
    const char *save, *load;       /* likewise: images */
    struct run_disk *disks;        /* likewise: files; one of them may have a store */
    uint32_t disk_count;
    bool lends;           /* folders, by --dir */
    bool has_files;       /* and one of them is one of files, for the app storage: */
    uint32_t files_disk;  /* this one */
    const char *session;  /* likewise: its name, without spaces */
    bool fresh;           /* do not go on with it */
    bool hash;            /* see statehash_all() */
    uint64_t imagebench;  /* see imagebench_start() */
    bool virtual_time;    /* see linux_virtual_time() */
    bool verdict;         /* as the other machine's tests have it: see outcome.h */
    bool keys_from_stdin; /* standard input is a keyboard */
    const char **nets;    /* see linux_net_open() */
    uint32_t net_count;
    const char *net_dump;   /* a file; NULL: none */
    const char *log, *json; /* files, or a descriptor's number; NULL: none */
    char *environment;      /* CTX_RUN_OPTIONS, torn into words; NULL: there was none */
    struct run_app *apps;
    uint32_t app_count;
    uint32_t added; /* of these, before all others: what an option brings along */
    char added_path[2][PATH_MAX];
};

/* The text that a boot loader would give with an app: its name, which is its file's, and these
 * words. To be freed; NULL: no memory. */
char *options_app_text(const char *path, char **words, int count);

/* Reads what follows `ctx run`. False: it makes no sense, and stderr says why. */
bool options_read(struct run_options *o, int argc, char **argv);

#endif
