/* SPDX-License-Identifier: MIT */
/* Lua in the console: one interpreter that keeps its variables between calls, and never holds a
 * frame up. */
#ifndef CONSOLE_REPL_H
#define CONSOLE_REPL_H

#include "console.h"

enum repl_result {
    REPL_DONE,    /* finished, or failed and said why */
    REPL_RUNNING, /* goes on in the next call */
    REPL_QUIT,    /* the script called quit() */
};

/* A fresh interpreter; NULL: no memory. */
struct repl *repl_new(struct console *console);
void repl_delete(struct repl *repl);

/* Whether the text ends too early, as `for i = 1, 3 do` does: more lines may make it whole. */
int repl_is_incomplete(struct repl *repl, const char *text, uint32_t len);

/* Begin with an expression (its values are printed) or statements: RUNNING, and the rest is
 * repl_step's; DONE, it was no Lua, which has been said. */
enum repl_result repl_run(struct repl *repl, const char *text, uint32_t len);

/* Go on with what is running. */
enum repl_result repl_step(struct repl *repl);
int repl_is_running(const struct repl *repl);

/* What ctx.events() tells a script that runs. */
void repl_event(struct repl *repl, const struct ctx_event *event);

/* Ctrl-C: it ends with an error at its next instruction. */
void repl_stop(struct repl *repl);

/* In each call, behind its turn: a statement of SQL that it waits for ends, if it is to stop. */
void repl_hurry(struct repl *repl);

/* What scripts drew stays: put it on the canvas again. */
void repl_draw(const struct repl *repl, const struct ctx_fb *fb);

#endif
