/* SPDX-License-Identifier: MIT */
/* A session: all apps and the canvas at one moment, as one image. */
#ifndef KERNEL_SESSION_H
#define KERNEL_SESSION_H

#include "image.h"
#include "save.h"

/*
 * Save all apps. One that is in the middle of a call is saved as it would begin, and the log says
 * so. NOMEM, TOOBIG; then *out is zeroes. [loop]
 */
ctx_status session_take(const char *name, struct image_bytes *out);

/*
 * Where nothing runs yet: start all that the session holds. What can not be restored is named in
 * the log, its own reason with it, and left out. How many apps run now. [boot, loop]
 */
uint32_t session_resume(const struct image *session, const char *label);

/*
 * Go back to a session while apps run: those that it knows return to what they were, others end,
 * missing ones come back. Every app's image is looked at before anything changes: INVAL, *error says
 * what is wrong. [loop]
 */
ctx_status session_go_back(const struct image *session, const char *label,
                           struct image_error *error);

#endif
