/* SPDX-License-Identifier: MIT */
/* What surface*.c and ctx_display.c tell compose.c: who has surfaces, and that pixels changed. */
#ifndef KERNEL_COMPOSE_H
#define KERNEL_COMPOSE_H

#include "app_surfaces.h"

/* Put the app on the list of those that have surfaces, or take it off. */
void compose_list(struct app *app, bool shown);

/* Some surface has damage; surface_repaint(): everything may look different. */
void compose_damaged(void);

#endif
