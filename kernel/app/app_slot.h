/* SPDX-License-Identifier: MIT */
/* Building and clearing an app's slot; for app.c and restore.c. */
#ifndef KERNEL_APP_SLOT_H
#define KERNEL_APP_SLOT_H

#include "app.h"

/* Before any other: the pages that all slots share. NOMEM. [boot] */
ctx_status app_slots_init(void);

/*
 * Give an app that has none a fresh slot with its file in it: at base, 0 for any. NOMEM, NOSPC: all
 * slots are taken, or this one is; then it still has none, and nothing of what it was given before.
 * [loop, in a call]
 */
ctx_status app_build(struct app *app, const uint8_t *file, const struct elf_plan *plan,
                     uint64_t base);

/* app.c: a struct that is not in the list yet. Does this kernel take such a file? It is logged if
 * not. The end of the list. Away with one that is not in it. */
bool app_check_plan(const struct elf_plan *plan, const char *file_name);
uint64_t app_take_order(void); /* before app_build() */
void app_append(struct app *app, uint64_t pid);
uint64_t app_next_pid(void);
void app_set_next_pid(uint64_t pid); /* or more */
void app_discard(struct app *app);
bool app_has_to_wait(const struct app *app, char id[64]); /* for what its note requires */
uint32_t app_version_for(const struct elf_plan *plan);

/* Give back all that it got since, whatever it did. Links of its hosts stay. [loop] */
void app_tear_down(struct app *app);

#endif
