// SPDX-License-Identifier: MIT
// For storage.py: <ctx/sql.hpp>, in a fiber. sql.c and sql.rs do the same, and say the same.
#include <ctx/sql.hpp>

#include <ctx/fiber.h>
#include <ctx/note.h>

CTX_NOTE(3);

namespace {

struct ctx *now;

/* A line, of texts and numbers. */
class Line {
  public:
    Line &operator<<(const char *text)
    {
        while (*text != 0) {
            put(*text++);
        }
        return *this;
    }
    Line &operator<<(sql::Bytes text)
    {
        for (uint32_t i = 0; i < text.len; i++) {
            put(text.bytes[i]);
        }
        return *this;
    }
    Line &operator<<(long long n)
    {
        char digits[24];
        int count = 0;
        if (n < 0) {
            put('-');
        }
        unsigned long long left = n < 0 ? 0ull - static_cast<unsigned long long>(n) : static_cast<unsigned long long>(n);
        do {
            digits[count++] = static_cast<char>('0' + left % 10);
            left /= 10;
        } while (left > 0);
        while (count > 0) {
            put(digits[--count]);
        }
        return *this;
    }
    ~Line() { now->log(reinterpret_cast<const uint8_t *>(text_), len_); }

  private:
    void put(char c)
    {
        if (len_ < sizeof text_) {
            text_[len_++] = c;
        }
    }
    char text_[300];
    uint32_t len_ = 0;
};

constexpr uint32_t length = 200000;
uint8_t room[CTX_SQL_ROOM], pieces[length];

ctx_status insert(sql::Database &db)
{
    sql::Query q{room};
    ctx_status status = q.begin(db, "INSERT INTO t VALUES(?, ?, ?, ?)");
    for (int i = 1; status == CTX_OK && i <= 1000; i++) {
        char name[8] = "name ";
        uint32_t n = 5;
        for (int part = 1000; part > 0; part /= 10) {
            if (i >= part) {
                name[n++] = static_cast<char>('0' + i / part % 10);
            }
        }
        q.again();
        q.bind(i);
        ctx_sql_bind_text(q.c(), name, n);
        if (i % 2 == 0) {
            q.bind(i * 0.5, nullptr);
        } else {
            q.bind(i * 0.5, sql::Bytes{"\0\1\2", 3});
        }
        status = q.all();
    }
    Line() << "changed " << static_cast<long long>(q.changed()) << " last " << q.last_id();
    return status == CTX_OK ? q.end() : status;
}

void look(sql::Database &db)
{
    long long rows = 0, sum = 0, bytes = 0, nulls = 0;
    double halves = 0;
    char last[20];
    uint32_t last_len = 0;
    static uint8_t little[8192];
    sql::Query small{little};
    ctx_status status = small.begin(db, "SELECT id, name, half, data FROM t WHERE id > ? ORDER BY id");
    small.bind(100);
    while (status == CTX_OK && (status = small.next()) == CTX_OK) {
        rows++;
        sum += small.integer(0);
        halves += small.real(2);
        nulls += small.kind(3) == SQL_NULL;
        bytes += small.text(3).len;
        last_len = small.text(1).len;
        for (uint32_t i = 0; i < last_len; i++) {
            last[i] = small.text(1).bytes[i];
        }
    }
    Line() << "rows " << rows << " sum " << sum << " halves " << static_cast<long long>(halves * 2) << " bytes " << bytes << " nulls " << nulls << " last "
           << sql::Bytes{last, last_len} << " then " << status;
    (void)small.end();
}

void long_one(sql::Database &db)
{
    sql::Query q{room};
    uint32_t at, count = 0, sum = 0;
    for (uint32_t i = 0; i < length; i++) {
        pieces[i] = static_cast<uint8_t>(i * 7);
    }
    (void)q.begin(db, "UPDATE t SET data = ? WHERE id = ?");
    q.bind(sql::Bytes{"", 0}, 5);
    for (at = 0; at < length; at += 50000) {
        (void)q.append(1, pieces + at, 50000);
    }
    if (q.all() != CTX_OK || q.begin(db, "SELECT data FROM t WHERE id = 5") != CTX_OK || q.next() != CTX_OK) {
        Line() << "a long one is lost";
        return;
    }
    struct ctx_sql_value v = ctx_sql_at(q.c(), 0);
    for (at = 0; q.read(0, at, pieces, length, &count) == CTX_OK && count > 0; at += count) {
        for (uint32_t i = 0; i < count; i++) {
            sum = sum * 31 + pieces[i];
        }
    }
    Line() << "kind " << v.kind << " len " << v.len << " read " << at << " sum " << sum;
    (void)q.end();
}

void errors(sql::Database &db)
{
    char why[200];
    sql::Query q{room};
    ctx_status status = db.run("INSERT INTO t(name) VALUES('name 7')");
    Line() << "twice " << status << " " << db.why(why, sizeof why);
    status = q.begin(db, "SELECT nonsense FROM nowhere");
    q.bind(1);
    ctx_status next = q.next(), end = q.end();
    Line() << "nonsense " << status << " " << next << " " << end;
    (void)q.begin(db, "SELECT ?");
    q.bind(1, 2);
    Line() << "too many " << q.next();
    (void)q.end();
}

void fiber(struct ctx *cx, void *)
{
    sql::Database db{cx};
    char why[200];
    ctx_status status = db.run("DROP TABLE IF EXISTS t; CREATE TABLE t(id INTEGER PRIMARY KEY, name TEXT UNIQUE, half REAL, data BLOB)");
    status = status == CTX_OK ? db.transaction([&] { return insert(db); }) : status;
    ctx_status undone = db.transaction([&] {
        (void)db.run("DELETE FROM t");
        return static_cast<ctx_status>(CTX_E_INVAL);
    });
    look(db);
    long_one(db);
    errors(db);
    if (status == CTX_OK && undone == CTX_E_INVAL && db.sync() == CTX_OK) {
        Line() << "all is well";
    } else {
        Line() << "not well: " << status << " " << db.why(why, sizeof why);
    }
}

} // namespace

extern "C" int32_t _start(struct ctx *cx)
{
    static struct ctx_fiber *running;
    now = cx;
    if (running == nullptr) {
        running = ctx_fiber_start(cx, fiber, nullptr, 65536);
    }
    return running != nullptr ? ctx_fiber_run(cx, running) : CTX_EXIT(1);
}
