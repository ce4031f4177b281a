/* SPDX-License-Identifier: MIT */
/* What the files inject*.c know of each other: inject.c decides what goes wrong and counts what
 * comes of it, inject_code.c makes the code that does it, inject_look.c sees whether others have
 * changed. */
#ifndef KERNEL_INJECT_PRIVATE_H
#define KERNEL_INJECT_PRIVATE_H

#include "app.h"
#include "inject.h"

/* Behind the stack, where nothing else ever is, and within two GiB of the base word: verified code
 * can be there. */
#define STUB_AT (CTX_SLOT_IMAGE - PAGE_SIZE)

enum kind {
    WRITE_NOWHERE, /* where nothing is, or where it may not */
    WRITE_OTHERS,  /* another app's memory */
    WRITE_KERNEL,  /* the kernel's objects, or any RAM */
    WRITE_TABLES,  /* what says which page is where */
    JUMP_CODE,     /* into its own code, anywhere */
    JUMP_ELSEWHERE,
    NOTHING,   /* the call is as it is; only what others have is looked at, before and after */
    NO_MEMORY, /* what asks for memory gets none */
    GARBAGE,   /* one argument of a gate */
    KINDS,
};

struct inject {
    uint64_t random;
    uint32_t rate;
    uint32_t kinds;          /* a bit for each that is wanted */
    uint32_t in_call[KINDS]; /* injected in the call that is going on */
    uint32_t pending[KINDS]; /* calls that ended badly for it, with no good one since */
    uint64_t injected;       /* ever */
    uint64_t sum, others_ns; /* of what others have, and how long they ran, before the call */
    uint64_t target, before; /* a word that is the kernel's, and what it held; 0: there is none */
    uint64_t value;
    bool whole; /* all of the word is written; false: its first byte */
    bool summed, gate_garbage;
    uint8_t scratch[2 * PAGE_SIZE / 8]; /* the verifier's, for the page of code */
};

/* ---- inject_code.c ---- */

/* Its page of code, for writing. */
uint8_t *inject_page(const struct app *app);

/* Code in that page that writes i->value to target, if it is to, and goes on at an address. False:
 * a verified app's would not verify, and nothing of it is there. */
bool inject_write_code(struct app *app, bool writes, uint64_t target, uint64_t code);

/* ---- inject_look.c ---- */

/* What others have, and the word at i->target, are noted. [in a call] */
void inject_look_before(struct app *app);

/* Whether any of it is another now; *looked: somebody could tell. [in a call] */
bool inject_look_after(struct app *app, bool *looked);

#endif
