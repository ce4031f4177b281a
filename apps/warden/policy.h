/* SPDX-License-Identifier: MIT */
/*
 * What an app may do, as lines of text; README.md has them for people. No line of it needs a
 * Context, so tests read policies without one.
 *
 *   allow WORDS               done, and no line below is looked at
 *   deny WORDS [STATUS]       refused with DENIED, or this status
 *   limit WORDS N/s [STATUS]  so many in each second, at once or spread; more get AGAIN
 *   limit WORDS N [STATUS]    so many in all; more get DENIED
 *   fail WORDS N [STATUS]     the Nth gets FAULT
 *   delay WORDS MS            done, and then the app rests for so long
 *   delay WORDS MS again      AGAIN until so long after the first try, then done
 *
 * From top to bottom; a line that decides ends it, and what no line decides is done.
 */
#ifndef WARDEN_POLICY_H
#define WARDEN_POLICY_H

#include <ctx/ctx.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define POLICY_LINES    64u  /* that say something */
#define POLICY_WORDS    120u /* bytes of a line's words */
#define POLICY_NUMBER   UINT64_C(1000000000)
#define POLICY_RATE     UINT64_C(1000000)
#define POLICY_DELAY_MS UINT64_C(60000)

enum policy_verb { POLICY_ALLOW = 0, POLICY_DENY, POLICY_LIMIT, POLICY_FAIL, POLICY_DELAY };

struct policy_line {
    enum policy_verb verb;
    const char *source; /* where it stands: a file's name, or "rule=" */
    uint32_t no;        /* and its number there, from 1 */
    uint32_t words_len;
    char words[POLICY_WORDS];
    ctx_status status; /* what who is refused gets */
    uint64_t number;   /* N, MS */
    uint8_t per_second, again;

    /* changes as calls come */
    uint64_t calls;     /* that it meant */
    uint64_t hits;      /* that it refused, or delayed */
    uint64_t credit_ns; /* per_second: time, of which a call costs 1 s / N */
    uint64_t counted_ns;
    uint64_t since_ns; /* again: when it was tried first; 0: not */
};

struct policy {
    uint32_t count;
    struct policy_line lines[POLICY_LINES];
};

/* What is wrong with a text, and where. */
struct policy_error {
    const char *source;
    uint32_t line, field; /* from 1 */
    const char *reason;
    char text[48]; /* the field, cut, printable */
};

/*
 * Add the lines of a text; source lives as long as the policy. Empty lines, and what follows a #,
 * mean nothing. first: the number of its first line. 0: *error says what is wrong; nothing of the
 * text counts then.
 */
int policy_read(struct policy *policy, const char *source, uint32_t first, const char *text,
                size_t len, struct policy_error *error);

/* The first word of a line that is of this verb, for faces and logs: "deny". */
const char *policy_verb_name(enum policy_verb verb);

struct policy_answer {
    struct policy_line *by; /* the line that refused or delayed; NULL: none */
    uint8_t refused;
    ctx_status status; /* refused: this, or NULL for a function that gives a pointer */
    uint64_t rest_ns;  /* done, and so long the app has to rest, by all lines together */
};

/* What becomes of a call, at this time; it is counted. */
struct policy_answer policy_ask(struct policy *policy, const struct ctx_host_call *call,
                                uint64_t now_ns);

#ifdef __cplusplus
}
#endif

#endif
