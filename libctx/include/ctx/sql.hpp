/* SPDX-License-Identifier: MIT */
/*
 * <ctx/sql.hpp> - <ctx/sql.h> in C++, without a C library: statements that close themselves, and
 * parameters by their types. No exceptions, no heap.
 *
 *     sql::Database db{cx};
 *     db.run("CREATE TABLE IF NOT EXISTS visits(who TEXT, at INTEGER)");
 *     static uint8_t room[CTX_SQL_ROOM];
 *     sql::Query q{room};
 *     q.begin(db, "SELECT rowid, who FROM visits WHERE at > ? AND who <> ?");
 *     q.bind(yesterday, "nobody");
 *     while ((status = q.next()) == CTX_OK) {   // CTX_E_NOENT: there are no more
 *         greet(q.integer(0), q.text(1));
 *     }
 *     db.transaction([&] { return move(db); });   // all of it, or nothing
 *
 * Functions answer a status of <ctx/status.h>, and wait as those of C do: in a fiber.
 */
#ifndef CTX_SQL_HPP
#define CTX_SQL_HPP

#include <ctx/sql.h>

namespace sql {

/* Bytes of somebody else's, not terminated. bytes is nullptr where there are none to be had. */
struct Bytes {
    const char *bytes;
    uint32_t len;
};

class Database {
  public:
    /* cx: the app's own, which is the same in every call. */
    explicit Database(struct ctx *cx) : db_ CTX_SQL(cx) {}

    ctx_status run(const char *text) { return ctx_sql_run(&db_, text); }
    ctx_status sync() { return ctx_sql_sync(&db_); }
    ctx_status stop() { return ctx_sql_stop(&db_); }

    const char *why(char *text, uint32_t room) { return ctx_sql_why(&db_, text, room); }

    /* What `changes` does, which answers a status, is done as one; or, if that is not OK, nothing of
     * it. In a fiber. */
    template <class Changes> ctx_status transaction(Changes changes)
    {
        ctx_status status = run("BEGIN");
        if (status != CTX_OK) {
            return status;
        }
        db_.client.of.stays = 1;
        status = changes();
        ctx_status end = run(status == CTX_OK ? "COMMIT" : "ROLLBACK");
        if (status == CTX_OK && end != CTX_OK) {
            (void)run("ROLLBACK");
        }
        db_.client.of.stays = 0;
        return status == CTX_OK ? end : status;
    }

    /* For the functions of <ctx/sql.h>. */
    struct ctx_sql *c() { return &db_; }

  private:
    struct ctx_sql db_;
};

/* A statement, closed at its end. room is for parameters and rows: 8,192 bytes at least. */
class Query {
  public:
    template <uint32_t Len> explicit Query(uint8_t (&room)[Len]) : room_{room}, len_{Len}
    {
        static_assert(Len >= 8192, "a query wants 8,192 bytes");
    }
    Query(const Query &) = delete;
    Query &operator=(const Query &) = delete;
    ~Query() { (void)end(); }

    /* What was there ends before. */
    ctx_status begin(Database &db, const char *text)
    {
        ctx_status status = end();
        return status == CTX_E_AGAIN ? status : ctx_sql_begin(&q_, db.c(), text, room_, len_);
    }

    /* All parameters that follow: nullptr, whole numbers, doubles, texts, Bytes (a blob). */
    template <class... Values> void bind(Values... values) { (one(values), ...); }

    /* Once more, with other parameters. */
    void again() { ctx_sql_again(&q_); }

    ctx_status next() { return ctx_sql_next(&q_); }
    ctx_status all() { return ctx_sql_do(&q_); }

    ctx_status append(uint32_t parameter, const void *bytes, uint32_t len)
    {
        return ctx_sql_append(&q_, parameter, bytes, len);
    }

    uint32_t kind(uint32_t column) const { return ctx_sql_at(&q_, column).kind; }
    int64_t integer(uint32_t column) const { return ctx_sql_int(&q_, column); }
    double real(uint32_t column) const { return ctx_sql_real(&q_, column); }

    /* Of a text or a blob, until the next row. */
    Bytes text(uint32_t column) const
    {
        Bytes b = {nullptr, 0};
        b.bytes = ctx_sql_text(&q_, column, &b.len);
        return b;
    }

    ctx_status read(uint32_t column, uint32_t from, void *bytes, uint32_t room, uint32_t *count)
    {
        return ctx_sql_read(&q_, column, from, bytes, room, count);
    }

    uint32_t columns() const { return q_.columns; }
    uint64_t changed() const { return q_.changed; }
    int64_t last_id() const { return q_.last_id; }

    /* OK, or what became of it. */
    ctx_status end() { return q_.db != nullptr ? ctx_sql_end(&q_) : CTX_OK; }

    struct ctx_sql_query *c() { return &q_; }

  private:
    void one(decltype(nullptr)) { ctx_sql_bind_null(&q_); }
    void one(int value) { ctx_sql_bind_int(&q_, value); }
    void one(unsigned value) { ctx_sql_bind_int(&q_, value); }
    void one(long value) { ctx_sql_bind_int(&q_, value); }
    void one(long long value) { ctx_sql_bind_int(&q_, value); }
    void one(double value) { ctx_sql_bind_real(&q_, value); }
    void one(Bytes value) { ctx_sql_bind_blob(&q_, value.bytes, value.len); }
    void one(const char *value)
    {
        uint32_t n = 0;
        while (value[n] != 0) { /* there may be no strlen() */
            n++;
        }
        ctx_sql_bind_text(&q_, value, n);
    }

    struct ctx_sql_query q_ = {};
    uint8_t *room_;
    uint32_t len_;
};

} // namespace sql
#endif
