/* SPDX-License-Identifier: MIT */
#include "policy.h"

#include <calls.h>

#include <ctx/status.h>

#define SECOND     UINT64_C(1000000000)
#define MS         UINT64_C(1000000)
#define FIELDS_MAX 5u /* one more than any line has */

static const char *const verbs[] = {"allow", "deny", "limit", "fail", "delay"};

const char *policy_verb_name(enum policy_verb verb)
{
    return verbs[verb];
}

struct field {
    const char *text;
    size_t len;
};

static int is(struct field f, const char *word)
{
    size_t i = 0;
    while (i < f.len && word[i] != 0 && word[i] == f.text[i]) {
        i++;
    }
    return i == f.len && word[i] == 0;
}

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static uint32_t split(const char *line, size_t len, struct field fields[FIELDS_MAX])
{
    uint32_t count = 0;
    for (size_t at = 0; at < len && line[at] != '#';) {
        size_t from = at;
        while (at < len && !is_space(line[at]) && line[at] != '#') {
            at++;
        }
        if (at > from && count < FIELDS_MAX) {
            fields[count++] = (struct field){line + from, at - from};
        }
        at += at < len && is_space(line[at]);
    }
    return count;
}

/* 1 to most; 0: it is none of those. */
static uint64_t read_number(const char *text, size_t len, uint64_t most)
{
    uint64_t n = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || n > most) {
            return 0;
        }
        n = n * 10 + (uint64_t)(text[i] - '0');
    }
    return n <= most ? n : 0;
}

static int read_status(struct field f, ctx_status *status)
{
    for (ctx_status s = CTX_E_NOSYS; s >= CTX_E_LAST; s--) {
        if (is(f, ctx_status_name(s))) {
            *status = s;
            return 1;
        }
    }
    return 0;
}

/* ---- one line ---- */

/* What is wrong with field number *no (from 0) of a line; NULL: nothing. */
static const char *read_amount(struct policy_line *line, struct field f)
{
    size_t len = f.len;
    switch (line->verb) {
    case POLICY_LIMIT:
        line->per_second = (uint8_t)(len > 2 && f.text[len - 2] == '/' && f.text[len - 1] == 's');
        line->status = line->per_second ? CTX_E_AGAIN : CTX_E_DENIED;
        line->number = read_number(f.text, line->per_second ? len - 2 : len,
                                   line->per_second ? POLICY_RATE : POLICY_NUMBER);
        return line->number != 0
                   ? NULL
                   : "how many: 1 to 1000000000, or so many in a second: 1/s to 1000000/s";
    case POLICY_FAIL:
        line->number = read_number(f.text, len, POLICY_NUMBER);
        return line->number != 0 ? NULL : "which call fails: 1 to 1000000000";
    default:
        line->number = read_number(f.text, len, POLICY_DELAY_MS);
        return line->number != 0 ? NULL : "for how many milliseconds: 1 to 60000";
    }
}

static const char *read_last(struct policy_line *line, struct field f)
{
    if (line->verb == POLICY_DELAY) {
        line->again = (uint8_t)is(f, "again");
        return line->again ? NULL : "only the word again may follow";
    }
    return read_status(f, &line->status) ? NULL : "no status, such as DENIED or NOMEM";
}

static const char *read_words(struct policy_line *line, struct field f, struct field *bad)
{
    size_t at, bytes;
    if (f.len > POLICY_WORDS) {
        return "words of a line have at most 120 bytes";
    }
    for (size_t i = 0; i < f.len; i++) {
        if (f.text[i] <= ' ' || f.text[i] >= 0x7f) {
            return "only printable characters of ASCII are in words";
        }
    }
    const char *reason = calls_words_wrong(f.text, f.len, &at, &bytes);
    if (reason != NULL) {
        *bad = (struct field){f.text + at, bytes};
        return reason;
    }
    __builtin_memcpy(line->words, f.text, f.len);
    line->words_len = (uint32_t)f.len;
    return NULL;
}

static const char *read_line(struct policy_line *line, const struct field *f, uint32_t count,
                             uint32_t *no, struct field *bad)
{
    uint32_t verb = 0;
    while (verb < sizeof verbs / sizeof verbs[0] && !is(f[0], verbs[verb])) {
        verb++;
    }
    *no = 0;
    *bad = f[0];
    if (verb == sizeof verbs / sizeof verbs[0]) {
        return "no such line: it is allow, deny, limit, fail or delay";
    }
    line->verb = (enum policy_verb)verb;
    line->status = line->verb == POLICY_FAIL ? CTX_E_FAULT : CTX_E_DENIED;
    uint32_t amounts = line->verb >= POLICY_LIMIT, most = 2 + amounts + (verb != POLICY_ALLOW);
    const char *reason = NULL;
    for (*no = 1; *no < 2 + amounts && reason == NULL; ++*no) {
        if (*no >= count) {
            *bad = (struct field){"", 0};
            return *no == 1 ? "which functions it is about is missing" : "a number is missing";
        }
        *bad = f[*no];
        reason = *no == 1 ? read_words(line, f[1], bad) : read_amount(line, f[2]);
    }
    if (reason != NULL) {
        --*no;
        return reason;
    }
    if (count > *no) {
        *bad = f[*no];
        if (*no >= most) {
            return "nothing may follow";
        }
        reason = read_last(line, f[*no]);
        if (reason == NULL && count > most) {
            *no = most;
            *bad = f[most];
            return "nothing may follow";
        }
    }
    return reason;
}

/* ---- a text ---- */

static void tell(struct policy_error *error, uint32_t field, const char *reason, struct field bad)
{
    error->field = field;
    error->reason = reason;
    size_t i = 0;
    for (; i < bad.len && i + 1 < sizeof error->text; i++) {
        uint8_t c = (uint8_t)bad.text[i];
        error->text[i] = c > ' ' && c < 0x7f ? (char)c : '?';
    }
    error->text[i] = 0;
}

int policy_read(struct policy *policy, const char *source, uint32_t first, const char *text,
                size_t len, struct policy_error *error)
{
    uint32_t before = policy->count, no = first;
    for (size_t at = 0; at < len; at++, no++) {
        struct field f[FIELDS_MAX], bad = {"", 0};
        size_t from = at;
        while (at < len && text[at] != '\n') {
            at++;
        }
        uint32_t field = 0, count = split(text + from, at - from, f);
        if (count == 0) {
            continue;
        }
        struct policy_line line = {.source = source, .no = no};
        const char *reason = policy->count < POLICY_LINES ? read_line(&line, f, count, &field, &bad)
                                                          : "a policy has at most 64 lines";
        if (reason != NULL) {
            *error = (struct policy_error){.source = source, .line = no};
            tell(error, field + 1, reason, bad);
            policy->count = before;
            return 0;
        }
        policy->lines[policy->count++] = line;
    }
    return 1;
}

/* ---- calls ---- */

static int is_over_rate(struct policy_line *line, uint64_t now)
{
    uint64_t one = SECOND / line->number;
    uint64_t passed = line->counted_ns != 0 ? now - line->counted_ns : SECOND;
    line->credit_ns += passed < SECOND ? passed : SECOND;
    line->credit_ns = line->credit_ns < SECOND ? line->credit_ns : SECOND;
    line->counted_ns = now != 0 ? now : 1;
    if (line->credit_ns < one) {
        return 1;
    }
    line->credit_ns -= one;
    return 0;
}

/* A function that gives no status can not say AGAIN. */
static int has_to_wait(struct policy_line *line, const struct ctx_host_call *call, uint64_t now)
{
    if (line->again == 0 || call->returns != 0) {
        return 0;
    }
    if (line->since_ns == 0) {
        line->since_ns = now != 0 ? now : 1;
    }
    if (now - line->since_ns < line->number * MS) {
        return 1;
    }
    line->since_ns = 0; /* done now, and the next one waits anew */
    return 0;
}

static int refuses(struct policy_line *line, const struct ctx_host_call *call, uint64_t now,
                   struct policy_answer *answer)
{
    answer->status = line->status;
    switch (line->verb) {
    case POLICY_DENY:
        return 1;
    case POLICY_LIMIT:
        return line->per_second ? is_over_rate(line, now) : line->calls > line->number;
    case POLICY_FAIL:
        return line->calls == line->number;
    case POLICY_DELAY:
        answer->status = CTX_E_AGAIN;
        return has_to_wait(line, call, now);
    default:
        return 0;
    }
}

struct policy_answer policy_ask(struct policy *policy, const struct ctx_host_call *call,
                                uint64_t now_ns)
{
    struct policy_answer answer = {.by = NULL};
    for (uint32_t i = 0; i < policy->count; i++) {
        struct policy_line *line = &policy->lines[i];
        if (!calls_mean(line->words, line->words_len, call)) {
            continue;
        }
        line->calls++;
        answer.refused = refuses(line, call, now_ns, &answer) != 0;
        if (answer.refused) {
            line->hits++;
            answer.by = line;
            answer.rest_ns = 0;
            return answer;
        }
        if (line->verb == POLICY_ALLOW) {
            break;
        }
        if (line->verb == POLICY_DELAY && (line->again == 0 || call->returns != 0)) {
            line->hits++;
            answer.by = line;
            answer.rest_ns += line->number * MS;
        }
    }
    return answer;
}
