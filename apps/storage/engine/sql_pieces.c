/* SPDX-License-Identifier: MIT */
/*
 * What a database reads of its file is read in the pieces that the disk has it in, where it goes on
 * from what it has read last: to find one page of a piece costs nearly as much as to read all of
 * it. A few are kept, the oldest goes first. What is written goes past them, and so does what is
 * read here and there, and everything where there is no memory.
 */
#include "sql_private.h"

#include <stdlib.h>
#include <string.h>

/* Also what was the end of the file, if it is not any more. */
void sql_pieces_forget(struct fdb_sql *s, uint64_t at, uint64_t len)
{
    for (uint32_t i = 0; s->pieces != NULL && i < SQL_PIECES; i++) {
        struct sql_file_piece *p = &s->pieces[i];
        bool last = p->len < FDB_CHUNK && at > p->at;
        if (p->len > 0 && (last || at < p->at + FDB_CHUNK) && at + len > p->at) {
            p->len = 0;
        }
    }
}

void sql_pieces_end(struct fdb_sql *s)
{
    free(s->pieces);
    s->pieces = NULL;
}

static const struct sql_file_piece *find(const struct fdb_sql *s, uint64_t at)
{
    for (uint32_t i = 0; i < SQL_PIECES; i++) {
        if (s->pieces[i].len > 0 && s->pieces[i].at == at) {
            return &s->pieces[i];
        }
    }
    return NULL;
}

/* The piece that begins there; NULL: *status says why, or there is nothing there. */
static const struct sql_file_piece *fetch(struct fdb_sql *s, uint64_t at, ctx_status *status)
{
    struct sql_file_piece *p = &s->pieces[s->next_piece];
    s->next_piece = (s->next_piece + 1) % SQL_PIECES;
    uint32_t len = 0;
    p->len = 0;
    *status = fdb_read(s->db, s->id, at, p->bytes, FDB_CHUNK, &len);
    p->at = at;
    p->len = *status == CTX_OK ? len : 0;
    return p->len > 0 ? p : NULL;
}

ctx_status sql_pieces_read(struct fdb_sql *s, uint64_t at, uint8_t *to, uint32_t len,
                           uint32_t *count)
{
    ctx_status status = CTX_OK;
    *count = 0;
    if (s->pieces == NULL) {
        s->pieces = calloc(SQL_PIECES, sizeof *s->pieces);
    }
    if (s->pieces == NULL) {
        return fdb_read(s->db, s->id, at, to, len, count);
    }
    while (*count < len) {
        uint64_t from = at + *count;
        uint32_t skip = (uint32_t)(from % FDB_CHUNK), n = len - *count;
        const struct sql_file_piece *p = find(s, from - skip);
        bool goes_on = from - skip == s->last_piece || from - skip == s->last_piece + FDB_CHUNK;
        s->last_piece = from - skip;
        if (p == NULL && !goes_on) {
            status = fdb_read(s->db, s->id, from, to + *count, n, &n);
            *count += status == CTX_OK ? n : 0;
            return status;
        }
        p = p != NULL ? p : fetch(s, from - skip, &status);
        if (p == NULL || skip >= p->len) {
            return status;
        }
        n = n < p->len - skip ? n : p->len - skip;
        memcpy(to + *count, p->bytes + skip, n);
        *count += n;
    }
    return CTX_OK;
}
