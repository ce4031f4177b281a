/* SPDX-License-Identifier: MIT */
/* The frame around the pages, and what keys and clicks do to what is seen. */
#include "window.hpp"

#include "theme.hpp"

#include <ctx/key.h>

/* ---- what is chosen ---- */

void Window::say(uint64_t now, Tone how, const Line &text)
{
    message = text;
    tone = how;
    message_until = now + 4 * second;
}

void Window::go(Page to)
{
    page = to;
    first_line = 0;
}

/* The page behind this one, in the order of the tabs. */
static Page after(Page page, const Model &m)
{
    return page == Page::apps                               ? Page::crashes
           : page == Page::crashes && m.offered != nullptr ? Page::services
                                                            : Page::apps;
}

void Window::go_on(const Model &model)
{
    go(after(page == Page::detail ? from : page, model));
}

void Window::back()
{
    go(page == Page::detail ? from : Page::apps);
}

void Window::choose(uint64_t row)
{
    if (page == Page::apps) {
        pid = row;
        chosen = true;
    } else if (page == Page::services) {
        service_seq = row;
    } else {
        seq = row;
    }
}

bool Window::is_chosen(uint64_t row) const
{
    return page == Page::apps       ? chosen && pid == row
           : page == Page::services ? service_seq == row
                                    : page == Page::crashes && seq == row;
}

void Window::open_chosen(const Model &model)
{
    if (page == Page::apps && chosen) {
        detail_pid = pid;
        detail_seq = 0;
    } else if (page == Page::services && model.service_by_seq(service_seq) != nullptr) {
        detail_pid = model.service_by_seq(service_seq)->info.provider;
        detail_seq = 0;
    } else if (page == Page::crashes && model.crash_count > 0) {
        const ctx_crash *crash = model.crash_by_seq(seq);
        crash = crash != nullptr ? crash : &model.crash_by_age(0);
        detail_pid = crash->pid;
        detail_seq = crash->seq;
    } else {
        return;
    }
    from = page;
    go(Page::detail);
}

/* What the row is known by, wherever it lies. */
static uint64_t row_at(const Model &m, Page page, uint32_t i)
{
    return page == Page::apps       ? m.apps[i].info.pid
           : page == Page::services ? m.services[i].seq
                                    : m.crash_by_age(i).seq;
}

/* Down is positive. */
void Window::step(const Model &model, int32_t by)
{
    if (page == Page::detail) {
        first_line = by < 0 && first_line < static_cast<uint32_t>(-by)
                         ? 0
                         : first_line + static_cast<uint32_t>(by);
        return; /* its end is seen to when it is drawn */
    }
    uint32_t count = page == Page::apps       ? model.count
                     : page == Page::services ? model.service_count
                                              : model.crash_count;
    if (count == 0) {
        return;
    }
    int32_t at = -1;
    for (uint32_t i = 0; i < count; i++) {
        at = is_chosen(row_at(model, page, i)) ? static_cast<int32_t>(i) : at;
    }
    at = at < 0 ? 0 : at + by;
    auto last = static_cast<int32_t>(count) - 1;
    auto to = static_cast<uint32_t>(at < 0 ? 0 : at > last ? last : at);
    choose(row_at(model, page, to));
}

void Window::beside(const Model &model, bool newer)
{
    const ctx_crash *crash =
        detail_seq != 0 ? model.crash_by_seq(detail_seq) : model.last_crash(detail_pid);
    const ctx_crash *other =
        crash != nullptr ? model.beside(*crash, newer, from == Page::apps) : nullptr;
    if (page == Page::detail && other != nullptr) {
        detail_seq = other->seq;
        detail_pid = other->pid;
        seq = other->seq;
        first_line = 0;
    }
}

const App *Window::meant(const Model &model) const
{
    if (page == Page::detail) {
        return model.find(detail_pid);
    }
    if (page == Page::apps) {
        return chosen ? model.find(pid) : nullptr;
    }
    if (page == Page::services) {
        const Service *service = model.service_by_seq(service_seq);
        return service != nullptr ? model.find(service->info.provider) : nullptr;
    }
    const ctx_crash *crash = model.crash_by_seq(seq);
    return crash != nullptr ? model.find(crash->pid) : nullptr;
}

/* ---- where clicks mean something ---- */

void Window::spot(Rect where, Action action, uint64_t arg)
{
    if (spot_count < sizeof spots / sizeof *spots) {
        spots[spot_count++] = {where, action, arg};
    }
}

Action Window::at(int32_t x, int32_t y, uint64_t *arg) const
{
    for (uint32_t i = 0; i < spot_count; i++) {
        if (spots[i].where.has(x, y)) {
            *arg = spots[i].arg;
            return spots[i].action;
        }
    }
    return Action::none;
}

bool Window::hovers(Rect r) const
{
    return r.has(mouse_x, mouse_y);
}

/* ---- the frame ---- */

int32_t Window::draw_tab(Canvas &c, int32_t x, View name, uint64_t number, Page p, Action action,
                         Color number_color)
{
    Line count;
    count << number;
    int32_t wide_number = Canvas::width_of(count) + 14;
    Rect r = {x, 10, 14 + Canvas::width_of(name) + 10 + wide_number + 10, 32};
    bool here = page == p || (page == Page::detail && from == p);
    if (here || hovers(r)) {
        c.round(r, 8, here ? chosen_ground : hover_ground);
    }
    int32_t end = c.text(x + 14, r.y + 7, name, here ? bright : plain);
    c.round({end + 10, r.y + 6, wide_number, 20}, 10,
            mix(here ? chosen_ground : raised, number_color, 70));
    c.text(end + 17, r.y + 7, count, number_color);
    spot(r, action);
    return r.right() + 8;
}

void Window::draw_title(Canvas &c, const Model &m)
{
    c.fill({0, 0, c.w, title_h}, raised);
    c.fill({0, title_h - 1, c.w, 1}, line_color);
    c.dot(margin + 5, title_h / 2, 5, focused ? accent : edge);
    int32_t x = margin + 20;
    if (!c.managed) { /* else its frame has the name */
        x = c.bold(x, 17, "Supervisor", focused ? bright : plain) + 28;
    }
    x = draw_tab(c, x, "Apps", m.of, Page::apps, Action::apps, dim);
    x = draw_tab(c, x, "Crashes", m.last_seq, Page::crashes, Action::crashes,
                 m.last_seq > 0 ? red : dim);
    if (m.offered != nullptr) {
        x = draw_tab(c, x, "Services", m.services_of, Page::services, Action::services, dim);
    }

    Line right;
    right << m.faults << (m.faults == 1 ? View(" fault, ") : View(" faults, ")) << m.restarts
          << (m.restarts == 1 ? View(" restart, ") : View(" restarts, ")) << "up "
          << m.now / (60 * second) << ":" << m.now / second % 60 / 10 << m.now / second % 10;
    int32_t end = c.w - margin;
    if (x + 20 + Canvas::width_of(right) < end) {
        c.text_left_of(end, 17, right, dim);
        end -= Canvas::width_of(right) + 20;
    }
    draw_isolation(c, m, end, x + 20);
}

/* Whether apps can reach each other: one that nobody verified is enough, also when it has gone. */
void Window::draw_isolation(Canvas &c, const Model &m, int32_t right, int32_t left)
{
    if (!m.knows_trusted) {
        return;
    }
    Line text, less;
    if (!m.was_trusted) {
        text << "isolated";
        less << "isolated";
    } else if (m.trusted == 0) {
        text << "not isolated: one ran unverified";
        less << "ran unverified";
    } else {
        View more = m.of > apps_max ? View("+") : View(""); /* the others are not looked at */
        text << "not isolated: " << m.trusted << more << " unverified";
        less << m.trusted << more << " unverified";
    }
    /* The lamp is always there, and as many words as fit. */
    const Line &said = right - Canvas::width_of(text) - 14 >= left ? text : less;
    bool fits = right - Canvas::width_of(said) - 14 >= left;
    Color color = !m.was_trusted ? green : amber;
    int32_t x = fits ? right - Canvas::width_of(said) - 14 : right - 8;
    c.dot(x + 4, title_h / 2, 4, color);
    if (fits) {
        c.text(x + 14, 17, said, !m.was_trusted ? dim : color);
    }
}

/* A key's cap and what it does. Returns where the next one begins. */
int32_t Window::draw_key(Canvas &c, int32_t x, View key, View what, Action action, bool can)
{
    int32_t y = c.h - footer_h;
    Rect cap = {x, y + 12, Canvas::width_of(key) + 14, 24};
    Rect all = {x - 4, y + 8, cap.w + 8 + Canvas::width_of(what) + 10, 32};
    bool lit = can && focused;
    if (can && hovers(all)) {
        c.round(all, 8, hover_ground);
    }
    c.round(cap, 6, lit ? edge : line_color);
    c.round(cap.inset(1, 1), 5, lit ? cap_ground : raised);
    c.text(x + 7, y + 14, key, lit ? bright : faint);
    c.text(cap.right() + 8, y + 14, what, lit ? plain : faint);
    if (can) {
        spot(all, action);
    }
    return all.right() + 12;
}

void Window::draw_footer(Canvas &c, const Model &m)
{
    int32_t top = c.h - footer_h, x = margin, room = c.w - margin;
    c.fill({0, top, c.w, footer_h}, raised);
    c.fill({0, top, c.w, 1}, line_color);
    Line note;
    Color color = dim;
    if (m.now < message_until) {
        note = message;
        color = tone == Tone::good ? green : red;
    } else if (!m.may_act) {
        note << "It may only look: acting takes grant=" CTX_ID_CONTROL;
        color = amber;
    } else if (!focused) {
        note << "A click brings the keys here";
    }
    int32_t width = Canvas::width_of(note);
    if (c.w < wide && width > 0) {
        c.text(x, top + 14, note, color, room - x);
        return;
    }
    const App *app = meant(m);
    bool can = m.may_act && app != nullptr && app->info.pid != m.me;
    bool is_paused = app != nullptr && app->mood == Mood::paused;
    x = draw_key(c, x, "R", "restart", Action::restart, can);
    x = draw_key(c, x, "S", "stop", Action::stop, can);
    x = draw_key(c, x, "P", is_paused ? View("resume") : View("pause"), Action::pause, can);
    if (page == Page::detail) {
        x = draw_key(c, x, "Esc", "back", Action::back, true);
    } else {
        bool some = page == Page::apps       ? chosen
                    : page == Page::services ? m.service_count > 0
                                             : m.crash_count > 0;
        x = draw_key(c, x, "Enter", page == Page::services ? View("provider") : View("details"),
                     Action::open, some);
        Page next = after(page, m);
        View other = next == Page::apps       ? View("apps")
                     : next == Page::services ? View("services")
                                              : View("crashes");
        x = draw_key(c, x, "Tab", other, Action::other_page, true);
    }
    if (width > 0) {
        int32_t at = x + 8 + width < room ? room - width : x + 8;
        c.text(at, top + 14, note, color, room - at);
    }
}

void Window::draw_scroll(Canvas &c, Rect track, uint32_t first, uint32_t visible, uint32_t all)
{
    if (all <= visible) {
        return;
    }
    c.round(track, 3, line_color);
    auto h = static_cast<uint32_t>(track.h), thumb = h * visible / all;
    thumb = thumb < 16 ? 16 : thumb;
    auto y = static_cast<int32_t>((h - thumb) * first / (all - visible));
    c.round({track.x, track.y + y, track.w, static_cast<int32_t>(thumb)}, 3, edge);
}

void Window::draw(Canvas &c, const Model &m)
{
    if (!chosen && m.count > 0) { /* the first one that is alive */
        pid = m.apps[0].info.pid;
        chosen = true;
    }
    spot_count = 0;
    c.clip_all();
    c.fill({0, 0, c.w, c.h}, ground);
    draw_title(c, m);
    draw_footer(c, m);
    if (page == Page::apps) {
        draw_apps(c, m);
    } else if (page == Page::services) {
        draw_services(c, m, {0, title_h, c.w, c.h - title_h - footer_h});
    } else if (page == Page::crashes) {
        draw_crashes(c, m, {0, title_h, c.w, c.h - title_h - footer_h});
    } else {
        draw_detail(c, m);
    }
    c.clip_all();
    if (c.managed) {
        return;
    }
    Color frame = focused ? edge : line_color;
    c.fill({0, 0, c.w, 1}, frame);
    c.fill({0, c.h - 1, c.w, 1}, frame);
    c.fill({0, 0, 1, c.h}, frame);
    c.fill({c.w - 1, 0, 1, c.h}, frame);
}
