/* SPDX-License-Identifier: MIT */
/* Policies of the app `warden`: what a text says, what is wrong with it, and what becomes of calls.
 */
#include "../../apps/hosting/calls.h"
#include "../../apps/warden/policy.h"

#include "test.h"
#include <ctx/gates.h>

static struct policy p;
static struct policy_error e;

static int reads(const char *text)
{
    memset(&p, 0, sizeof p);
    memset(&e, 0, sizeof e);
    char *copy = malloc(strlen(text) + 1); /* what is read behind its end is seen */
    size_t len = strlen(text);
    memcpy(copy, text, len);
    copy = realloc(copy, len != 0 ? len : 1);
    int good = policy_read(&p, "made", 1, copy, len, &e);
    free(copy);
    return good;
}

static void what_is_wrong(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint32_t line, field;
        const char *bad, *reason;
    } table[] = {
        {"permit log", 1, 1, "permit", "no such line: it is allow, deny, limit, fail or delay"},
        {"\n# a\n  deny  ", 3, 2, "", "which functions it is about is missing"},
        {"deny lgo", 1, 2, "lgo", "no function, no table, and no id of an interface"},
        {"deny mem,lgo,log", 1, 2, "lgo", "no function, no table, and no id of an interface"},
        {"deny mem,,log", 1, 2, "", "an empty word"},
        {"deny ,", 1, 2, "", "an empty word"},
        {"deny a.b\x01/1", 1, 2, "a.b?/1", "only printable characters of ASCII are in words"},
        {"deny log MAYBE", 1, 3, "MAYBE", "no status, such as DENIED or NOMEM"},
        {"deny log OK", 1, 3, "OK", "no status, such as DENIED or NOMEM"},
        {"deny log DENIED now", 1, 4, "now", "nothing may follow"},
        {"allow log DENIED", 1, 3, "DENIED", "nothing may follow"},
        {"limit log", 1, 3, "", "a number is missing"},
        {"limit log 0", 1, 3, "0",
         "how many: 1 to 1000000000, or so many in a second: 1/s to 1000000/s"},
        {"limit log 1/h", 1, 3, "1/h",
         "how many: 1 to 1000000000, or so many in a second: 1/s to 1000000/s"},
        {"limit log 1000001/s", 1, 3, "1000001/s",
         "how many: 1 to 1000000000, or so many in a second: 1/s to 1000000/s"},
        {"limit log /s", 1, 3, "/s",
         "how many: 1 to 1000000000, or so many in a second: 1/s to 1000000/s"},
        {"limit log 99999999999999999999999999", 1, 3, "99999999999999999999999999",
         "how many: 1 to 1000000000, or so many in a second: 1/s to 1000000/s"},
        {"fail alloc -1", 1, 3, "-1", "which call fails: 1 to 1000000000"},
        {"fail alloc 3 NOMEM 4", 1, 5, "4", "nothing may follow"},
        {"delay log 60001", 1, 3, "60001", "for how many milliseconds: 1 to 60000"},
        {"delay log 5 AGAIN", 1, 4, "AGAIN", "only the word again may follow"},
        {"allow all\ndeny \x01\xff", 2, 2, "??", "only printable characters of ASCII are in words"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(table); i++) {
        if (reads(table[i].text) || e.line != table[i].line || e.field != table[i].field ||
            strcmp(e.text, table[i].bad) != 0 || strcmp(e.reason, table[i].reason) != 0) {
            print_error("%s: %u:%u: \"%s\": %s\n", table[i].text, e.line, e.field, e.text,
                        e.reason != NULL ? e.reason : "good");
            fail();
        }
        assert_string_equal(e.source, "made");
        assert_int_equal(p.count, 0);
    }
}

static void what_is_good(void **state)
{
    (void)state;
    assert_true(reads(""));
    assert_true(reads("\n\n# nothing\n"));
    assert_int_equal(p.count, 0);
    assert_true(reads("deny log # why\r\n\tlimit mem.alloc,ctx.log/1 3/s NOSPC\nallow all"));
    assert_int_equal(p.count, 3);
    assert_int_equal(p.lines[1].number, 3);
    assert_int_equal(p.lines[1].per_second, 1);
    assert_int_equal(p.lines[1].status, CTX_E_NOSPC);
    assert_int_equal(p.lines[2].no, 3);
    assert_true(reads("deny org.example.serving/1")); /* whoever offers it */
    char text[POLICY_LINES * 12 + 20] = "";
    for (uint32_t i = 0; i < POLICY_LINES; i++) {
        strcat(text, "allow log\n");
    }
    assert_true(reads(text));
    strcat(text, "allow log");
    assert_false(reads(text));
    assert_int_equal(e.line, POLICY_LINES + 1);
    assert_string_equal(e.reason, "a policy has at most 64 lines");
    /* What comes behind a good text and is wrong leaves it as it was. */
    assert_true(reads("deny log"));
    assert_false(policy_read(&p, "rule=", 7, "allow mem\nno", 12, &e));
    assert_int_equal(p.count, 1);
    assert_int_equal(e.line, 8);
    assert_string_equal(e.source, "rule=");
}

/* ---- calls ---- */

static struct ctx_host_call a_call(const char *name, const char *table, uint32_t index,
                                   uint32_t returns)
{
    struct ctx_host_call call = {.size = sizeof call, .index = index, .returns = returns};
    strcpy((char *)call.name, name);
    strcpy((char *)call.table, table);
    return call;
}

/* What a number of calls in a row come to, one each `step` ns: '.', or the letter of a status. */
static const char *row(const char *text, const struct ctx_host_call *call, uint32_t count,
                       uint64_t step)
{
    static char out[64];
    assert_true(reads(text));
    for (uint32_t i = 0; i < count; i++) {
        struct policy_answer a = policy_ask(&p, call, 5 + i * step);
        assert_true(!a.refused || (a.by != NULL && a.rest_ns == 0));
        out[i] = !a.refused ? (a.rest_ns != 0 ? 'r' : '.') : ctx_status_name(a.status)[0];
        out[i + 1] = 0;
    }
    return out;
}

static void what_becomes_of_calls(void **state)
{
    (void)state;
    const struct ctx_host_call log = a_call("log", "", 2, CTX_RETURNS_VOID);
    const struct ctx_host_call now = a_call("time.now", "", 0, CTX_RETURNS_STATUS);
    const struct ctx_host_call write = a_call("log.write", "ctx.log/1", 0, CTX_RETURNS_STATUS);
    const struct ctx_host_call work = a_call("serving.work", "org.x.serving/1", 0, 0);
    static const uint64_t ms = 1000000;
    assert_string_equal(row("", &log, 2, 1), "..");
    assert_string_equal(row("deny log", &log, 2, 1), "DD");
    assert_string_equal(row("deny log", &write, 1, 1),
                        "D"); /* a table's name is a function's too */
    assert_string_equal(row("deny ctx.log/1", &log, 1, 1), ".");
    assert_string_equal(row("deny ctx.log/1 NOENT", &write, 1, 1), "N");
    assert_string_equal(row("deny org.x.serving/1", &work, 1, 1), "D");
    assert_string_equal(row("deny mem,time.now", &now, 1, 1), "D");
    assert_string_equal(row("deny org.x.serving/1.work", &work, 1, 1), "D");
    assert_string_equal(row("deny org.x.serving/1.works,org.x.serving/1.", &work, 1, 1), ".");
    assert_string_equal(row("allow now\ndeny all", &now, 2, 1), "..");
    assert_string_equal(row("allow now\ndeny all", &log, 1, 1), "D");
    assert_string_equal(row("deny all\nallow now", &now, 1, 1), "D"); /* from top to bottom */
    assert_string_equal(row("limit now 3", &now, 5, 1), "...DD");
    assert_string_equal(row("limit now 3 BUSY", &now, 4, 1), "...B");
    assert_string_equal(row("limit all 2/s", &now, 6, 250 * ms), "...A.A");
    assert_string_equal(row("fail trace 3 NOMEM", &now, 5, 1), "..N..");
    assert_string_equal(row("fail now 1", &now, 2, 1), "F.");
    assert_string_equal(row("delay now 5", &now, 2, 1), "rr");
    assert_string_equal(row("delay now 5 again", &now, 5, 2 * ms), "AAA.A");
    assert_string_equal(row("delay log 5 again", &log, 2, 1), "rr"); /* it can not say AGAIN */
    assert_string_equal(row("delay now 5\nfail now 2\nlimit now 3", &now, 5, 1), "rFrrD");
    assert_true(reads("delay now 5\ndelay time 7"));
    assert_int_equal(policy_ask(&p, &now, 1).rest_ns, 12 * ms);
}

/* What apps offer may be called as something of the system is, and as much as it likes. */
static void an_interface_that_is_called_like_a_table(void **state)
{
    (void)state;
    static const char long_id[] = "org.x.a123456789012345678901234567890123456789012345678901234/1";
    const struct ctx_host_call mem = a_call("mem.alloc", "org.x.mem/1", 0, 0);
    const struct ctx_host_call fn = a_call("mem", long_id, 0, 0); /* too long for both parts */
    assert_int_equal(strlen(long_id), 63);
    assert_string_equal(row("allow mem,alloc,mem.alloc\ndeny all", &mem, 1, 1), "D");
    assert_string_equal(row("allow mem\ndeny all", &fn, 1, 1), "D");
    char text[100];
    snprintf(text, sizeof text, "deny %s.mem", long_id);
    assert_string_equal(row(text, &fn, 1, 1), "D");
    assert_string_equal(row("deny org.x.mem/1.alloc", &mem, 1, 1), "D");
}

static void a_rate_holds(void **state)
{
    (void)state;
    const struct ctx_host_call now = a_call("time.now", "", 0, CTX_RETURNS_STATUS);
    assert_true(reads("limit now 100/s"));
    uint32_t done = 0;
    for (uint64_t i = 0; i < 10000; i++) { /* a thousand in each second, for ten */
        done += !policy_ask(&p, &now, 1 + i * 1000000).refused;
    }
    assert_in_range(done, 1095, 1101); /* a second's worth at once, and ten more */
}

/* ---- what is written ---- */

static void calls_written_down(void **state)
{
    (void)state;
    char out[80];
    struct ctx_host_call call = a_call("mem.free", "", 2, CTX_RETURNS_STATUS);
    call.args[1] = 0x12345678;
    call.args[2] = 50000;
    call.args[3] = 16;
    call.kinds[0] = CTX_ARG_MEMORY;
    call.kinds[1] = call.kinds[2] = CTX_ARG_U64;
    calls_write(out, sizeof out, &call, (uint32_t)CTX_E_INVAL, NULL, 0);
    assert_string_equal(out, "mem.free(0x12345678, 50000, 16) = INVAL");
    struct ctx_host_call old = a_call("log", "", 2, CTX_RETURNS_VOID);
    old.args[0] = 0x99999;
    old.args[1] = 28;
    old.kinds[0] = CTX_ARG_U64;
    old.kinds[1] = CTX_ARG_U32;
    uint64_t at;
    uint32_t len;
    assert_true(calls_bytes(&old, &at, &len));
    assert_int_equal(at, 0x99999);
    assert_int_equal(len, 28);
    calls_write(out, sizeof out, &old, 0, "hi\n", 3);
    assert_string_equal(out, "log(\"hi.\".., 28)");
    for (size_t size = 1; size < 20; size++) { /* cut anywhere, and never longer */
        memset(out, 'x', sizeof out);
        assert_int_equal(calls_write(out, size, &old, 0, "hi\n", 3), MIN(size - 1, (size_t)16));
        assert_int_equal(out[MIN(size - 1, (size_t)16)], 0);
        assert_int_equal(out[size], 'x');
    }
    struct ctx_host_call alloc = a_call("alloc", "", 3, CTX_RETURNS_POINTER);
    alloc.args[0] = 100;
    alloc.args[1] = 16;
    alloc.kinds[0] = alloc.kinds[1] = CTX_ARG_U64;
    calls_write(out, sizeof out, &alloc, 0x20000, NULL, 0);
    assert_string_equal(out, "alloc(100, 16) = 0x20000");
    calls_write(out, sizeof out, &alloc, 0, NULL, 0);
    assert_string_equal(out, "alloc(100, 16) = NULL");
}

/* Texts of pieces, and of any bytes: nothing is read or written outside, errors are within the
 * text, and what is good is good once more. */
static void any_text(void **state)
{
    (void)state;
    static const char *const parts[] = {"allow", "deny", "limit",  "fail",  "delay",      " ",
                                        "\n",    "all",  "log",    "mem",   ",",          "10",
                                        "/s",    "1",    "AGAIN",  "again", "#",          "\t",
                                        "a/1",   "0",    "DENIED", "x",     "99999999999"};
    struct rng rng = {11};
    const struct ctx_host_call log = a_call("log", "", 2, CTX_RETURNS_VOID);
    uint32_t good = 0;
    for (uint32_t run = 0; run < 60000; run++) {
        char text[400] = "deny log\nlimit mem,time 7/s BUSY # why\ndelay now 9 again\nfail all 3\n";
        if (run % 4 == 2) { /* a good one with a byte of another */
            text[rng_below(&rng, strlen(text))] = "\n \x01,7ad/#"[rng_below(&rng, 10)];
        } else {
            text[0] = 0;
        }
        uint32_t pieces = run % 4 != 2 ? (uint32_t)rng_below(&rng, 14) : 0;
        for (uint32_t i = 0; i < pieces; i++) {
            if (run % 4 == 0) {
                text[i] = (char)(1 + rng_below(&rng, 255));
                text[i + 1] = 0;
            } else {
                strcat(text, parts[rng_below(&rng, ARRAY_COUNT(parts))]);
                strcat(text, run % 4 == 1 ? " " : "");
            }
        }
        if (reads(text)) {
            good += p.count > 0;
            for (uint32_t i = 0; i < 3; i++) {
                policy_ask(&p, &log, i * 1000);
            }
        } else {
            assert_non_null(e.reason);
            assert_true(e.line >= 1 && e.field >= 1 && e.field <= 5);
            assert_int_equal(p.count, 0);
        }
    }
    assert_true(good > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wrong),
        cmocka_unit_test(what_is_good),
        cmocka_unit_test(what_becomes_of_calls),
        cmocka_unit_test(a_rate_holds),
        cmocka_unit_test(calls_written_down),
        cmocka_unit_test(any_text),
        cmocka_unit_test(an_interface_that_is_called_like_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
