/* SPDX-License-Identifier: MIT */
#include <ctx/fiber.h>
#include <ctx/sql.h>

#define CALL_MOST  61440u /* bytes of a call */
#define LEAST_ROOM 8192u
#define HEAD       8u /* of a value: kind, length; of a row: length, number of values */

enum stage { BINDS, STEPS, ENDED };

/* Wait and do it once more, where that is possible. */
#define UNTIL_DONE(status, db, call)                                                               \
    do {                                                                                           \
        (status) = (call);                                                                         \
    } while ((status) == CTX_E_AGAIN && can_wait(db))

static int can_wait(struct ctx_sql *db)
{
    return ctx_fiber_current() != NULL && sql_call_wait(&db->client) >= 0;
}

static uint32_t len_of(const char *text)
{
    uint32_t n = 0;
    while (text[n] != 0) {
        n++;
    }
    return n;
}

static uint32_t word(const uint8_t *at)
{
    uint32_t value;
    __builtin_memcpy(&value, at, sizeof value);
    return value;
}

static uint32_t rounded(uint32_t len)
{
    return (len + 7) & ~7u;
}

ctx_status ctx_sql_run(struct ctx_sql *db, const char *text)
{
    struct sql_result result;
    ctx_status status;
    UNTIL_DONE(status, db, sql_call_run(&db->client, text, len_of(text), &result));
    return status;
}

ctx_status ctx_sql_sync(struct ctx_sql *db)
{
    ctx_status status;
    UNTIL_DONE(status, db, sql_call_sync(&db->client));
    return status;
}

ctx_status ctx_sql_stop(struct ctx_sql *db)
{
    return sql_call_stop(&db->client);
}

const char *ctx_sql_why(struct ctx_sql *db, char *text, uint32_t room)
{
    uint32_t len = 0;
    if (room == 0 || sql_call_why(&db->client, text, room - 1, &len) != CTX_OK) {
        len = 0;
    }
    if (room > 0) {
        text[len < room ? len : room - 1] = 0;
    }
    return text;
}

ctx_status ctx_sql_begin(struct ctx_sql_query *q, struct ctx_sql *db, const char *text, void *room,
                         uint32_t room_len)
{
    struct sql_prepared prepared = {.size = sizeof prepared};
    *q = (struct ctx_sql_query){.db = db, .room = room};
    q->room_len = room_len < CALL_MOST ? room_len : CALL_MOST;
    if (room_len < LEAST_ROOM) {
        q->status = CTX_E_INVAL;
        return q->status;
    }
    UNTIL_DONE(q->status, db, sql_call_prepare(&db->client, text, len_of(text), &prepared));
    if (q->status == CTX_OK && prepared.statement == 0) {
        q->status = CTX_E_INVAL;
    }
    q->statement = q->status == CTX_OK ? prepared.statement : 0;
    q->columns = prepared.columns;
    q->parameters = prepared.parameters;
    return q->status;
}

void ctx_sql_again(struct ctx_sql_query *q)
{
    q->stage = BINDS;
    q->filled = q->bound = q->rows = q->at = q->row = q->done = 0;
    q->first = 0;
    q->status = q->statement != 0 ? CTX_OK : q->status;
}

void ctx_sql_bind(struct ctx_sql_query *q, uint32_t kind, const void *bytes, uint32_t len)
{
    if (q->status != CTX_OK || q->stage != BINDS) {
        q->status = q->status == CTX_OK ? CTX_E_INVAL : q->status;
        return;
    }
    if (len > q->room_len - q->filled || HEAD + rounded(len) > q->room_len - q->filled) {
        q->status = CTX_E_TOOBIG;
        return;
    }
    uint8_t *to = q->room + q->filled;
    __builtin_memset(to, 0, HEAD + rounded(len));
    __builtin_memcpy(to, &kind, 4);
    __builtin_memcpy(to + 4, &len, 4);
    __builtin_memcpy(to + HEAD, bytes, len);
    q->filled += HEAD + rounded(len);
    q->bound++;
}

/* What was bound goes there, once. */
static ctx_status hand_over(struct ctx_sql_query *q)
{
    ctx_status status = CTX_OK;
    if (q->status == CTX_OK && q->stage == BINDS) {
        if (q->parameters > 0 || q->bound > 0) {
            UNTIL_DONE(status, q->db,
                       sql_call_bind(&q->db->client, q->statement, q->room, q->filled));
        }
        if (status == CTX_OK) {
            q->stage = STEPS;
        } else if (status != CTX_E_AGAIN) {
            q->status = status;
        }
        return status;
    }
    return q->status;
}

ctx_status ctx_sql_append(struct ctx_sql_query *q, uint32_t parameter, const void *bytes,
                          uint32_t len)
{
    const uint8_t *from = bytes;
    ctx_status status = hand_over(q);
    if (status == CTX_OK && (len > CALL_MOST || q->rows != 0 || q->first != 0)) {
        status = len > CALL_MOST ? CTX_E_TOOBIG : CTX_E_INVAL;
    }
    if (status == CTX_OK) {
        UNTIL_DONE(status, q->db,
                   sql_call_append(&q->db->client, q->statement, parameter, from, len));
    }
    if (status != CTX_OK && status != CTX_E_AGAIN) {
        q->status = status;
    }
    return status;
}

/* Whether rows are what they say, so that nobody has to look again. */
static int make_sense(const struct ctx_sql_query *q, uint32_t bytes)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < q->rows; i++) {
        uint32_t len = bytes - at >= HEAD ? word(q->room + at) : 0, v = HEAD;
        if (len < HEAD || len > bytes - at) {
            return 0;
        }
        for (uint32_t n = word(q->room + at + 4); n > 0; n--) {
            uint32_t kind = len - v >= HEAD ? word(q->room + at + v) : ~0u;
            uint32_t size = kind != ~0u ? word(q->room + at + v + 4) : 0;
            uint32_t here = (kind & SQL_CUT) != 0 ? 0 : size;
            int number = kind == SQL_INTEGER || kind == SQL_REAL;
            if (kind == ~0u || here > len - v - HEAD || rounded(here) > len - v - HEAD ||
                (number && size != 8)) {
                return 0;
            }
            v += HEAD + rounded(here);
        }
        at += len;
    }
    return 1;
}

static ctx_status more_rows(struct ctx_sql_query *q)
{
    struct sql_result result = {.size = sizeof result};
    ctx_status status;
    UNTIL_DONE(
        status, q->db,
        sql_call_step(&q->db->client, q->statement, q->first, q->room, q->room_len, &result));
    if (status != CTX_OK) {
        return status;
    }
    q->rows = result.rows;
    q->at = 0;
    q->first = result.next;
    q->changed = result.changed;
    q->last_id = result.last_id;
    q->done = result.flags & SQL_DONE;
    if (result.bytes > q->room_len || !make_sense(q, result.bytes)) {
        q->rows = 0;
        return CTX_E_IO;
    }
    return q->rows == 0 && q->done == 0 ? CTX_E_IO : CTX_OK;
}

ctx_status ctx_sql_next(struct ctx_sql_query *q)
{
    ctx_status status = hand_over(q);
    if (status != CTX_OK) {
        return status;
    }
    if (q->rows == 0 && q->done == 0 && q->stage == STEPS) {
        status = more_rows(q);
        if (status != CTX_OK) {
            q->status = status != CTX_E_AGAIN ? status : q->status;
            return status;
        }
    }
    if (q->rows == 0) {
        q->stage = ENDED;
        return CTX_E_NOENT;
    }
    q->row = q->at;
    q->at += word(q->room + q->at);
    q->rows--;
    return CTX_OK;
}

ctx_status ctx_sql_do(struct ctx_sql_query *q)
{
    ctx_status status;
    do {
        status = ctx_sql_next(q);
    } while (status == CTX_OK);
    return status == CTX_E_NOENT ? CTX_OK : status;
}

struct ctx_sql_value ctx_sql_at(const struct ctx_sql_query *q, uint32_t column)
{
    struct ctx_sql_value none = {.kind = SQL_NULL};
    const uint8_t *row = q->room + q->row;
    if (q->stage != STEPS || q->at == 0 || column >= word(row + 4)) {
        return none;
    }
    const uint8_t *v = row + HEAD;
    while (column-- > 0) {
        v += HEAD + ((word(v) & SQL_CUT) != 0 ? 0 : rounded(word(v + 4)));
    }
    uint32_t kind = word(v);
    return (struct ctx_sql_value){kind, word(v + 4), (kind & SQL_CUT) != 0 ? NULL : v + HEAD};
}

ctx_status ctx_sql_read(struct ctx_sql_query *q, uint32_t column, uint32_t from, void *bytes,
                        uint32_t room, uint32_t *count)
{
    ctx_status status;
    *count = 0;
    UNTIL_DONE(status, q->db,
               sql_call_value(&q->db->client, q->statement, (uint64_t)column << 32 | from, bytes,
                              room < CALL_MOST ? room : CALL_MOST, count));
    return status;
}

ctx_status ctx_sql_name(struct ctx_sql_query *q, uint32_t column, char *text, uint32_t room,
                        uint32_t *len)
{
    ctx_status status;
    *len = 0;
    UNTIL_DONE(status, q->db, sql_call_name(&q->db->client, q->statement, column, text, room, len));
    return status;
}

ctx_status ctx_sql_end(struct ctx_sql_query *q)
{
    ctx_status status = CTX_OK;
    if (q->statement != 0) {
        UNTIL_DONE(status, q->db, sql_call_close(&q->db->client, q->statement));
        if (status == CTX_E_AGAIN) {
            return status;
        }
    }
    q->statement = 0;
    q->stage = ENDED;
    /* A begin() that had to wait has not begun anything: nothing became of it. */
    return q->status != CTX_E_AGAIN ? q->status : CTX_OK;
}
