/* SPDX-License-Identifier: MIT */
/* Images in files, for `ctx run --save` and `--load`. */
#ifndef KERNEL_LINUX_IMAGES_H
#define KERNEL_LINUX_IMAGES_H

#include <kernel/types.h>

/* Start what an image or a session holds. False: the file can not be read. What is wrong with its
 * bytes stands in the log, and counts as a refused file. [boot] */
bool images_load(const char *path);

/* An app that is in the middle of a call, and can not be saved now; NULL: there is none. */
const struct app *images_busy(void);

/* Save all apps that run: one as its image, several, or whatever runs if it has a name, as a
 * session. False: it did not work, and the log says why; what the file held before is still there.
 */
bool images_save(const char *path, const char *session);

/* A session wants a disk with a store. False: there is none, and stderr says why: what somebody
 * does for an hour would be kept nowhere. [boot, after vault_start()] */
bool images_have_store(const char *session);

#endif
