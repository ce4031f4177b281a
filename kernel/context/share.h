/* SPDX-License-Identifier: MIT */
/* Shared memory for the rooms above and beside: a handle that goes along in a call between apps.
 * kernel/doc/shares.md has what a share is. */
#ifndef KERNEL_SHARE_H
#define KERNEL_SHARE_H

#include <kernel/types.h>

struct app;

/*
 * Pass a share along: a handle of from's becomes one more of to's, with these rights or fewer than
 * it has. It needs no take(); if it comes in a call of to's that is undone it goes again. NOENT,
 * REVOKED, STALE: from's handle is not good; INVAL: no such rights, or it is one app; DENIED: more
 * rights than from has, or to must not have shares; NOSPC: to has too many handles, or the share
 * too many holders; NOMEM. Then *theirs is 0. [loop, in a call]
 */
ctx_status share_pass(struct app *from, uint32_t handle, uint32_t rights, struct app *to,
                      uint32_t *theirs);

/* Close a handle at once, whether the holder's call may be undone or not: what was passed for a
 * call that did not come about. Fine with one that is closed. [loop, in a call] */
void share_drop(struct app *holder, uint32_t handle);

/*
 * For devices that read or write a share themselves: its pages stay, whatever becomes of the share
 * and of all that hold it, until share_unpin(). Until then they count against whom they did, or
 * nobody. writes: the device will change them. NOENT, REVOKED (or STALE): no good handle; DENIED:
 * writes, and the app may not; RANGE: the share does not have those bytes. [loop, in a call]
 */
struct share;
ctx_status share_pin(struct app *app, uint32_t handle, bool writes, uint64_t from, uint64_t bytes,
                     struct share **out);
void share_unpin(struct share *s);

/* How many bytes a pinned share has; where they lie from `at` on, and how many follow there. */
uint64_t share_size(const struct share *s);
uint8_t *share_bytes(const struct share *s, uint64_t at, uint64_t *len);

#endif
