/* SPDX-License-Identifier: MIT */
/* What is seen: functions with their totals, or the last calls one by one. */
#include "tracer.hpp"

#include <calls.h>

namespace
{

/* Where columns begin or, for numbers, end. */
struct Columns {
    int32_t name, name_w, count, rate, total, mean, max, last;
};

constexpr Columns columns_of(int32_t w)
{
    int32_t name = margin, name_w = (w < 720 ? 14 : 19) * letter_w;
    int32_t count = name + name_w + 8 * letter_w, rate = count + 8 * letter_w;
    int32_t total = rate + 10 * letter_w, mean = total + 10 * letter_w,
            max = mean + 10 * letter_w;
    return {name, name_w, count, rate, total, mean, max, max + 2 * letter_w};
}

View name_of(Sort by)
{
    constexpr View names[sorts] = {"total", "calls", "max", "mean", "name"};
    return names[static_cast<uint32_t>(by)];
}

} // namespace

/* Why nothing is seen, or how it goes. */
Line Tracer::state_of() const
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
        line.count(record.number) << " calls";
        if (record.failed > 0) {
            line << ", ";
            line.count(record.failed) << " failed";
        }
        if (unseen > 0) {
            line << ", ";
            line.count(unseen) << " unseen";
        }
        break;
    }
    return line;
}

void Tracer::draw_head(Rect r, View what, int32_t right, Sort by)
{
    Canvas &c = panel.canvas;
    bool here = sort == by;
    int32_t w = Canvas::width_of(what);
    Rect all = {right - w - letter_w, r.y + 4, w + 2 * letter_w, r.h - 8};
    if (panel.hovers(all)) {
        c.round(all, 6, hover_ground);
    }
    c.text(right - w, r.y + 8, what, here ? accent : dim);
    if (here && by != Sort::name) {
        c.fill({right - w, r.y + r.h - 5, w, 2}, accent);
    }
    panel.spot(all, act_sort_by, static_cast<uint64_t>(by));
}

void Tracer::draw_row(const Row &row, Rect r, uint64_t most)
{
    Canvas &c = panel.canvas;
    const Columns k = columns_of(c.w);
    int32_t y = r.y + (r.h - letter_h) / 2;
    /* its share of the time, behind the text */
    auto width = most > 0 ? static_cast<int32_t>(row.total_ns * static_cast<uint64_t>(
                                                     k.name_w + 8) / most)
                          : 0;
    if (width > 0) {
        c.round({k.name - 8, r.y + 3, width < 6 ? 6 : width, r.h - 6}, 4,
                mix(ground, row.failed > 0 ? amber : blue, 56));
    }
    c.text(k.name, y, row.title(), bright, k.name_w);
    Line count, rate, total, mean, max;
    c.text_left_of(k.count, y, count.count(row.count), plain);
    c.text_left_of(k.rate, y, rate.count(row.rate), row.rate > 0 ? plain : faint);
    c.text_left_of(k.total, y, total.span(row.total_ns), plain);
    c.text_left_of(k.mean, y, mean.span(row.mean_ns()), plain);
    c.text_left_of(k.max, y, max.span(row.max_ns), row.max_ns > 1'000'000 ? amber : plain);
    int32_t room = c.w - margin - k.last;
    if (room > 10 * letter_w) { /* without the name, which stands there already */
        View last(row.last, row.last_len), name = row.title();
        uint32_t end = last.len;
        while (end > 0 && last.bytes[end - 1] != '=') {
            end--;
        }
        View result = end > 0 ? last.from(end) : View();
        View args(last.bytes, end > 2 ? end - 2 : last.len);
        int32_t result_w = Canvas::width_of(result);
        c.text(k.last, y, args.begins(name) ? args.from(name.len) : args, dim, room - result_w);
        c.text_left_of(c.w - margin, y, result, row.last_failed ? amber : dim);
    }
}

void Tracer::draw_nothing(Rect r)
{
    Canvas &c = panel.canvas;
    Line line = target.state != HOLD_HELD ? state_of() : Line();
    if (target.state == HOLD_HELD) {
        line << (words_len > 0 ? View("No call that the filter means, so far")
                 : paused      ? View("Paused")
                               : View("No call so far"));
    }
    bool bad = target.state != HOLD_HELD && target.state != HOLD_NO_APP;
    c.text((c.w - Canvas::width_of(line)) / 2, r.y + r.h / 2 - letter_h, line, bad ? red : dim);
}

void Tracer::draw_functions(Rect r)
{
    static const Row *order[rows_max];
    Canvas &c = panel.canvas;
    const Columns k = columns_of(c.w);
    uint32_t count = record.sorted(order, sort, filter());
    Rect head = {r.x, r.y, r.w, columns_h};
    draw_head(head, "function", k.name + Canvas::width_of("function"), Sort::name);
    draw_head(head, "calls", k.count, Sort::count);
    c.text_left_of(k.rate, r.y + 8, "per s", dim);
    draw_head(head, "total", k.total, Sort::total);
    draw_head(head, "mean", k.mean, Sort::mean);
    draw_head(head, "max", k.max, Sort::max);
    c.text(k.last, r.y + 8, "last call", dim, c.w - margin - k.last);
    c.fill({margin, head.bottom() - 1, c.w - 2 * margin, 1}, line_color);
    r = {r.x, head.bottom() + 2, r.w, r.h - columns_h - 2};
    if (count == 0) {
        draw_nothing(r);
        return;
    }
    uint64_t most = 0;
    for (uint32_t i = 0; i < count; i++) {
        most = order[i]->total_ns > most ? order[i]->total_ns : most;
    }
    auto shown = static_cast<uint32_t>(r.h / small_row_h);
    first = count > shown ? first > count - shown ? count - shown : first : 0;
    for (uint32_t i = 0; i < shown && first + i < count; i++) {
        draw_row(*order[first + i], {r.x, r.y + static_cast<int32_t>(i) * small_row_h, r.w,
                                     small_row_h},
                 most);
    }
}

/* The newest at the bottom, as in a log. */
void Tracer::draw_calls(Rect r)
{
    Canvas &c = panel.canvas;
    constexpr int32_t number = margin + 8 * letter_w, at = number + 11 * letter_w,
                      took = at + 10 * letter_w, text = took + 2 * letter_w;
    c.text_left_of(number, r.y + 8, "number", dim);
    c.text_left_of(at, r.y + 8, "at", dim);
    c.text_left_of(took, r.y + 8, "took", dim);
    c.text(text, r.y + 8, "call", dim);
    c.fill({margin, r.y + columns_h - 1, c.w - 2 * margin, 1}, line_color);
    r = {r.x, r.y + columns_h + 2, r.w, r.h - columns_h - 2};
    auto shown = static_cast<uint32_t>(r.h / small_row_h);
    static const Call *list[calls_max];
    uint32_t count = 0, all = 0;
    for (uint64_t n = 0; record.before_last(n) != nullptr; n++) {
        const Call *call = record.before_last(n);
        const Row &row = record.rows[call->row];
        if (words_len > 0 && calls_mean_name(words, words_len, row.name, row.table) == 0) {
            continue;
        }
        if (all++ >= first && count < shown) {
            list[count++] = call;
        }
    }
    first = all > shown ? first > all - shown ? all - shown : first : 0;
    if (count == 0) {
        draw_nothing(r);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        const Call &call = *list[count - 1 - i];
        int32_t y = r.y + static_cast<int32_t>(i) * small_row_h + (small_row_h - letter_h) / 2;
        Line no, when, span;
        c.text_left_of(number, y, no << call.number, faint);
        when << call.at_ns / second << "." << call.at_ns / (second / 10) % 10
             << call.at_ns / (second / 100) % 10 << call.at_ns / (second / 1000) % 10;
        c.text_left_of(at, y, when, dim);
        c.text_left_of(took, y, span.span(call.took_ns),
                       call.took_ns > 1'000'000 ? amber : plain);
        c.mono(text, y, View(call.text, call.len), call.failed ? red : bright,
               c.w - margin - text);
    }
}

void Tracer::draw_foot()
{
    if (typing) {
        Canvas &c = panel.canvas;
        int32_t y = c.h - footer_h + 14;
        int32_t x = c.text(margin, y, "Only these, such as mem,log: ", dim);
        c.round({x - 6, y - 4, c.w - margin - x + 6, 26}, 6, sunken);
        x = c.text(x, y, View(typed, typed_len), typed_wrong ? red : bright,
                   c.w - margin - x - 2 * letter_w);
        c.fill({x + 1, y, 2, letter_h}, accent);
        if (typed_wrong) {
            panel.note(x + 2 * letter_w, "no such function or table", red);
        }
        return;
    }
    int32_t x = panel.key(margin, "P", paused ? View("go on") : View("pause"), act_pause, paused);
    x = panel.key(x, "R", "reset", act_reset);
    Line by;
    x = panel.key(x, "S", by << "sort: " << name_of(sort), act_sort);
    Line what;
    if (words_len > 0) {
        what << "only " << View(words, words_len < 24 ? words_len : 24);
    } else {
        what << "filter";
    }
    x = panel.key(x, "F", what, act_filter, words_len > 0);
    x = panel.key(x, "Tab", page == Page::functions ? View("calls") : View("functions"), act_page);
    Line left;
    if (paused) {
        left << "paused, ";
        left.count(left_out) << " left out";
    } else if (!panel.focused) {
        left << "a click brings the keys";
    } else {
        left << "F10 hides it";
    }
    panel.note(x, left, paused ? amber : faint);
}

void Tracer::draw(struct ctx *ctx)
{
    Canvas &c = panel.canvas;
    Line subject;
    subject << View::string(target.name);
    if (target.state == HOLD_HELD) {
        subject << "#" << target.pid;
    }
    int32_t x = panel.begin(subject,
                            target.state == HOLD_HELD ? paused ? amber : accent : red);
    x = panel.tab(x, "Functions", page == Page::functions, act_functions);
    x = panel.tab(x, "Calls", page == Page::calls, act_calls);
    Line state = state_of();
    if (x + Canvas::width_of(state) + 20 < c.w - margin) {
        c.text_left_of(c.w - margin, 17, state, unseen > 0 ? amber : dim);
    }
    c.clip(panel.body());
    if (page == Page::functions) {
        draw_functions(panel.body());
    } else {
        draw_calls(panel.body());
    }
    c.clip_all();
    draw_foot();
    panel.end(ctx);
}
