/* SPDX-License-Identifier: MIT */
/*
 * Saved apps: save, load, images, forget. What the kernel is asked for is done between the calls of
 * apps; the console asks once, looks in each call how far it is, and says what came of it. A
 * command that follows at once, `load` behind `save`, begins when that is done, if it went well.
 */
#ifndef CONSOLE_IMAGES_H
#define CONSOLE_IMAGES_H

#include <stdint.h>

struct console;

#define IMAGE_NAME 63u
#define IMAGE_REST 127u /* what follows a command that waits */

enum images_what {
    IMAGES_NOTHING,
    IMAGES_SAVE,
    IMAGES_LOAD,
    IMAGES_FORGET,
};

/* The job that is not done yet. */
struct images {
    enum images_what what;
    uint32_t job;
    uint32_t epoch;   /* the console's when it asked */
    int64_t wall_ns;  /* and the calendar's, 0: unknown */
    uint64_t told_ms; /* when progress was printed last */
    char name[IMAGE_NAME + 1];
    char app[33]; /* empty: all of them */

    /* The command that waits until that is done: one, and not for ever. */
    enum images_what next;
    char next_rest[IMAGE_REST + 1];
    uint64_t next_until_ms;
};

/* `rest` is what follows the command. */
void images_save(struct console *console, const char *rest);
void images_load(struct console *console, const char *rest);
void images_forget(struct console *console, const char *rest);
void images_list(struct console *console);

/* In each call. */
void images_go_on(struct console *console);

#endif
