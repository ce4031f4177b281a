/* SPDX-License-Identifier: MIT */
/* A session: all apps and the canvas at one moment, as one image. */
#ifndef KERNEL_SESSION_H
#define KERNEL_SESSION_H

#include "image.h"
#include "save.h"
#include "store.h"

/*
 * Saving is done in two halves, so that nothing stands still for long: the shot copies what there
 * is; developing it packs one app after the other.
 */
#define SESSION_APPS_MAX (CTX_IMAGE_SECTIONS_MAX - 2) /* beside head and canvas */
struct session_shot {
    struct image_bytes *apps, canvas, head;
    uint64_t len; /* of all, when it is developed */
    uint32_t count, room, done;
    uint64_t next_pid;
    int64_t wall_ns;
    char name[32];
    bool tight; /* packed at once: there was no memory for more */
};

/* An app that is in the middle of a call is taken as it would begin, and the log says so. NOMEM,
 * TOOBIG; then there is nothing to develop. [loop] */
ctx_status session_shoot(const char *name, struct session_shot *shot);

/* One step. PENDING: call it again; OK: the shot can be kept. Else it is gone. [loop] */
ctx_status session_develop(struct session_shot *shot);

/* A developed shot as shot->count + 1 pieces of memory, shot->len bytes in all, which stay the
 * shot's; how many. */
uint32_t session_pieces(struct session_shot *shot, struct store_piece *pieces);

/* The same in one piece; the shot is gone. NOMEM, TOOBIG. */
ctx_status session_join(struct session_shot *shot, struct image_bytes *out);
void session_shot_free(struct session_shot *shot);

/* All of it at once. */
ctx_status session_take(const char *name, struct image_bytes *out);

/*
 * Where nothing runs yet: start all that the session holds. What can not be restored is named in
 * the log, its own reason with it, and left out. How many apps run now. [boot, loop]
 */
uint32_t session_resume(const struct image *session, const char *label);

/*
 * Go back to a session while apps run: those that it knows return to what they were, whatever they
 * do just now, others end, missing ones come back, with no grant that `by` does not have (NULL:
 * nobody asks). Every app's image is looked at before anything changes. OK: all are back. Else the
 * status of the first one that is not (one that runs goes on as it is), and *failures tells. [loop]
 */
struct session_failures {
    uint32_t count, apps;
    char name[32]; /* of the first */
    struct image_error first;
};
ctx_status session_go_back(const struct image *session, const char *label, const struct app *by,
                           struct session_failures *failures);

#endif
