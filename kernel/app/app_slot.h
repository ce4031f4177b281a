/* SPDX-License-Identifier: MIT */
/* Building and clearing an app's slot (app_slot.c), and what app.c lets its neighbours do to its
 * list: for app.c and those who make an app of an image. */
#ifndef KERNEL_APP_SLOT_H
#define KERNEL_APP_SLOT_H

#include "app.h"
#include "needs.h"

/* Before any other: the pages that all slots share. NOMEM. [boot] */
ctx_status app_slots_init(void);

/*
 * Give an app that has none a fresh slot with its file in it: at base, 0 for any. NOMEM, NOSPC: all
 * slots are taken, or this one is; then it still has none, and nothing of what it was given before.
 * [loop, in a call]
 */
ctx_status app_build(struct app *app, const uint8_t *file, const struct elf_plan *plan,
                     uint64_t base);

/* Give back all that it got since, whatever it did. Links of its hosts stay. [loop,
 * in a call] */
void app_tear_down(struct app *app);

/* ---- app.c: an app that is not in the list yet. [loop, in a call] ---- */

/* Whether this kernel takes such a file. If not, the log says why. */
bool app_check_plan(const struct elf_plan *plan, const char *file_name);

/* Which version of the Context it will be given. */
uint32_t app_version_for(const struct elf_plan *plan);

/* Its place in the list, which grows: before app_build(). */
uint64_t app_take_order(void);

/* To the end of the list, with this pid; those that come later have greater ones. */
void app_append(struct app *app, uint64_t pid);

/* Away with it and all that it has. */
void app_discard(struct app *app);

/* The pid of the next app that is loaded: it becomes this one, if it is not greater already. */
uint64_t app_next_pid(void);
void app_set_next_pid(uint64_t pid);

/* Whether nobody offers something that its note requires; then id is the first such thing. */
bool app_has_to_wait(const struct app *app, char id[NEEDS_ID]);

#endif
