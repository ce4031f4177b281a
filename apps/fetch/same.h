/* SPDX-License-Identifier: MIT */
/*
 * same.h - whether what a server has is what FILE.part is a part of. Beside it lies FILE.part.tag,
 * with the name that the server gave it (ETag), or else its date; with that the rest is asked for
 * (If-Range), and a server that has another file by now sends the whole of it.
 */
#ifndef FETCH_SAME_H
#define FETCH_SAME_H

#include <ctx/http.h>

#define SAME_ROOM 200 /* for what a server says, and a NUL */

/* Of this part; "": nothing is known. */
void same_read(const char *part, char out[SAME_ROOM]);
/* A part begins, of what this head says. False: errno says why that can not be written down. */
bool same_begin(const char *part, const struct ctx_http_head *head);
/* It is whole. */
void same_end(const char *part);

#endif
