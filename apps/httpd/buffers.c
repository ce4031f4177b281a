/* SPDX-License-Identifier: MIT */
/* What connections read into and send from. They are served one after the other, so a few buffers
 * do for all that have nothing to say for now. */
#include "httpd.h"

#include <stdlib.h>

#define SPARES     4u
#define SPARE_MOST 8192u

static struct {
    char *at;
    size_t room;
} spares[SPARES];

static void spare(char *at, size_t room)
{
    for (uint32_t i = 0; at != NULL && room <= SPARE_MOST && i < SPARES; i++) {
        if (spares[i].at == NULL) {
            spares[i].at = at;
            spares[i].room = room;
            return;
        }
    }
    free(at);
}

/* False: there is none of so many bytes. */
static bool take_spare(char **at, size_t *room, size_t wanted)
{
    for (uint32_t i = 0; i < SPARES; i++) {
        if (spares[i].at != NULL && spares[i].room >= wanted) {
            *at = spares[i].at;
            *room = spares[i].room;
            spares[i].at = NULL;
            return true;
        }
    }
    return false;
}

void buffers_drop(struct conn *conn)
{
    spare(conn->in, conn->in_room);
    spare(conn->out, conn->out_room);
    conn->in = conn->out = NULL;
    conn->in_room = conn->out_room = 0;
}

bool buffer_room(char **bytes, size_t *room, size_t wanted, size_t most)
{
    if (wanted <= *room) {
        return true;
    }
    if (*bytes == NULL && take_spare(bytes, room, wanted)) {
        return true;
    }
    size_t larger = *room < 1024 ? 1024 : *room;
    for (; larger < wanted; larger *= 2) {
    }
    char *moved = wanted <= most ? realloc(*bytes, larger) : NULL;
    if (moved == NULL) {
        return false;
    }
    *bytes = moved;
    *room = larger;
    return true;
}
