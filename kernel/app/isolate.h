/* SPDX-License-Identifier: MIT */
/*
 * Which apps may run, by what the verifier (verify.h) says of their code: all, those that are
 * verified, or those and a few that somebody who may do so trusts.
 * kernel/doc/isolation.md.
 */
#ifndef KERNEL_ISOLATE_H
#define KERNEL_ISOLATE_H

#include "app.h"
#include "verify.h"

enum isolate_mode {
    ISOLATE_PREFER = 0, /* what can not be verified runs trusted, if it may */
    ISOLATE_OFF,        /* nothing is looked at: all run trusted */
    ISOLATE_REQUIRE,    /* what can not be verified does not run */
};

/* What the boot word `isolate=` means: "off", "prefer", "require", up to a space or the end; NULL,
 * there is none: PREFER. False: it is none of these; then *mode is REQUIRE, the safe one. */
bool isolate_read_mode(const char *word, enum isolate_mode *mode);

/* The boot word `isolate-rdtsc=`, likewise: whether verified code may read the time stamp counter,
 * "on" or "off"; NULL: it may not. False: it is neither; then *may is false. */
bool isolate_read_rdtsc(const char *word, bool *may);
void isolate_set_rdtsc(bool may); /* [boot] */

void isolate_set_mode(enum isolate_mode mode); /* [boot] */
enum isolate_mode isolate_mode(void);

/* How often an app began unverified since boot: once one did, nothing is isolated from it. [any] */
uint64_t isolate_trusted_total(void);
void isolate_count_trusted(void);

/*
 * What the boot line grants to an app by its name, for images of the owner's session: under REQUIRE
 * these give nothing that the line does not. text is "NAME ARGUMENTS", as for app_load(). NOMEM: it
 * is granted nothing. Two apps of one name: what any of them has. [boot]
 */
ctx_status isolate_allow(const char *file_name, const char *text);

/* What of these grants an image may give to an app of this name. [loop] */
uint64_t isolate_cut(const char *name, uint64_t grants);
/* The same of what is said of other interfaces. False: no memory, and nothing is left. */
bool isolate_cut_list(const char *name, struct grants *list);

/*
 * Look at the code of a file that is about to be loaded, as it will lie in a slot: with VERIFY_FILL
 * around what the file has of each page. plan is elf_check()'s. FINE, or what is wrong first.
 * NOMEM: no memory to find out.
 */
ctx_status isolate_look(const uint8_t *file, const struct elf_plan *plan,
                        struct verify_result *result);

/*
 * The app's code was looked at and is not fine: may it run all the same? Whatever the answer, the
 * log has it: that it runs all the same once for each program, not for each instance. OK, and it
 * is counted; UNVERIFIED.
 */
ctx_status isolate_trust(struct app *app, const uint8_t *file, const struct elf_plan *plan,
                         const struct verify_result *result);

#endif
