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

/* Before prepare() writes anything of the app's; nothing happens without the policy. Without memory
 * this call can not be undone. [loop, in a call] */
void undo_begin(struct app *app);

/* The call ended well. */
void undo_end(struct app *app);

/*
 * Put it back. again: it will see its events once more. NULL: done; else why that is not possible,
 * and the app is not in a state to go on. [loop, in a call]
 */
const char *undo_back(struct app *app, bool again);

/* The call does something to others that must not be forgotten and can not be taken back: from here
 * on it can not be undone. why: a text that lives for ever. [in a call] */
void undo_reaches_out(struct app *app, const char *why);

/* Its pages have become others; the next call begins afresh. */
void undo_reset(struct app *app);

/* The app is about to lose its slot. */
void undo_forget(struct app *app);

/* ---- what happens to the app's memory meanwhile ---- */

/* A write to a page of the app's slot that is read-only to it: true if it was only for this, and is
 * writable now. */
bool undo_write(struct app *app, uint64_t offset);

/* The kernel is about to write there through the direct map. */
void undo_touch(struct app *app, uint64_t offset, uint64_t len);

/* Pixels are about to be mapped at a surface's place: with which rights. */
uint32_t undo_mapped(struct app *app, uint32_t surface, paddr_t frame);

/* A page has come; it is about to go: true if its frame is kept for the way back. */
void undo_committed(struct app *app, uint64_t offset);
bool undo_takes_frame(struct app *app, uint64_t offset, paddr_t frame);

/* A surface's frames are about to go: true if they are kept. */
struct surface;
bool undo_takes_surface(struct app *app, const struct surface *surface);

/* Before a block of the heap comes or goes; after one has come (freed: before it goes). */
void undo_heap_before(struct app *app);
void undo_heap_changed(struct app *app, const struct slotheap_block *block, bool freed);

#endif
