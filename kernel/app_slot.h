/* SPDX-License-Identifier: MIT */
/* Building and clearing an app's slot; for app.c. */
#ifndef KERNEL_APP_SLOT_H
#define KERNEL_APP_SLOT_H

#include "app.h"

/* Before any other: the pages that all slots share. NOMEM. [boot] */
ctx_status app_slots_init(void);

/*
 * Give an app that has none a fresh slot with its file in it. NOMEM, NOSPC: all slots are taken;
 * then it still has none. [loop, in a call]
 */
ctx_status app_build(struct app *app, const uint8_t *file, const struct elf_plan *plan);

/* Give back all that it got since, whatever it did. Links of its hosts stay. [loop] */
void app_tear_down(struct app *app);

#endif
