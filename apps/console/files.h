/* SPDX-License-Identifier: MIT */
/* Commands on files, by the C library: /data and /disk where somebody offers ctx.files/1, and the
 * app's own in memory elsewhere. They run as work (work.h). */
#ifndef CONSOLE_FILES_H
#define CONSOLE_FILES_H

#include "console.h"

#define FILES_WORDS 64u /* of a line, at most */

/* Carry out a line that begins with one of these commands. 0: it is none. */
int files_command(struct console *console, const char *name, const char *rest);

/* `echo TEXT > FILE` or `>> FILE`. 0: there is no such thing behind the text. */
int files_echo(struct console *console, const char *rest);

/* ---- between files.c, trees.c and programs.c; inside the work ---- */

typedef void (*files_fn)(struct console *console, int argc, char **argv);

/* "what: why" in the colour of errors; why NULL: what errno says. */
void files_complain(struct console *console, const char *what, const char *why);

/* Options in front, each a letter of `known`: takes them out, and returns a bit for each, in its
 * order; -1: another one, which has been said. */
int files_options(struct console *console, int *argc, char **argv, const char *known);

/* FOLDER/NAME in out, of PATH_MAX bytes. 0, and ENAMETOOLONG: too long. */
int files_join(char *out, const char *folder, const char *name);

/* The last name of a path. */
const char *files_last(const char *path);

/* After a change at this path: says once if that lies in the app's memory. */
void files_note_memory(struct console *console, const char *path);

/* What was changed outlives a power cut from now on. 0: it may not, which has been said. */
int files_sync(struct console *console);

/* ctx.files/1, for what the C library has no function for; NULL: nobody lends this app anything. */
const struct ctx_files *files_table(struct console *console);

/* After an answer of its functions: whether to ask again; waits first. */
int files_again(struct console *console, ctx_status status);

#define FILES_ASK(console, status, call)                                                           \
    do {                                                                                           \
        (status) = (call);                                                                         \
    } while (files_again((console), (status)))

/* show.c */
void show_ls(struct console *console, int argc, char **argv);
void show_cat(struct console *console, int argc, char **argv);
void show_df(struct console *console, int argc, char **argv);

/* trees.c */
void trees_cp(struct console *console, int argc, char **argv);
void trees_mv(struct console *console, int argc, char **argv);
void trees_rm(struct console *console, int argc, char **argv);
void trees_find(struct console *console, int argc, char **argv);

/* online.c */
void online_ip(struct console *console, int argc, char **argv);
void online_ping(struct console *console, int argc, char **argv);
void online_resolve(struct console *console, int argc, char **argv);
void online_nc(struct console *console, int argc, char **argv);

/* web.c */
void web_command(struct console *console, int argc, char **argv);

/* complete.c: a work_fn; the line up to the cursor. files.c: the names of all its commands. */
void complete_work(struct console *console, char *line);
const char *files_command_name(uint32_t index);

/* programs.c */
void programs_run(struct console *console, int argc, char **argv);
/* 1: a window of the terminal's programs has the keys, where all apps hear all of them. */
int programs_have_keys(struct console *console);

#endif
