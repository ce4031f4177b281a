/* SPDX-License-Identifier: MIT */
/* The two lists: apps, and crashes. */
#include "theme.hpp"
#include "window.hpp"

namespace
{

/* Where columns begin or, for numbers, end. */
struct Columns {
    int32_t name, name_w, state, calls, time_bar, time_bar_w, time, memory_bar, memory_bar_w,
        memory, faults, restarts, overruns, lost;
};

constexpr Columns columns_of(int32_t w)
{
    int32_t right = w - margin;
    if (w < wide) { /* no bars, shorter names */
        int32_t name = margin + 18, name_w = 12 * letter_w, state = name + name_w + letter_w;
        int32_t calls = state + 17 * letter_w;
        return {name,
                name_w,
                state,
                calls,
                0,
                0,
                calls + 8 * letter_w,
                0,
                0,
                right - 20 * letter_w,
                right - 13 * letter_w,
                right - 7 * letter_w,
                right,
                0};
    }
    int32_t name = margin + 20, name_w = 17 * letter_w, state = name + name_w + 12;
    int32_t calls = state + 19 * letter_w + 4, time_bar = calls + 36,
            time = time_bar + 64 + 8 + 6 * letter_w;
    int32_t lost = right, overruns = lost - 10 * letter_w, restarts = overruns - 10 * letter_w;
    int32_t faults = restarts - 10 * letter_w, memory = faults - 8 * letter_w,
            memory_bar = memory - 9 * letter_w - 8 - 52;
    return {name,       name_w, state,  calls,  time_bar, 64,       time,
            memory_bar, 52,     memory, faults, restarts, overruns, lost};
}

/* A number that is worth a look only when it is not 0. */
void number(Canvas &c, int32_t right, int32_t y, uint64_t n, Color color)
{
    Line text;
    text.count(n);
    c.text_left_of(right, y, text, n == 0 ? faint : color);
}

/* Where it was, without the offset that its report has too. */
View place_of(const ctx_crash &crash)
{
    View place = View::field(crash.place);
    for (uint32_t i = 1; i < place.len; i++) {
        if (place.bytes[i] == ' ') {
            return {place.bytes, i};
        }
    }
    return place;
}

/* What the crash was, in words. */
View words_of(const ctx_crash &crash)
{
    View what = View::field(crash.what);
    if (what.len > 0) {
        return what;
    }
    switch (crash.vector) {
    case 0:
        return "divided by zero";
    case 3:
        return "hit a breakpoint";
    case 6:
        return "executed what is no instruction";
    case 13:
        return "did what only the kernel may";
    case 16:
    case 19:
        return "made a floating-point error";
    case 17:
        return "used an address that is not aligned";
    default:
        return "raised an exception";
    }
}

} // namespace

/* ---- apps ---- */

void Window::draw_app(Canvas &c, const App &app, Rect r, bool is_me)
{
    const Columns k = columns_of(c.w);
    Color color = mood_color(app.mood), under = ground;
    int32_t y = r.y + (r.h - letter_h) / 2;
    bool mine = is_chosen(app.info.pid), loud = app.mood >= Mood::flooding;
    if (mine) {
        under = focused ? chosen_ground : raised;
    } else if (hovers(r)) {
        under = hover_ground;
    }
    if (loud) {
        under = mix(under, color, app.mood >= Mood::restarting ? 80 : 36);
    }
    if (under != ground) {
        c.round(r.inset(8, 1), 6, under);
    }
    if (mine) {
        c.round({r.x + 8, r.y + 5, 4, r.h - 10}, 2, focused ? accent : edge);
    }
    c.dot(k.name - 12, r.y + r.h / 2, loud ? 5 : 4, color);
    Color ink = app.alive() ? bright : dim;
    int32_t end = loud ? c.bold(k.name, y, app.name(), ink, k.name_w)
                       : c.text(k.name, y, app.name(), ink, k.name_w);
    if (is_me && end + 5 * letter_w <= k.name + k.name_w) {
        c.text(end + letter_w, y, "(me)", under == ground ? faint : dim);
    }
    View mood = mood_name(app.mood);
    loud ? c.bold(k.state, y, mood, color)
         : c.text(k.state, y, mood, app.mood == Mood::waiting ? dim : color);

    Line time, memory;
    number(c, k.calls, y, app.calls_per_second, plain);
    time.tenths(app.share) << "%";
    memory.size(app.info.memory);
    Color hot = app.share > 500 ? amber : green;
    if (k.time_bar_w > 0) {
        c.bar({k.time_bar, r.y + r.h / 2 - 3, k.time_bar_w, 6}, app.share, 1000, hot,
              mix(under, line_color, 200));
        bool full = app.info.memory * 10 > app.info.memory_quota * 9;
        c.bar({k.memory_bar, r.y + r.h / 2 - 3, k.memory_bar_w, 6}, app.info.memory,
              app.info.memory_quota, full ? red : blue, mix(under, line_color, 200));
        number(c, k.lost, y, app.info.log_dropped, violet);
    }
    c.text_left_of(k.time, y, time, app.share == 0 ? faint : app.share > 500 ? amber : plain);
    c.text_left_of(k.memory, y, memory, app.info.memory == 0 ? faint : plain);
    number(c, k.faults, y, app.info.faults, red);
    number(c, k.restarts, y, app.info.restarts, orange);
    number(c, k.overruns, y, app.info.overruns, amber);
    spot(r, Action::row, app.info.pid);
}

void Window::draw_apps(Canvas &c, const Model &m)
{
    const Columns k = columns_of(c.w);
    bool full = k.time_bar_w > 0;
    int32_t top = title_h + columns_h, y = title_h + 9, bottom = c.h - footer_h;
    c.text(k.name, y, "app", dim);
    c.text(k.state, y, "state", dim);
    c.text_left_of(k.calls, y, "calls/s", dim);
    c.text_left_of(k.time, y, "time", dim);
    c.text_left_of(k.memory, y, "memory", dim);
    c.text_left_of(k.faults, y, full ? View("faults") : View("fault"), dim);
    c.text_left_of(k.restarts, y, full ? View("restarts") : View("rest."), dim);
    c.text_left_of(k.overruns, y, full ? View("overruns") : View("over"), dim);
    if (full) {
        c.text_left_of(k.lost, y, "log lost", dim);
    }
    c.fill({margin, top - 1, c.w - 2 * margin, 1}, line_color);

    /* Below the apps the latest crashes, if there is room for four. */
    constexpr int32_t latest_h = columns_h + 4 * small_row_h + 8;
    int32_t room = bottom - top - 8, wanted = static_cast<int32_t>(m.count) * row_h;
    bool latest = room - latest_h >= wanted || room - latest_h >= 6 * row_h;
    int32_t list_h = latest && wanted > room - latest_h ? room - latest_h
                     : wanted > room                    ? room
                                                        : wanted;
    shown = static_cast<uint32_t>(list_h / row_h);
    for (uint32_t i = 0; i < m.count; i++) {
        if (is_chosen(m.apps[i].info.pid)) {
            first_app = i < first_app ? i : i >= first_app + shown ? i + 1 - shown : first_app;
        }
    }
    first_app =
        first_app + shown > m.count ? m.count - (shown < m.count ? shown : m.count) : first_app;
    Rect r = {0, top + 4, c.w, row_h};
    for (uint32_t i = first_app; i < m.count && i < first_app + shown; i++, r.y += row_h) {
        draw_app(c, m.apps[i], r, m.apps[i].info.pid == m.me);
    }
    draw_scroll(c, {c.w - 14, top + 6, 6, list_h - 4}, first_app, shown, m.count);
    if (latest) {
        draw_latest(c, m, {0, r.y + 8, c.w, bottom - r.y - 8});
    }
}

void Window::draw_latest(Canvas &c, const Model &m, Rect r)
{
    c.text(margin, r.y + 9, "latest crashes", dim);
    c.fill({margin, r.y + columns_h - 1, c.w - 2 * margin, 1}, line_color);
    Rect row = {0, r.y + columns_h + 4, c.w, small_row_h};
    if (m.crash_count == 0) {
        c.text(margin, row.y + 3,
               m.may_act ? View("None so far.") : View("Reports take grant=" CTX_ID_CONTROL),
               faint);
    }
    for (uint32_t i = 0; i < m.crash_count && row.bottom() <= r.bottom() - 6;
         i++, row.y += small_row_h) {
        draw_crash(c, m, m.crash_by_age(i), row, false);
    }
}

/* ---- crashes ---- */

void Window::draw_crash(Canvas &c, const Model &m, const ctx_crash &crash, Rect r, bool mine)
{
    int32_t y = r.y + (r.h - letter_h) / 2;
    bool fresh = m.now - crash.time_ns < 3 * second;
    Color under = mine ? (focused ? chosen_ground : raised) : hovers(r) ? hover_ground : ground;
    if (under != ground) {
        c.round(r.inset(8, 1), 6, under);
    }
    if (mine) {
        c.round({r.x + 8, r.y + 5, 4, r.h - 10}, 2, focused ? accent : edge);
    }
    c.dot(margin + 8, r.y + r.h / 2, fresh ? 5 : 4, fresh ? red : mix(ground, red, 130));
    Line number, age;
    number << "#" << crash.seq;
    age.age(m.now - crash.time_ns) << " ago";
    int32_t x = margin + 24;
    c.text(x, y, number, dim);
    c.text_left_of(x + 15 * letter_w, y, age, fresh ? red : dim);
    x += 17 * letter_w;
    c.text(x, y, View::field(crash.name), bright, 13 * letter_w);
    x += 14 * letter_w;
    int32_t room = c.w - margin - x, half = c.w < wide ? room : room * 11 / 20;
    c.text(x, y, words_of(crash), plain, half - letter_w);
    if (half < room) {
        c.text(x + half, y, place_of(crash), dim, room - half);
    }
    spot(r, page == Page::crashes ? Action::row : Action::crashes, crash.seq);
}

void Window::draw_crashes(Canvas &c, const Model &m, Rect r)
{
    int32_t y = r.y + 9, x = margin + 24;
    c.text(x, y, "no.", dim);
    c.text_left_of(x + 15 * letter_w, y, "when", dim);
    x += 17 * letter_w;
    c.text(x, y, "app", dim);
    x += 14 * letter_w;
    c.text(x, y, "what it did", dim);
    if (c.w >= wide) {
        c.text(x + (c.w - margin - x) * 11 / 20, y, "where", dim);
    }
    c.fill({margin, r.y + columns_h - 1, c.w - 2 * margin, 1}, line_color);
    Rect row = {0, r.y + columns_h + 4, c.w, row_h};
    if (m.crash_count == 0) {
        c.text(margin, row.y + 6,
               m.may_act ? View("No app has crashed so far.")
                         : View("Reports take grant=" CTX_ID_CONTROL),
               faint);
        return;
    }
    if (m.crash_by_seq(seq) == nullptr) {
        seq = m.crash_by_age(0).seq;
    }
    shown = static_cast<uint32_t>((r.bottom() - row.y - 6) / row_h);
    for (uint32_t i = 0; i < m.crash_count; i++) {
        if (is_chosen(m.crash_by_age(i).seq)) {
            first_crash = i < first_crash            ? i
                          : i >= first_crash + shown ? i + 1 - shown
                                                     : first_crash;
        }
    }
    Rect list = {c.w - 14, row.y + 2, 6, static_cast<int32_t>(shown) * row_h - 4};
    for (uint32_t i = first_crash; i < m.crash_count && i < first_crash + shown;
         i++, row.y += row_h) {
        const ctx_crash &crash = m.crash_by_age(i);
        draw_crash(c, m, crash, row, is_chosen(crash.seq));
    }
    draw_scroll(c, list, first_crash, shown, m.crash_count);
}
