/* SPDX-License-Identifier: MIT */
/*
 * Undoing one call: an app with the policy `undo` whose call ends in a fault is put back to the
 * state before that call. Small states are copied before each call; of large ones only the pages
 * that the call writes are, because all pages are read-only to the app until then. Surfaces are
 * always large.
 *
 * Put back are the app's data, heap, store, surfaces with their pixels, and its place among the
 * events. What is not its own is not: the canvas, which all draw on and most draw anew each frame;
 * log lines, apps it started or stopped, images it saved. Tables that it opened stay open.
 */
#ifndef KERNEL_UNDO_H
#define KERNEL_UNDO_H

#include "app.h"

/* Up to so many pages of data are copied, above only those that are written: ctest/bench/images.py
 * measures where the one begins to cost more than the other. */
#define UNDO_COPY_PAGES 64u

/* Its pages have become others; the next call begins afresh. */
void undo_reset(struct app *app);

#endif
