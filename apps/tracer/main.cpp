/* SPDX-License-Identifier: MIT */
/*
 * tracer - all calls that another app makes of its Context, with arguments, results and times, live.
 * It stands between that app and the functions as a host (ctx.host/1) and only looks on: what it
 * has no time for goes by, counted, and when it goes the app is as it was. README.md has its words
 * and keys.
 */
#include "tracer.hpp"

#include <calls.h>
#include <ctx/key.h>
#include <ctx/note.h>

#include <new>

CTX_NOTE(3);

namespace
{

constexpr uint64_t refresh = second / 4, search = second / 50;
constexpr uint32_t key_f10 = 68;

Tracer *me; /* of whom serve is called, which gets nothing else */

void serve_call(struct ctx *ctx, ctx_host_call *call)
{
    me->serve(ctx, call);
}

void say(struct ctx *ctx, View text)
{
    ctx->log(reinterpret_cast<const uint8_t *>(text.bytes), text.len);
}

} // namespace

/* ---- its words ---- */

bool Tracer::read_words(struct ctx *ctx)
{
    Words all(ctx);
    View word, name;
    char app[HOLD_NAME] = {};
    while (all.next(&word)) {
        Line wrong;
        size_t at = 0, bytes = 0;
        if (word.begins("app=") && word.len - 4 < sizeof app) {
            __builtin_memcpy(app, word.bytes + 4, word.len - 4);
            name = {app, word.len - 4};
        } else if (word.begins("filter=") && word.len - 7 < sizeof words) {
            View text = word.from(7);
            const char *why = calls_words_wrong(text.bytes, text.len, &at, &bytes);
            if (why == nullptr) {
                __builtin_memcpy(words, text.bytes, text.len);
                words_len = text.len;
                continue;
            }
            wrong << "filter=: word \"" << View(text.bytes + at, static_cast<uint32_t>(bytes))
                  << "\": " << View::string(why);
        } else if (word == "log") {
            logs = true;
        } else if (word == "totals") {
            totals = true;
        } else if (!panel.take_word(word)) {
            wrong << "what does the word \"" << View(word.bytes, word.len < 60 ? word.len : 60)
                  << "\" mean? There are app=NAME filter=WORDS log totals hidden at=X,Y lang=NAME";
        }
        if (View(wrong).len > 0) {
            say(ctx, wrong);
            return false;
        }
    }
    if (name.len == 0) {
        say(ctx, "which app? app=NAME is missing, 1 to 31 bytes");
        return false;
    }
    hold_begin(&target, ctx, name.bytes, name.len);
    if (target.state == HOLD_NO_GRANT) {
        say(ctx, "it takes grant=" CTX_ID_HOST ", and over=NAME for the app that is looked at");
    }
    return true;
}

bool Tracer::open(struct ctx *ctx)
{
    me = this;
    if (!read_words(ctx)) {
        return false;
    }
    panel.open(ctx, "Tracer", Corner::top_right, 900, 380, key_f10);
    return true;
}

/* ---- a call of the app ---- */

void Tracer::serve(struct ctx *ctx, ctx_host_call *call)
{
    char text[40];
    uint64_t address = 0, from = 0, to = 0;
    uint32_t len = 0;
    unseen += call->passed;
    if (paused) {
        left_out++;
        target.host->forward(target.host, call->child, call);
        return;
    }
    /* Before it: what it reads may be another's afterwards. */
    if (calls_bytes(call, &address, &len) != 0) {
        len = len < sizeof text ? len : uint32_t{sizeof text};
        if (target.host->copy_in(target.host, call->child, address, text, len) != CTX_OK) {
            len = 0;
        }
    }
    ctx->time->now(ctx->time, &from);
    target.host->forward(target.host, call->child, call);
    ctx->time->now(ctx->time, &to);
    record.add(*call, {text, len}, from, to - from);
    if (logs &&
        (words_len == 0 || calls_mean(words, words_len, call) != 0)) {
        say_call(ctx, *record.before_last(0));
    }
}

/* ---- the log ---- */

void Tracer::say_call(struct ctx *ctx, const Call &call)
{
    Line line;
    line << View::string(target.name) << "#" << target.pid << " " << View(call.text, call.len)
         << " in " << call.took_ns << " ns";
    say(ctx, line);
}

/* A line for each function that was called since the last time. */
void Tracer::say_totals(struct ctx *ctx)
{
    for (uint32_t i = 0; i < record.count; i++) {
        Row &row = record.rows[i];
        if (row.count == row.said) {
            continue;
        }
        row.said = row.count;
        Line line;
        line << "total " << row.title() << " calls=" << row.count << " failed=" << row.failed
             << " ns=" << row.total_ns << " max=" << row.max_ns << " unseen=" << unseen;
        say(ctx, line);
    }
}

/* ---- keys and clicks ---- */

void Tracer::act(uint32_t action, uint64_t arg)
{
    switch (action) {
    case act_pause:
        paused = !paused;
        break;
    case act_reset:
        record.clear();
        unseen = left_out = 0;
        first = 0;
        break;
    case act_sort:
        sort = static_cast<Sort>((static_cast<uint32_t>(sort) + 1) % sorts);
        break;
    case act_sort_by:
        sort = static_cast<Sort>(arg);
        break;
    case act_filter:
        typing = true;
        typed_wrong = false;
        __builtin_memcpy(typed, words, words_len);
        typed_len = words_len;
        break;
    case act_page:
        page = page == Page::functions ? Page::calls : Page::functions;
        first = 0;
        break;
    case act_functions:
    case act_calls:
        page = action == act_calls ? Page::calls : Page::functions;
        first = 0;
        break;
    default:
        break;
    }
}

/* The filter, letter by letter. What means nothing is not taken. */
void Tracer::type(const Input &in)
{
    if (in.code == CTX_KEY_ESC) {
        typing = false;
    } else if (in.code == CTX_KEY_BACKSPACE) {
        typed_len -= typed_len > 0;
    } else if (in.code == CTX_KEY_ENTER) {
        size_t at = 0, bytes = 0;
        typed_wrong =
            typed_len > 0 && calls_words_wrong(typed, typed_len, &at, &bytes) != nullptr;
        typing = typed_wrong;
        if (!typed_wrong) {
            __builtin_memcpy(words, typed, typed_len);
            words_len = typed_len;
            first = 0;
        }
        return;
    } else if (in.letter > ' ' && in.letter < 0x7f && typed_len + 1 < sizeof typed) {
        typed[typed_len++] = static_cast<char>(in.letter);
    }
    typed_wrong = false;
}

void Tracer::input(const Input &in)
{
    constexpr uint32_t far = 8;
    if (in.action != act_none) {
        act(in.action, in.arg);
        return;
    }
    if (typing && in.steps == 0) {
        type(in);
        return;
    }
    uint32_t up = in.code == CTX_KEY_UP       ? 1
                  : in.code == CTX_KEY_PAGEUP ? far
                  : in.steps < 0              ? static_cast<uint32_t>(-in.steps)
                                              : 0;
    uint32_t down = in.code == CTX_KEY_DOWN       ? 1
                    : in.code == CTX_KEY_PAGEDOWN ? far
                    : in.steps > 0                ? static_cast<uint32_t>(in.steps)
                                                  : 0;
    first = (first > up ? first - up : 0) + down; /* its end is seen to when it is drawn */
    act(in.code == CTX_KEY_TAB ? act_page
        : in.letter == 'p'     ? act_pause
        : in.letter == 'r'     ? act_reset
        : in.letter == 's'     ? act_sort
        : in.letter == 'f'     ? act_filter
                               : act_none,
        0);
}

/* ---- a call of its own ---- */

void Tracer::look(struct ctx *ctx, uint64_t now)
{
    hold_news news = hold_look(&target, ctx, serve_call, 1);
    if (news != HOLD_NOTHING_NEW) {
        Line line;
        if (news == HOLD_TAKEN) {
            line << "looks at " << View::string(target.name) << "#" << target.pid << ", after "
                 << target.calls_before << " calls of it";
        } else {
            line << View::string(target.name) << " has gone";
        }
        say(ctx, line);
        panel.stale = true;
    }
    if (totals && now >= next_totals) {
        say_totals(ctx);
        next_totals = now + second;
    }
}

int32_t Tracer::call(struct ctx *ctx)
{
    Input in;
    me = this;
    while (panel.next(ctx, &in)) {
        input(in);
    }
    uint64_t now = 0;
    ctx->time->now(ctx->time, &now);
    look(ctx, now);
    if (!paused) {
        record.reckon_rates(now);
    }
    panel.wait(ctx);
    uint64_t wake = target.state == HOLD_HELD ? now + refresh : now + search;
    if (panel.visible) {
        if (panel.stale || now >= next_draw) {
            draw(ctx);
            next_draw = now + refresh;
        }
        panel.point(ctx);
        wake = wake < next_draw ? wake : next_draw;
    }
    ctx->time->wake_at(ctx->time, totals && next_totals < wake ? next_totals : wake);
    return CTX_WAIT;
}

int32_t CTX_CALL _start(struct ctx *ctx)
{
    if (*ctx->store == nullptr) {
        void *memory = ctx->mem->alloc(ctx->mem, sizeof(Tracer), 64, CTX_MEM_ZERO);
        if (memory == nullptr) {
            say(ctx, "there is not enough memory");
            return CTX_EXIT(1);
        }
        auto *fresh = new (memory) Tracer{};
        if (!fresh->open(ctx)) {
            return CTX_EXIT(1);
        }
        *ctx->store = fresh;
    }
    return static_cast<Tracer *>(*ctx->store)->call(ctx);
}
