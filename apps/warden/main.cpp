/* SPDX-License-Identifier: MIT */
/*
 * warden - another app runs under a policy: what it may call, how often, and what fails. It stands
 * between that app and the functions of its Context as a host (ctx.host/1), and what it does not
 * answer is not done: while it is gone the app gets STALE. README.md has its words and the lines of
 * policies.
 */
#include "warden.hpp"

#include <calls.h>
#include <ctx/key.h>
#include <ctx/note.h>
#include <ctx/status.h>

#include <new>

CTX_NOTE(3);

extern "C" const char warden_policies[], warden_policies_end[]; /* policies.S */

namespace
{

constexpr uint64_t refresh = second / 4, search = second / 50;
constexpr uint32_t key_f11 = 87;

Warden *me; /* of whom serve is called, which gets nothing else */

void serve_call(struct ctx *ctx, ctx_host_call *call)
{
    me->serve(ctx, call);
}

void say(struct ctx *ctx, View text)
{
    ctx->log(reinterpret_cast<const uint8_t *>(text.bytes), text.len);
}

} // namespace

Line text_of(const policy_line &line)
{
    Line out;
    out << View::string(policy_verb_name(line.verb)) << " "
        << View(line.words, line.words_len < 60 ? line.words_len : 60);
    if (line.verb >= POLICY_LIMIT) {
        out << " " << line.number
            << (line.verb == POLICY_DELAY ? View(" ms") : line.per_second ? View("/s") : View(""));
    }
    if (line.verb == POLICY_DELAY) {
        out << (line.again ? View(" again") : View(""));
    } else if (line.verb != POLICY_ALLOW) {
        out << " " << View::string(ctx_status_name(line.status));
    }
    return out;
}

/* ---- its words ---- */

/* Lines of a text join the policy; what is wrong with them is told, once. */
void Warden::read_rules(View source, uint32_t first_line, View text, struct ctx *ctx)
{
    policy_error why = {};
    if (policy_read(&policy, source.bytes, first_line, text.bytes, text.len, &why) != 0) {
        return;
    }
    Line line;
    line << View::string(why.source) << " " << why.line << ": field " << why.field << " \""
         << View::string(why.text) << "\": " << View::string(why.reason)
         << "; until that is put right everything is refused";
    say(ctx, line);
    error = wrong ? error : why;
    wrong = true;
}

/* Not a line of it, but where it comes from. */
void Warden::refuse_all(const char *source, uint32_t at, const char *reason, struct ctx *ctx)
{
    policy_error why = {};
    why.source = source;
    why.line = at;
    why.field = 1;
    why.reason = reason;
    Line line;
    line << View::string(source) << ": " << View::string(reason)
         << "; until that is put right everything is refused";
    say(ctx, line);
    error = wrong ? error : why;
    wrong = true;
}

/* One of those that are part of the app. */
bool Warden::read_policy(View name, struct ctx *ctx)
{
    for (const char *p = warden_policies; p < warden_policies_end;) {
        View its = View::string(p), text = View::string(p + its.len + 1);
        if (its == name) {
            read_rules(its, 1, text, ctx);
            return true;
        }
        p = text.bytes + text.len + 1;
    }
    return false;
}

bool Warden::read_words(struct ctx *ctx)
{
    Words all(ctx);
    View word, name;
    char app[HOLD_NAME] = {};
    while (all.next(&word)) {
        Line bad;
        if (word.begins("file=")) {
            if (all.cut || !name_file(word.from(5))) {
                refuse_all("file=", 1, "one path that begins with /, of 2 to 255 bytes", ctx);
            }
        } else if (word.begins("app=") && word.len - 4 < sizeof app) {
            __builtin_memcpy(app, word.bytes + 4, word.len - 4);
            name = {app, word.len - 4};
        } else if (word.begins("rule=")) {
            read_rules("rule=", ++rules, all.cut ? View("too-long") : word.from(5), ctx);
        } else if (word.begins("policy=")) {
            if (!read_policy(word.from(7), ctx)) {
                refuse_all("policy=", 1, "there is no policy of that name in it", ctx);
            }
        } else if (!panel.take_word(word)) {
            bad << "what does the word \"" << View(word.bytes, word.len < 60 ? word.len : 60)
                << "\" mean? There are app=NAME policy=NAME file=PATH rule=LINE hidden at=X,Y lang=NAME";
            wrong = true;
            error = {"the line", 1, 1, "a word that means nothing", {}};
        }
        if (View(bad).len > 0) {
            say(ctx, bad);
        }
    }
    if (name.len == 0) {
        say(ctx, "which app? app=NAME is missing, 1 to 31 bytes");
        return false;
    }
    hold_begin(&target, ctx, name.bytes, name.len);
    if (target.state == HOLD_NO_GRANT) {
        say(ctx, "it takes grant=" CTX_ID_HOST ", and over=NAME for the app that is watched");
    }
    return true;
}

bool Warden::open(struct ctx *ctx)
{
    me = this;
    if (!read_words(ctx)) {
        return false;
    }
    panel.open(ctx, "Warden", Corner::bottom_right, 900, 372, key_f11);
    return true;
}

/* ---- a call of the app ---- */

void Warden::refuse(struct ctx *ctx, ctx_host_call *call, const policy_line *by, uint64_t now)
{
    Refusal &r = kept[refused % kept_max];
    r.number = ++refused;
    r.at_ns = now;
    r.by = by;
    char text[40];
    uint64_t address = 0;
    uint32_t len = 0;
    if (calls_bytes(call, &address, &len) != 0) {
        len = len < sizeof text ? len : uint32_t{sizeof text};
        if (target.host->copy_in(target.host, call->child, address, text, len) != CTX_OK) {
            len = 0;
        }
    }
    r.len = static_cast<uint32_t>(
        calls_write(r.text, sizeof r.text, call, call->result, text, len));
    if (by != nullptr && by->hits > 1) {
        return; /* each line's first one is told at once, the others are counted */
    }
    Line line;
    line << "refused " << View::string(target.name) << "#" << target.pid << " "
         << View(r.text, r.len);
    if (by != nullptr) {
        line << " by " << View::string(by->source) << " " << by->no;
    }
    if (by != nullptr || refused == 1) {
        say(ctx, line);
    }
}

void Warden::serve(struct ctx *ctx, ctx_host_call *call)
{
    uint64_t now = 0;
    policy_answer answer = {};
    ctx->time->now(ctx->time, &now);
    bool comes = file.state == File::comes && !wrong;
    if (comes) {
        answer.refused = 1;
        answer.status = CTX_E_AGAIN;
    } else if (!wrong) {
        answer = policy_ask(&policy, call, now);
    }
    if (wrong || answer.refused != 0) {
        ctx_status status = wrong ? CTX_E_DENIED : answer.status;
        call->result = call->returns == 0 ? static_cast<uint32_t>(status) : 0;
        refuse(ctx, call, answer.by, now);
        return;
    }
    target.host->forward(target.host, call->child, call);
    done++;
    if (answer.rest_ns != 0) {
        target.host->rest(target.host, call->child, answer.rest_ns);
        rested += answer.rest_ns;
    }
}

/* ---- a call of its own ---- */

/* How often each line has struck since the last time. */
void Warden::say_counts(struct ctx *ctx, uint64_t now)
{
    if (now < next_say) {
        return;
    }
    next_say = now + second;
    for (uint32_t i = 0; i < policy.count; i++) {
        const policy_line &p = policy.lines[i];
        if (p.hits > said[i]) {
            Line line;
            said[i] = p.hits;
            line << View::string(p.source) << " " << p.no << ": " << text_of(p) << ": " << p.hits
                 << " of " << p.calls << " calls";
            say(ctx, line);
        }
    }
}

void Warden::input(const Input &in)
{
    if (in.action == act_reset || (in.action == act_none && in.letter == 'r')) {
        done = refused = rested = 0; /* what lines have counted stays: limits are not ours to lift */
        first = 0;
    }
    uint32_t up = in.code == CTX_KEY_UP ? 1 : in.steps < 0 ? static_cast<uint32_t>(-in.steps) : 0;
    uint32_t down = in.code == CTX_KEY_DOWN ? 1 : in.steps > 0 ? static_cast<uint32_t>(in.steps) : 0;
    first = (first > up ? first - up : 0) + down;
}

int32_t Warden::call(struct ctx *ctx)
{
    Input in;
    me = this;
    while (panel.next(ctx, &in)) {
        input(in);
    }
    uint64_t now = 0;
    ctx->time->now(ctx->time, &now);
    read_file(ctx, now);
    hold_news news = hold_look(&target, ctx, serve_call, 0);
    file.rested = file.rested && news != HOLD_TAKEN;
    let_rest();
    if (news != HOLD_NOTHING_NEW) {
        Line line;
        if (news == HOLD_TAKEN) {
            line << "watches " << View::string(target.name) << "#" << target.pid << ", after "
                 << target.calls_before << " calls of it, by " << policy.count << " lines";
        } else {
            line << View::string(target.name) << " has gone";
        }
        say(ctx, line);
        panel.stale = true;
    }
    say_counts(ctx, now);
    panel.wait(ctx);
    bool settled = target.state == HOLD_HELD && file.state != File::comes;
    uint64_t wake = now + (settled ? refresh : search);
    if (panel.visible) {
        if (panel.stale || now >= next_draw) {
            draw(ctx);
            next_draw = now + refresh;
        }
        panel.point(ctx);
    }
    ctx->time->wake_at(ctx->time, wake);
    return CTX_WAIT;
}

int32_t CTX_CALL _start(struct ctx *ctx)
{
    if (*ctx->store == nullptr) {
        void *memory = ctx->mem->alloc(ctx->mem, sizeof(Warden), 64, CTX_MEM_ZERO);
        if (memory == nullptr) {
            say(ctx, "there is not enough memory");
            return CTX_EXIT(1);
        }
        auto *fresh = new (memory) Warden{};
        if (!fresh->open(ctx)) {
            return CTX_EXIT(1);
        }
        *ctx->store = fresh;
    }
    return static_cast<Warden *>(*ctx->store)->call(ctx);
}
