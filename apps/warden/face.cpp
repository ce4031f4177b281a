/* SPDX-License-Identifier: MIT */
/* What is seen: the policy's lines with what they did, and below the last calls that were refused. */
#include "warden.hpp"

#include <ctx/status.h>

namespace
{

constexpr Color color_of(policy_verb verb)
{
    switch (verb) {
    case POLICY_ALLOW:
        return green;
    case POLICY_DENY:
        return red;
    case POLICY_LIMIT:
        return amber;
    case POLICY_FAIL:
        return orange;
    case POLICY_DELAY:
        return blue;
    }
    return plain;
}

} // namespace

Line Warden::state_of() const
{
    Line line;
    switch (target.state) {
    case HOLD_NO_GRANT:
        line << "it takes grant=" CTX_ID_HOST;
        break;
    case HOLD_NO_APP:
        line << "no app is called " << View::string(target.name) << " so far";
        break;
    case HOLD_NOT_OVER:
        line << "it takes over=" << View::string(target.name);
        break;
    case HOLD_FAILED:
        line << View::string(target.name) << " can not be taken: "
             << View::string(ctx_status_name(target.status));
        break;
    case HOLD_HELD:
        line.count(done) << " done, ";
        line.count(refused) << " refused";
        break;
    }
    return line;
}

/* Where they end. */
int32_t Warden::draw_lines(Rect r)
{
    Canvas &c = panel.canvas;
    int32_t verb = margin + 20, words = verb + 8 * letter_w, calls = c.w - margin - 10 * letter_w,
            hits = c.w - margin, y = r.y + columns_h + 2;
    c.text(verb, r.y + 8, "line", dim);
    c.text_left_of(calls, r.y + 8, "calls", dim);
    c.text_left_of(hits, r.y + 8, "struck", dim);
    c.fill({margin, r.y + columns_h - 1, c.w - 2 * margin, 1}, line_color);
    if (policy.count == 0) {
        c.text(verb, y + 3, "none: everything is done", faint);
        return y + small_row_h;
    }
    for (uint32_t i = 0; i < policy.count; i++, y += small_row_h) {
        const policy_line &p = policy.lines[i];
        if (y + 2 * small_row_h > r.bottom() && i + 1 < policy.count) {
            Line more;
            c.text(verb, y + 3, more << "and " << policy.count - i << " more", dim);
            return y + small_row_h;
        }
        Line text = text_of(p), n, h;
        View whole = text, name = View::string(policy_verb_name(p.verb));
        Color color = color_of(p.verb);
        c.dot(margin + 6, y + small_row_h / 2, 4, p.hits > 0 ? color : edge);
        c.text(verb, y + 3, name, color);
        c.text(words, y + 3, whole.from(name.len + 1), bright, calls - words - 9 * letter_w);
        c.text_left_of(calls, y + 3, n.count(p.calls), p.calls > 0 ? plain : faint);
        c.text_left_of(hits, y + 3, h.count(p.hits), p.hits > 0 ? color : faint);
    }
    return y;
}

void Warden::draw_refusals(Rect r, uint64_t now)
{
    Canvas &c = panel.canvas;
    int32_t ago = margin + 8 * letter_w, text = ago + 2 * letter_w,
            by = c.w - margin - 14 * letter_w;
    c.fill({margin, r.y + 4, c.w - 2 * margin, 1}, line_color);
    c.text(margin, r.y + 12, "last refused", dim);
    c.text(by, r.y + 12, "by", dim);
    int32_t y = r.y + 12 + small_row_h;
    uint64_t most = refused < kept_max ? refused : kept_max;
    auto shown = static_cast<uint64_t>((r.bottom() - y) / small_row_h);
    first = most > shown ? first > most - shown ? static_cast<uint32_t>(most - shown) : first : 0;
    if (most == 0) {
        c.text(margin, y, "nothing so far", faint);
    }
    for (uint64_t i = first; i < most && i < first + shown; i++, y += small_row_h) {
        const Refusal &one = kept[(refused - 1 - i) % kept_max];
        Line when, which;
        c.text_left_of(ago, y, when.age(now - one.at_ns), faint);
        c.text(text, y, View(one.text, one.len), bright, by - text - letter_w);
        if (one.by != nullptr) {
            which << View::string(one.by->source) << " " << one.by->no;
        } else {
            which << "the error";
        }
        c.text(by, y, which, dim, c.w - margin - by);
    }
}

void Warden::draw(struct ctx *ctx)
{
    Canvas &c = panel.canvas;
    Line subject, left;
    uint64_t now = 0;
    ctx->time->now(ctx->time, &now);
    subject << View::string(target.name);
    if (target.state == HOLD_HELD) {
        subject << "#" << target.pid;
    }
    int32_t x = panel.begin(subject, target.state == HOLD_HELD && !wrong ? accent : red);
    Line state = state_of();
    bool held = target.state == HOLD_HELD;
    if (x + Canvas::width_of(state) + 20 < c.w - margin) {
        c.text_left_of(c.w - margin, 17, state, held || target.state == HOLD_NO_APP ? dim : red);
    }
    Rect body = panel.body();
    c.clip(body);
    int32_t y = body.y;
    if (wrong) {
        Line line;
        line << View::string(error.source) << " " << error.line << ", field " << error.field
             << ": " << View::string(error.text);
        c.round({margin - 8, y + 10, c.w - 2 * margin + 16, 62}, 8, mix(ground, red, 60));
        c.text(margin + 6, y + 18, line, bright, c.w - 2 * margin - 12);
        c.text(margin + 6, y + 42, View::string(error.reason), red, c.w - 2 * margin - 12);
        y += 84;
    } else {
        y = draw_lines({body.x, y, body.w, body.h - 4 * small_row_h});
    }
    draw_refusals({body.x, y, body.w, body.bottom() - y}, now);
    c.clip_all();
    x = panel.key(margin, "R", "reset counts", act_reset);
    if (wrong) {
        left << "the policy is wrong: everything is refused";
    } else if (file.state == File::comes) {
        left << "its policy is being read: the app rests";
    } else if (rested > 0) {
        left << "the app has rested ";
        left.time(rested);
    } else {
        left << (panel.focused ? View("F11 hides it") : View("a click brings the keys"));
    }
    panel.note(x, left, wrong ? red : rested > 0 ? blue : faint);
    panel.end(ctx);
}
