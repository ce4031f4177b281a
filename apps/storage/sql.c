/* SPDX-License-Identifier: MIT */
/*
 * ctx.sql/1: what apps call, and what is done for it in a guest's fiber. A database is opened when
 * its app asks for something first, and closed when it has gone.
 */
#include "storage.h"

#include <files_provider.h>
#include <sql_provider.h>

#include <ctx/tables.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void say_why(struct client *c, const char *text)
{
    snprintf(c->why, sizeof c->why, "%s", text);
}

/* ---- which database ---- */

/* What its line says in parentheses: NAME, quota=SIZE, or both. Inside a function of the service.
 */
static void find_database(struct client *c)
{
    static char text[GRANT_ROOM];
    uint32_t len = 0;
    memcpy(c->database_name, c->name, sizeof c->database_name);
    c->database_most = UINT64_MAX;
    if (storage.service->grant(storage.service, text, sizeof text - 1, &len) == CTX_OK) {
        text[len < sizeof text ? len : sizeof text - 1] = 0;
        for (char *word = strtok(text, " ,"); word != NULL; word = strtok(NULL, " ,")) {
            if (strncmp(word, "quota=", 6) != 0 && strlen(word) >= sizeof c->database_name) {
                /* Cut, it could be that of somebody else. */
                say(CTX_LOG_WARN, "%s: use=ctx.sql/1(%s): a name has %u bytes at most", c->name,
                    word, (unsigned)sizeof c->database_name - 1);
                c->database_name[0] = 0;
                break;
            }
            if (strncmp(word, "quota=", 6) != 0) {
                snprintf(c->database_name, sizeof c->database_name, "%s", word);
            } else if (!client_size(word + 6, &c->database_most)) {
                say(CTX_LOG_WARN, "%s: use=ctx.sql/1(%s): a size is 64K, 16M, 2G", c->name, word);
                c->database_most = 0; /* what makes no sense gives nothing */
            }
        }
    }
    c->has_database = true;
}

/* The caller's; if it is not open yet, it is opened. In a guest's fiber. */
static ctx_status open_database(struct client *c, struct database **out)
{
    char path[FDB_PATH_MOST + 1];
    uint32_t count = 0;
    struct database *d = c->database;
    if (d != NULL && d->sql != NULL && fdb_sql_stale(d->sql)) {
        fdb_sql_close(d->sql); /* its statements are STALE from now on */
        d->sql = NULL;
    }
    client_folder(FDB_SQL_FOLDER "/", c->database_name, path);
    if (d == NULL) {
        for (struct database *other = storage.databases; other != NULL; other = other->next) {
            if (strcmp(other->path, path) == 0) {
                say_why(c, "another app has this database");
                return other->client != NULL ? CTX_E_DENIED : CTX_E_BUSY; /* or had it */
            }
            count++;
        }
        d = count < DATABASES_MOST ? calloc(1, sizeof *d) : NULL;
        if (d == NULL) {
            say_why(c, count < DATABASES_MOST ? "there is not enough memory"
                                              : "eight apps have a database open");
            return count < DATABASES_MOST ? CTX_E_NOMEM : CTX_E_NOSPC;
        }
        memcpy(d->path, path, sizeof d->path);
        d->client = c;
        d->next = storage.databases;
        storage.databases = d;
        c->database = d;
    }
    d->stop = false;
    ctx_status status = CTX_OK;
    if (d->sql == NULL) {
        status = fdb_sql_open(storage.db, d->path, c->database_most, guest_turn, d, &d->sql);
        if (status != CTX_OK) {
            say_why(c, "it can not be opened: the disk failed, or the file is no database");
        }
    }
    *out = d;
    return status;
}

void databases_orphan(void)
{
    for (struct database *d = storage.databases; d != NULL; d = d->next) {
        if (d->sql != NULL) {
            fdb_sql_orphan(d->sql);
        }
    }
}

void databases_rest(void)
{
    for (struct database *d = storage.databases; d != NULL; d = d->next) {
        if (d->sql != NULL) {
            fdb_sql_rest(d->sql);
        }
    }
}

void database_stop(struct client *c)
{
    if (c->database != NULL) {
        c->database->stop = true;
    }
}

bool database_leave(struct client *c)
{
    struct op *op = c->database != NULL ? calloc(1, sizeof *op) : NULL;
    if (op == NULL) {
        return c->database == NULL;
    }
    op->asked = (struct asked){.what = OP_SQL_LEAVE};
    op->leaves = c->database;
    c->database->client = NULL;
    c->database = NULL;
    worker_queue(op);
    return true;
}

static void leave(struct database *d)
{
    for (struct database **at = &storage.databases; *at != NULL; at = &(*at)->next) {
        if (*at == d) {
            *at = d->next;
            break;
        }
    }
    if (d->sql != NULL) {
        fdb_sql_close(d->sql);
    }
    free(d);
}

/* ---- in a guest's fiber ---- */

static ctx_status perform(struct op *op, struct client *c)
{
    const struct asked *a = &op->asked;
    struct database *d = NULL;
    if (storage.together == c) {
        say_why(c, "not among files that change together");
        return CTX_E_INVAL;
    }
    ctx_status status = open_database(c, &d);
    if (status != CTX_OK) {
        return status;
    }
    struct fdb_sql *s = d->sql;
    const char *text = (const char *)op->bytes;
    switch (a->what) {
    case OP_SQL_RUN:
        status = fdb_sql_run(s, text, a->len, &op->got);
        break;
    case OP_SQL_PREPARE:
        status = fdb_sql_prepare(s, text, a->len, &op->got);
        break;
    case OP_SQL_BIND:
        status = fdb_sql_bind(s, a->flags, op->bytes, a->len);
        break;
    case OP_SQL_APPEND:
        status = fdb_sql_append(s, a->flags, (uint32_t)a->at, op->bytes, a->len);
        break;
    case OP_SQL_STEP:
        status = fdb_sql_step(s, a->flags, a->at, op->bytes, a->path_len, &op->got);
        break;
    case OP_SQL_VALUE:
        status = fdb_sql_value(s, a->flags, (uint32_t)(a->at >> 32), (uint32_t)a->at, op->bytes,
                               a->path_len, &op->count);
        break;
    case OP_SQL_NAME:
        status = fdb_sql_name(s, a->flags, (uint32_t)a->at, op->bytes, BYTES_MOST, &op->count);
        break;
    default:
        status = fdb_sql_end(s, a->flags);
        break;
    }
    say_why(c, fdb_sql_why(s));
    if (status == CTX_E_NOMEM) {
        databases_rest(); /* whoever tries again finds what was there only to be quicker */
    }
    if (status == CTX_E_IO) {
        say(CTX_LOG_ERROR, "%s: %s", d->path, c->why);
    }
    return status;
}

void database_perform(struct op *op)
{
    op->count = 0;
    op->got = (struct fdb_sql_got){.rows = 0};
    if (op->asked.what == OP_SQL_LEAVE) {
        leave(op->leaves);
        op->status = CTX_OK;
        return;
    }
    op->status = storage.db != NULL ? perform(op, op->client) : CTX_E_IO;
}

bool database_is_asked(const struct op *op)
{
    return op->asked.what >= OP_SQL_RUN && op->asked.what <= OP_SQL_LEAVE;
}

/* ---- the functions of the service ---- */

static ctx_status ask(struct client **c, const struct asked *asked, const void *in)
{
    static const struct fdb_key none; /* of no key */
    ctx_status status;
    *c = client_of_caller(&status);
    if (*c == NULL) {
        return status;
    }
    if (!(*c)->has_database) {
        find_database(*c);
    }
    if ((*c)->database_name[0] == 0) {
        return CTX_E_DENIED;
    }
    if (in != NULL && asked->len > BYTES_MOST) {
        return CTX_E_TOOBIG;
    }
    return ask_key(*c, asked, &none, in);
}

static void fill(struct sql_result *out, const struct fdb_sql_got *got)
{
    out->flags = got->flags & FDB_SQL_DONE;
    out->rows = got->rows;
    out->bytes = got->bytes;
    out->next = got->next;
    out->changed = got->changed;
    out->last_id = got->last_id;
}

ctx_status sql_run(struct ctx *ctx, const void *text, uint32_t len, struct sql_result *out)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {.what = OP_SQL_RUN, .len = len};
    ctx_status status = ask(&c, &asked, text);
    if (status == CTX_OK) {
        fill(out, &c->op.got);
    }
    return status;
}

ctx_status sql_prepare(struct ctx *ctx, const void *text, uint32_t len, struct sql_prepared *out)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {.what = OP_SQL_PREPARE, .len = len};
    ctx_status status = ask(&c, &asked, text);
    if (status == CTX_OK) {
        out->statement = c->op.got.statement;
        out->columns = c->op.got.columns;
        out->parameters = c->op.got.parameters;
        out->used = c->op.got.used;
        out->flags = c->op.got.flags;
    }
    return status;
}

ctx_status sql_bind(struct ctx *ctx, uint32_t statement, const void *values, uint32_t len)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {.what = OP_SQL_BIND, .flags = statement, .len = len};
    return ask(&c, &asked, values);
}

ctx_status sql_append(struct ctx *ctx, uint32_t statement, uint32_t parameter, const void *bytes,
                      uint32_t len)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {
        .what = OP_SQL_APPEND, .flags = statement, .at = parameter, .len = len};
    return ask(&c, &asked, bytes);
}

ctx_status sql_step(struct ctx *ctx, uint32_t statement, uint64_t first, void *rows, uint32_t room,
                    struct sql_result *out)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {.what = OP_SQL_STEP,
                                .flags = statement,
                                .at = first,
                                .path_len = room < BYTES_MOST ? room : BYTES_MOST};
    ctx_status status = ask(&c, &asked, NULL);
    if (status == CTX_OK) {
        fill(out, &c->op.got);
        memcpy(rows, c->op.bytes, c->op.got.bytes);
    }
    return status;
}

ctx_status sql_value(struct ctx *ctx, uint32_t statement, uint64_t place, void *bytes,
                     uint32_t room, uint32_t *count)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {.what = OP_SQL_VALUE,
                                .flags = statement,
                                .at = place,
                                .path_len = room < BYTES_MOST ? room : BYTES_MOST};
    ctx_status status = ask(&c, &asked, NULL);
    if (status == CTX_OK) {
        *count = c->op.count;
        memcpy(bytes, c->op.bytes, c->op.count);
    }
    return status;
}

ctx_status sql_name(struct ctx *ctx, uint32_t statement, uint32_t column, void *text, uint32_t room,
                    uint32_t *len)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {.what = OP_SQL_NAME, .flags = statement, .at = column};
    ctx_status status = ask(&c, &asked, NULL);
    if (status == CTX_OK) {
        uint32_t has = c->op.count < BYTES_MOST ? c->op.count : BYTES_MOST;
        *len = c->op.count;
        memcpy(text, c->op.bytes, has < room ? has : room);
    }
    return status;
}

ctx_status sql_close(struct ctx *ctx, uint32_t statement)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {.what = OP_SQL_CLOSE, .flags = statement};
    return ask(&c, &asked, NULL);
}

ctx_status sql_stop(struct ctx *ctx)
{
    ctx_status status;
    (void)ctx;
    struct client *c = client_of_caller(&status);
    if (c != NULL) {
        database_stop(c);
    }
    return status;
}

ctx_status sql_why(struct ctx *ctx, void *text, uint32_t room, uint32_t *len)
{
    ctx_status status;
    (void)ctx;
    const struct client *c = client_of_caller(&status);
    if (c == NULL) {
        return status;
    }
    *len = (uint32_t)strlen(c->why);
    memcpy(text, c->why, *len < room ? *len : room);
    return CTX_OK;
}

ctx_status sql_sync(struct ctx *ctx)
{
    struct client *c;
    (void)ctx;
    const struct asked asked = {.what = OP_SYNC};
    return ask(&c, &asked, NULL);
}

ctx_status sql_wait(struct ctx *ctx, uint64_t request)
{
    return files_wait(ctx, request);
}

ctx_status sql_offer(const struct ctx_service *service)
{
    static uint32_t handle;
    return sql_publish(service, &handle);
}
