/* SPDX-License-Identifier: MIT */
/* The words of an app's line that its policy is made of: restart=, overrun=, budget= ... */
#include "app_words.h"
#include "policy.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define BUDGET_MOST (60 * NSEC_PER_SEC)

/* A number from *p on; false: there is none, or it is too large. */
static bool number(const char **p, uint64_t *out)
{
    *out = 0;
    if (**p < '0' || **p > '9') {
        return false;
    }
    for (; **p >= '0' && **p <= '9'; (*p)++) {
        *out = *out * 10 + (uint64_t)(**p - '0');
        if (*out > UINT32_MAX) {
            return false;
        }
    }
    return true;
}

struct unit {
    const char *name;
    uint64_t factor;
};

/* "250ms", "64M", "25%": a number with one of these units, up to `end`. */
static bool quantity(const char *p, const char *end, const struct unit *units, size_t count,
                     uint64_t *out)
{
    uint64_t value;
    if (!number(&p, &value)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(units[i].name);
        if (len == (size_t)(end - p) && memcmp(p, units[i].name, len) == 0) {
            *out = value * units[i].factor;
            return true;
        }
    }
    return false;
}

struct choice {
    const char *name;
    uint32_t value;
};

/* "on-fault:5": one of these, and perhaps a number behind it. */
static bool choose(const char *p, const char *end, const struct choice *choices, size_t count,
                   uint32_t *value, uint32_t *limit)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(choices[i].name);
        if ((size_t)(end - p) < len || memcmp(p, choices[i].name, len) != 0) {
            continue;
        }
        const char *rest = p + len;
        uint64_t n;
        if (rest == end) {
            *value = choices[i].value;
            return true;
        }
        if (*rest == ':' && (rest++, number(&rest, &n)) && rest == end && n > 0) {
            *value = choices[i].value;
            *limit = (uint32_t)n;
            return true;
        }
    }
    return false;
}

static bool restart_word(struct app *app, const char *p, const char *end)
{
    static const struct choice choices[] = {{"never", CTX_RESTART_NEVER},
                                            {"on-fault", CTX_RESTART_ON_FAULT},
                                            {"always", CTX_RESTART_ALWAYS},
                                            {"undo", CTX_RESTART_UNDO},
                                            {"ask", CTX_RESTART_ASK}};
    return choose(p, end, choices, ARRAY_COUNT(choices), &app->policy.restart,
                  &app->policy.restart_limit);
}

static bool overrun_word(struct app *app, const char *p, const char *end)
{
    static const struct choice choices[] = {
        {"keep", OVERRUN_KEEP}, {"stop", OVERRUN_STOP}, {"restart", OVERRUN_RESTART}};
    return choose(p, end, choices, ARRAY_COUNT(choices), &app->policy.overrun,
                  &app->policy.overrun_limit);
}

static bool budget_word(struct app *app, const char *p, const char *end)
{
    static const struct unit units[] = {{"ms", NSEC_PER_MSEC}, {"s", NSEC_PER_SEC}};
    uint64_t ns;
    bool good = quantity(p, end, units, ARRAY_COUNT(units), &ns) && ns >= POLICY_BUDGET_LEAST &&
                ns <= BUDGET_MOST;
    app->policy.budget_ns = good ? ns : app->policy.budget_ns;
    return good;
}

static bool share_word(struct app *app, const char *p, const char *end)
{
    static const struct unit units[] = {{"%", 1}};
    uint64_t percent;
    bool good =
        quantity(p, end, units, ARRAY_COUNT(units), &percent) && percent >= 1 && percent <= 100;
    app->policy.share = good ? (uint32_t)percent % 100 : app->policy.share; /* 100 %: no limit */
    return good;
}

static bool memory_word(struct app *app, const char *p, const char *end)
{
    static const struct unit units[] = {{"K", 1u << 10}, {"M", 1u << 20}, {"G", 1u << 30}};
    uint64_t bytes = 0;
    bool good = quantity(p, end, units, ARRAY_COUNT(units), &bytes) && bytes >= PAGE_SIZE;
    bytes = MIN(bytes, CTX_SLOT_SIZE); /* no app can have more: to say so is no mistake */
    app->quota_pages = good ? bytes / PAGE_SIZE : app->quota_pages;
    return good;
}

static bool log_word(struct app *app, const char *p, const char *end)
{
    static const struct unit units[] = {{"", 1}};
    uint64_t lines;
    bool good = quantity(p, end, units, 1, &lines) && lines >= 1;
    app->policy.log_per_second = good ? (uint32_t)lines : app->policy.log_per_second;
    return good;
}

static bool critical_word(struct app *app, const char *p, const char *end)
{
    app->policy.critical = p == end;
    return p == end;
}

bool policy_word(struct app *app, const char *word, size_t len)
{
    static const struct {
        const char *name;
        bool (*read)(struct app *app, const char *p, const char *end);
        const char *takes;
    } words[] = {
        {"restart=", restart_word,
         "never, on-fault, always, undo or ask, and :N for at most N times"},
        {"overrun=", overrun_word, "keep, stop or restart, and :N for after N slices"},
        {"budget=", budget_word, "2ms to 60s"},
        {"share=", share_word, "1% to 100%"},
        {"mem=", memory_word, "a size such as 512K or 16M"},
        {"log=", log_word, "lines per second"},
        {"critical", critical_word, "nothing"},
    };
    for (size_t i = 0; i < ARRAY_COUNT(words); i++) {
        size_t name = strlen(words[i].name);
        bool whole = words[i].name[name - 1] == '=' ? len >= name : len == name;
        if (!whole || memcmp(word, words[i].name, name) != 0) {
            continue;
        }
        if (!words[i].read(app, word + name, word + len)) {
            app_wrong_words++;
            log_warn("app", "%s: %.*s: it takes %s", app->name, (int)len, word, words[i].takes);
        }
        return true;
    }
    return false;
}
