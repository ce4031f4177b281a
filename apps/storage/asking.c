/* SPDX-License-Identifier: MIT */
/*
 * What an app asks for is done now, or by the time that it asks for the same again. It has one
 * operation at a time; what is the same is told by what was asked, and by a print of its bytes.
 */
#include "storage.h"

#include <ctx/tables.h>

#include <stdlib.h>
#include <string.h>

#define KEPT_NS UINT64_C(1000000000)

static uint64_t print_of(const void *bytes, uint32_t len)
{
    uint64_t hash = 0xcbf29ce484222325u ^ len, word;
    const uint8_t *p = bytes;
    for (; len >= sizeof word; p += sizeof word, len -= (uint32_t)sizeof word) {
        memcpy(&word, p, sizeof word);
        hash = (hash ^ word) * 0x9e3779b97f4a7c15u;
        hash ^= hash >> 32;
    }
    for (; len > 0; p++, len--) {
        hash = (hash ^ *p) * 0x100000001b3u;
    }
    return hash;
}

/* Done once more it would do something else, or say so. */
static bool is_once(const struct asked *a)
{
    switch (a->what) {
    case OP_OPEN:
        return (a->flags & CTX_FILES_EXCLUSIVE) != 0;
    case OP_WRITE:
        return a->at == UINT64_MAX;
    case OP_KV_PUT:
        return a->flags != 0;
    case OP_MAKE_FOLDER:
    case OP_REMOVE:
    case OP_RENAME:
    case OP_TOGETHER:
    case OP_KV_REMOVE:
    case OP_KV_BATCH:
    case OP_SQL_RUN:
    case OP_SQL_PREPARE:
    case OP_SQL_APPEND:
    case OP_SQL_STEP:
    case OP_SQL_CLOSE:
        return true;
    default:
        return false;
    }
}

/* It is done, and another fiber of the same app has yet to hear it: whoever asks for something else
 * comes later, or it would be done twice. But not for ever: perhaps nobody wants to know. */
static bool is_kept(struct client *c)
{
    if (c->op.state != OP_DONE || !is_once(&c->op.asked)) {
        return false;
    }
    if (c->kept_ns == 0) {
        c->kept_ns = now_ns() + KEPT_NS;
    }
    return now_ns() < c->kept_ns;
}

ctx_status ask_op(struct client *c, const struct asked *asked, const char *path, const char *to,
                  const void *in)
{
    struct op *op = &c->op;
    uint64_t print = in != NULL ? print_of(in, asked->len) : 0;
    bool same = op->state != OP_FREE && memcmp(&op->asked, asked, sizeof *asked) == 0 &&
                op->print == print && strcmp(op->path, path) == 0 && strcmp(op->to, to) == 0;
    if (op->state == OP_RUNS || (op->state == OP_QUEUED && same)) {
        worker_run();
    } else if (op->state != OP_DONE || !same) {
        if (is_kept(c)) {
            storage_wake();
            return CTX_E_AGAIN;
        }
        c->kept_ns = 0;
        if (op->state == OP_QUEUED) { /* it thought better of it */
            op_unqueue(op);
        }
        if (op->bytes == NULL && (in != NULL || asked->what == OP_READ ||
                                  asked->what == OP_KV_GET || asked->what == OP_SQL_STEP ||
                                  asked->what == OP_SQL_VALUE || asked->what == OP_SQL_NAME)) {
            op->bytes = malloc(BYTES_MOST);
            if (op->bytes == NULL) {
                return CTX_E_NOMEM;
            }
        }
        op->asked = *asked;
        op->print = print;
        strcpy(op->path, path);
        strcpy(op->to, to);
        if (in != NULL) {
            memcpy(op->bytes, in, asked->len);
        }
        worker_queue(op);
        worker_run();
        same = true;
    }
    storage_wake(); /* its turn may have been over before it was done, and what it did is to be
                       committed */
    if (storage.failed && op->state != OP_DONE) {
        if (op->state == OP_QUEUED) {
            op_unqueue(op);
        }
        return CTX_E_IO;
    }
    if (op->state != OP_DONE || !same) {
        return CTX_E_AGAIN;
    }
    op->state = OP_FREE;
    if (c->kept_ns != 0) {
        c->kept_ns = 0;
        client_answer(c); /* who came later may ask now */
    }
    return op->status;
}

ctx_status ask_key(struct client *c, const struct asked *asked, const struct fdb_key *key,
                   const void *in)
{
    struct op *op = &c->op;
    bool same = op->state != OP_FREE && op->asked_key.len == key->len &&
                memcmp(op->asked_key.bytes, key->bytes, key->len) == 0;
    if (!same) {
        if (op->state == OP_RUNS || is_kept(c)) {
            storage_wake();
            return CTX_E_AGAIN; /* what it asked before has to end first */
        }
        c->kept_ns = 0;
        if (op->state == OP_QUEUED) {
            op_unqueue(op);
        }
        op->state = OP_FREE;
        op->asked_key = *key;
    }
    return ask_op(c, asked, "", "", in);
}
