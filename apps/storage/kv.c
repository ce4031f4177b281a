/* SPDX-License-Identifier: MIT */
/* ctx.kv/1: what apps call. It goes the way of ctx.files/1: one operation of an app at a time. */
#include "storage.h"

#include <files_provider.h>
#include <kv_provider.h>

#include <ctx/tables.h>

#include <string.h>

/* Whose keys, and how many bytes of them: the app's name, or what its line says in parentheses,
 * NAME, quota=SIZE or both. Inside a function of the service. */
static void find_space(struct client *c)
{
    static char text[GRANT_ROOM];
    uint32_t len = 0;
    memcpy(c->space, c->name, sizeof c->space);
    c->keys_quota = UINT64_MAX;
    c->has_space = true;
    if (storage.service->grant(storage.service, text, sizeof text - 1, &len) != CTX_OK) {
        len = 0;
    }
    text[len < sizeof text ? len : sizeof text - 1] = 0;
    for (char *word = strtok(text, " ,"); word != NULL; word = strtok(NULL, " ,")) {
        bool quota = strncmp(word, "quota=", 6) == 0;
        if (!quota && strlen(word) >= sizeof c->space) {
            /* Cut, it could be that of somebody else. */
            say(CTX_LOG_WARN, "%s: use=ctx.kv/1(%s): a name has %u bytes at most", c->name, word,
                (unsigned)sizeof c->space - 1);
            c->space[0] = 0;
            return;
        }
        if (!quota) {
            memset(c->space, 0, sizeof c->space);
            memcpy(c->space, word, strlen(word));
        } else if (!client_size(word + 6, &c->keys_quota)) { /* then it is 0 */
            say(CTX_LOG_WARN, "%s: use=ctx.kv/1(%s): a size is 64K, 16M, 2G", c->name, word);
        }
    }
    c->keys = quota_keys(c->space);
}

static ctx_status begin(struct client **c, struct asked *asked, const void *key, uint32_t len,
                        struct fdb_key *out, bool none)
{
    ctx_status status;
    *c = client_of_caller(&status);
    if (*c == NULL) {
        return status;
    }
    if (!(*c)->has_space) {
        find_space(*c);
    }
    if ((*c)->space[0] == 0) {
        return CTX_E_DENIED;
    }
    if (len > FDB_KEY_MOST || (len == 0 && !none)) {
        return CTX_E_INVAL;
    }
    out->space = (*c)->space;
    out->len = len;
    memcpy(out->bytes, key, len);
    asked->path_len = len;
    return CTX_OK;
}

ctx_status kv_get(struct ctx *ctx, const void *key, uint32_t key_len, void *value, uint32_t room,
                  struct kv_about *about)
{
    struct asked asked = {.what = OP_KV_GET};
    struct fdb_key k;
    struct client *c;
    (void)ctx;
    ctx_status status = begin(&c, &asked, key, key_len, &k, false);
    status = status == CTX_OK ? ask_key(c, &asked, &k, NULL) : status;
    if (status == CTX_OK) {
        about->len = c->op.count;
        about->version = c->op.version;
        memcpy(value, c->op.bytes, c->op.count < room ? c->op.count : room);
    }
    return status;
}

static ctx_status put(const void *key, uint32_t key_len, const void *value, uint32_t value_len,
                      bool compares, uint64_t version)
{
    struct asked asked = {.what = OP_KV_PUT, .flags = compares, .len = value_len, .at = version};
    struct fdb_key k;
    struct client *c;
    ctx_status status = begin(&c, &asked, key, key_len, &k, false);
    if (status == CTX_OK && value_len > FDB_VALUE_MOST) {
        return CTX_E_TOOBIG;
    }
    return status == CTX_OK ? ask_key(c, &asked, &k, value) : status;
}

ctx_status kv_put(struct ctx *ctx, const void *key, uint32_t key_len, const void *value,
                  uint32_t value_len)
{
    (void)ctx;
    return put(key, key_len, value, value_len, false, 0);
}

ctx_status kv_put_if(struct ctx *ctx, const void *key, uint32_t key_len, const void *value,
                     uint32_t value_len, uint64_t version)
{
    (void)ctx;
    return put(key, key_len, value, value_len, true, version);
}

ctx_status kv_remove(struct ctx *ctx, const void *key, uint32_t key_len)
{
    struct asked asked = {.what = OP_KV_REMOVE};
    struct fdb_key k;
    struct client *c;
    (void)ctx;
    ctx_status status = begin(&c, &asked, key, key_len, &k, false);
    return status == CTX_OK ? ask_key(c, &asked, &k, NULL) : status;
}

ctx_status kv_next(struct ctx *ctx, const void *after, uint32_t after_len, void *key, uint32_t room,
                   uint32_t *len)
{
    struct asked asked = {.what = OP_KV_NEXT};
    struct fdb_key k;
    struct client *c;
    (void)ctx;
    ctx_status status = begin(&c, &asked, after, after_len, &k, true);
    status = status == CTX_OK ? ask_key(c, &asked, &k, NULL) : status;
    if (status == CTX_OK) {
        *len = c->op.key.len;
        memcpy(key, c->op.key.bytes, *len < room ? *len : room);
    }
    return status;
}

ctx_status kv_batch(struct ctx *ctx, const void *items, uint32_t len)
{
    struct asked asked = {.what = OP_KV_BATCH, .len = len};
    struct fdb_key k;
    struct client *c;
    (void)ctx;
    ctx_status status = begin(&c, &asked, "", 0, &k, true);
    if (status == CTX_OK && len > BYTES_MOST) {
        return CTX_E_TOOBIG;
    }
    return status == CTX_OK ? ask_key(c, &asked, &k, items) : status;
}

ctx_status kv_sync(struct ctx *ctx)
{
    struct asked asked = {.what = OP_SYNC};
    struct fdb_key k;
    struct client *c;
    (void)ctx;
    ctx_status status = begin(&c, &asked, "", 0, &k, true);
    return status == CTX_OK ? ask_key(c, &asked, &k, NULL) : status;
}

ctx_status kv_wait(struct ctx *ctx, uint64_t request)
{
    return files_wait(ctx, request);
}

ctx_status kv_offer(const struct ctx_service *service)
{
    static uint32_t handle;
    return kv_publish(service, &handle);
}
