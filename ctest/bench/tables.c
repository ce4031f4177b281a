/* SPDX-License-Identifier: MIT */
/* Statements of an app against its own database, by <ctx/sql.h>. Each line: what, and seconds. The
 * words are tables.py's: what is done natively is the same. */
#include <ctx/c.h>
#include <ctx/sql.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static uint8_t room[CTX_SQL_ROOM];
static struct ctx_sql db;

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(ctx_status status, const char *what)
{
    char why[200];
    if (status != CTX_OK) {
        fprintf(stderr, "%s: %d %s\n", what, (int)status, ctx_sql_why(&db, why, sizeof why));
        exit(1);
    }
}

/* WHAT TEXT: all its rows. WHAT @N TEXT: N times, with 1, 2 ... as its parameter; #N: with numbers
 * from here and there. */
int main(int argc, char **argv)
{
    db = (struct ctx_sql)CTX_SQL(ctx_now());
    for (int i = 1; i + 1 < argc; i += 2) {
        const char *text = argv[i + 1];
        int order = text[0];
        long times = order == '#' || order == '@' ? atol(text + 1) : 0, rows = 0;
        text = times > 0 ? strchr(text, ' ') + 1 : text;
        struct ctx_sql_query q;
        double since = now();
        must(ctx_sql_begin(&q, &db, text, room, sizeof room), text);
        for (long n = 1; n <= (times > 0 ? times : 1); n++) {
            ctx_status status;
            if (times > 0) {
                ctx_sql_again(&q);
                ctx_sql_bind_int(&q, order == '@' ? n : n * 7919 % 100000);
            }
            while ((status = ctx_sql_next(&q)) == CTX_OK) {
                rows++;
            }
            must(status == CTX_E_NOENT ? CTX_OK : status, text);
        }
        must(ctx_sql_end(&q), text);
        printf("%s %.6f %ld\n", argv[i], now() - since, rows);
    }
    return 0;
}
