/* SPDX-License-Identifier: MIT */
/*
 * Policies of the app `warden`, as a file or a word may hold them: what is read keeps its limits
 * and says the same when it is written down and read once more; what is wrong changes nothing, and
 * is told by line and field. Half of the inputs are texts as they are, half are made of words.
 */
#include "../../apps/hosting/calls.h"
#include "../../apps/warden/policy.h"

#include "fuzz.h"

#include <ctx/status.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT 16384u

/* Exactly so many bytes, so that one more is seen. */
static int reads(struct policy *policy, const char *text, size_t len, struct policy_error *error)
{
    char *copy = malloc(len > 0 ? len : 1);
    FUZZ_MUST(copy != NULL);
    memcpy(copy, text, len);
    int good = policy_read(policy, "made", 1, copy, len, error);
    free(copy);
    return good;
}

static size_t write_line(char *out, size_t size, const struct policy_line *l)
{
    const char *verb = policy_verb_name(l->verb), *status = ctx_status_name(l->status);
    int words = (int)l->words_len;
    unsigned long long number = l->number;
    switch (l->verb) {
    case POLICY_ALLOW:
        return (size_t)snprintf(out, size, "%s %.*s\n", verb, words, l->words);
    case POLICY_DENY:
        return (size_t)snprintf(out, size, "%s %.*s %s\n", verb, words, l->words, status);
    case POLICY_DELAY:
        return (size_t)snprintf(out, size, "%s %.*s %llu %s\n", verb, words, l->words, number,
                                l->again ? "again" : "");
    default:
        return (size_t)snprintf(out, size, "%s %.*s %llu%s %s\n", verb, words, l->words, number,
                                l->per_second ? "/s" : "", status);
    }
}

static void good_line(const struct policy_line *l)
{
    size_t at, bytes;
    FUZZ_MUST(l->verb <= POLICY_DELAY && l->words_len > 0 && l->words_len <= POLICY_WORDS);
    FUZZ_MUST(calls_words_wrong(l->words, l->words_len, &at, &bytes) == NULL);
    FUZZ_MUST(l->calls == 0 && l->hits == 0 && l->no >= 1 && strcmp(l->source, "made") == 0);
    FUZZ_MUST(l->status < 0);
    uint64_t most = l->verb == POLICY_DELAY ? POLICY_DELAY_MS
                    : l->per_second         ? POLICY_RATE
                                            : POLICY_NUMBER;
    FUZZ_MUST(l->verb < POLICY_LIMIT || (l->number >= 1 && l->number <= most));
}

static void round_trip(const struct policy *policy)
{
    static char text[POLICY_LINES * (POLICY_WORDS + 64)];
    static struct policy again;
    struct policy_error error;
    size_t len = 0;
    for (uint32_t i = 0; i < policy->count; i++) {
        len += write_line(text + len, sizeof text - len, &policy->lines[i]);
        FUZZ_MUST(len < sizeof text);
    }
    again.count = 0;
    FUZZ_MUST(reads(&again, text, len, &error) && again.count == policy->count);
    for (uint32_t i = 0; i < again.count; i++) {
        const struct policy_line *a = &again.lines[i], *b = &policy->lines[i];
        FUZZ_MUST(a->verb == b->verb && a->status == b->status && a->number == b->number);
        FUZZ_MUST(a->per_second == b->per_second && a->again == b->again);
        FUZZ_MUST(a->words_len == b->words_len && memcmp(a->words, b->words, a->words_len) == 0);
    }
}

/* A wrong text leaves what was there, and its error points into it. */
static void wrong(const struct policy *policy, const struct policy *before,
                  const struct policy_error *e, const char *text, size_t len)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < len; i++) {
        lines += text[i] == '\n';
    }
    FUZZ_MUST(policy->count == before->count);
    FUZZ_MUST(memcmp(policy->lines, before->lines, sizeof before->lines[0] * before->count) == 0);
    FUZZ_MUST(e->line >= 1 && e->line <= lines && e->field >= 1 && e->field <= 5);
    FUZZ_MUST(e->reason != NULL && memchr(e->text, 0, sizeof e->text) != NULL);
}

/* Calls, each a little later: who is refused is so by a line, and gets what that says. */
static void ask(struct policy *policy, const uint8_t *data, size_t size)
{
    static const struct {
        const char *name, *table;
    } calls[] = {{"log.write", "ctx.log/1"}, {"mem.alloc", "ctx.mem/1"}, {"get", "org.example/1"}};
    uint64_t now = 0;
    for (size_t i = 0; i < size && i < 64; i++) {
        struct ctx_host_call call = {0};
        uint32_t which = data[i] % 3u;
        memcpy(call.name, calls[which].name, strlen(calls[which].name));
        memcpy(call.table, calls[which].table, strlen(calls[which].table));
        call.returns = data[i] / 3u % 3u;
        struct policy_answer answer = policy_ask(policy, &call, now);
        FUZZ_MUST(!answer.refused ||
                  (answer.by != NULL && answer.status < 0 && answer.by->hits > 0));
        FUZZ_MUST(answer.rest_ns <= POLICY_LINES * POLICY_DELAY_MS * UINT64_C(1000000));
        now += (uint64_t)data[i] << 22;
    }
}

static size_t make_text(const uint8_t *data, size_t size, char *out)
{
    static const char *const parts[] = {
        "allow ", "deny ",  "limit ", "fail ",   "delay ", "mem",   "mem.alloc", "log",
        "all",    ",",      " ",      "\n",      "\n",     "3",     "/s",        "1000000",
        "again",  "DENIED", "NOMEM",  "AGAIN",   "#",      "\t",    "\r",        "ctx.log/1",
        "0",      "60000",  "lgo",    "a.b-c/9", " 7 ",    " 2/s ", "\n",        "deny all\n"};
    size_t at = 0;
    for (size_t i = 0; i < size && at + 16 < TEXT; i++) {
        at += (size_t)sprintf(out + at, "%s", parts[data[i] % (sizeof parts / sizeof parts[0])]);
    }
    return at;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct policy policy, before;
    static char made[TEXT];
    struct policy_error error;
    if (size < 2) {
        return 0;
    }
    const char *text = (const char *)data + 1;
    size_t len = size - 1;
    if (data[0] % 2 != 0) {
        len = make_text(data + 1, size - 1, made);
        text = made;
    }
    memset(&policy, 0, sizeof policy);
    FUZZ_MUST(policy_read(&policy, "made", 1, "deny log\n", 9, &error) && policy.count == 1);
    before = policy;
    if (!reads(&policy, text, len, &error)) {
        wrong(&policy, &before, &error, text, len);
        return 0;
    }
    FUZZ_MUST(policy.count <= POLICY_LINES);
    for (uint32_t i = 0; i < policy.count; i++) {
        good_line(&policy.lines[i]);
    }
    round_trip(&policy);
    ask(&policy, data, size);
    return 0;
}

size_t fuzz_seed(uint32_t no, uint8_t *buf)
{
    static const char *const seeds[] = {
        "\0# comment\nallow ctx.log/1\nlimit mem.alloc 3/s\nfail mem.alloc 3 NOMEM\ndeny all",
        "\0delay log 20\ndelay time.now 20 again # so\n\n\tdeny\torg.example.chat/1\tNOSYS\r\n",
        "\0limit mem.alloc,log 1000000000 AGAIN\n",
    };
    static const uint8_t made[] = {1, 2, 6, 28, 30, 3, 5, 28, 18, 11, 4, 7, 10, 25, 10, 16, 11, 31};
    if (no < 3) {
        size_t len = 1 + strlen(seeds[no] + 1);
        memcpy(buf, seeds[no], len);
        return len;
    }
    if (no == 3) {
        memcpy(buf, made, sizeof made);
        return sizeof made;
    }
    return 0;
}
