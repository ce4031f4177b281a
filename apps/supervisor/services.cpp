/* SPDX-License-Identifier: MIT */
/* The services: what apps offer to one another, who offers it, and how much it is asked for. */
#include "theme.hpp"
#include "window.hpp"

namespace
{

/* Where columns begin or, for numbers, end. */
struct Columns {
    int32_t id, id_w, provider, provider_w, callers, rate, calls, time_bar, time_bar_w, share, time;
};

constexpr Columns columns_of(int32_t w)
{
    int32_t right = w - margin, id = margin + 20;
    if (w < wide) { /* neither bar nor total time */
        int32_t calls = right, rate = calls - 8 * letter_w, callers = rate - 8 * letter_w;
        int32_t provider_w = 12 * letter_w, provider = callers - 8 * letter_w - provider_w;
        return {id, provider - letter_w - id, provider, provider_w, callers, rate, calls, 0, 0, 0,
                0};
    }
    int32_t time = right, share = time - 11 * letter_w, time_bar = share - 6 * letter_w - 72;
    int32_t calls = time_bar - 28, rate = calls - 12 * letter_w, callers = rate - 10 * letter_w;
    int32_t provider_w = 18 * letter_w, provider = callers - 9 * letter_w - provider_w;
    return {id,   provider - letter_w - id, provider, provider_w, callers, rate, calls, time_bar,
            64,   share,                    time};
}

void number(Canvas &c, int32_t right, int32_t y, uint64_t n, Color color)
{
    Line text;
    text.count(n);
    c.text_left_of(right, y, text, n == 0 ? faint : color);
}

} // namespace

void Window::draw_service(Canvas &c, const Model &m, const Service &service, Rect r)
{
    const Columns k = columns_of(c.w);
    const ctx_service_info &info = service.info;
    bool mine = is_chosen(service.seq), current = (info.flags & CTX_SERVICE_CURRENT) != 0;
    Color under = mine ? (focused ? chosen_ground : raised) : hovers(r) ? hover_ground : ground;
    int32_t y = r.y + (r.h - letter_h) / 2;
    if (under != ground) {
        c.round(r.inset(8, 1), 6, under);
    }
    if (mine) {
        c.round({r.x + 8, r.y + 5, 4, r.h - 10}, 2, focused ? accent : edge);
    }
    const App *provider = m.find(info.provider);
    c.dot(k.id - 12, r.y + r.h / 2, 4,
          !current ? dim : provider != nullptr ? mood_color(provider->mood) : green);
    int32_t end = c.text(k.id, y, View::field(info.id), current ? bright : dim, k.id_w);
    /* Who opens the id gets another one; or gets none without a word on its line. */
    View more = !current                                     ? View("stands behind")
                : (info.flags & CTX_SERVICE_NEEDS_GRANT) != 0 ? View("use=")
                                                              : View("");
    if (more.len > 0 && end + letter_w + Canvas::width_of(more) <= k.id + k.id_w) {
        c.text(end + letter_w, y, more, under == ground ? faint : dim);
    }
    Line name;
    if (provider != nullptr) {
        name << provider->name();
    } else {
        name << "number " << info.provider; /* more apps than are kept */
    }
    c.text(k.provider, y, name, plain, k.provider_w);
    number(c, k.callers, y, info.users, plain);
    number(c, k.rate, y, service.calls_per_second, plain);
    number(c, k.calls, y, info.calls, plain);
    if (k.time_bar_w > 0) {
        Line share, time;
        share.tenths(service.share) << "%";
        time.time(info.time_ns);
        c.bar({k.time_bar, r.y + r.h / 2 - 3, k.time_bar_w, 6}, service.share, 1000,
              service.share > 500 ? amber : green, mix(under, line_color, 200));
        c.text_left_of(k.share, y, share, service.share == 0 ? faint : plain);
        c.text_left_of(k.time, y, time, info.time_ns == 0 ? faint : plain);
    }
    spot(r, Action::row, service.seq);
}

void Window::draw_services(Canvas &c, const Model &m, Rect r)
{
    const Columns k = columns_of(c.w);
    int32_t y = r.y + 9;
    c.text(k.id, y, "interface", dim);
    c.text(k.provider, y, "provider", dim);
    c.text_left_of(k.callers, y, "callers", dim);
    c.text_left_of(k.rate, y, "calls/s", dim);
    c.text_left_of(k.calls, y, "calls", dim);
    if (k.time_bar_w > 0) {
        c.text_left_of(k.share, y, "time", dim);
        c.text_left_of(k.time, y, "in all", dim);
    }
    c.fill({margin, r.y + columns_h - 1, c.w - 2 * margin, 1}, line_color);
    Rect row = {0, r.y + columns_h + 4, c.w, row_h};
    if (m.service_count == 0) {
        c.text(margin, row.y + 6, "No app offers anything to others.", faint);
        return;
    }
    if (m.service_by_seq(service_seq) == nullptr) {
        service_seq = m.services[0].seq;
    }
    uint32_t left_out = m.services_of - m.service_count;
    int32_t bottom = r.bottom() - 6 - (left_out > 0 ? row_h : 0);
    shown = static_cast<uint32_t>((bottom - row.y) / row_h);
    for (uint32_t i = 0; i < m.service_count; i++) {
        if (is_chosen(m.services[i].seq)) {
            first_service = i < first_service            ? i
                            : i >= first_service + shown ? i + 1 - shown
                                                         : first_service;
        }
    }
    uint32_t last = m.service_count > shown ? m.service_count - shown : 0;
    first_service = first_service < last ? first_service : last;
    Rect list = {c.w - 14, row.y + 2, 6, static_cast<int32_t>(shown) * row_h - 4};
    for (uint32_t i = first_service; i < m.service_count && i < first_service + shown;
         i++, row.y += row_h) {
        draw_service(c, m, m.services[i], row);
    }
    draw_scroll(c, list, first_service, shown, m.service_count);
    if (left_out > 0) {
        Line rest;
        rest << "and " << left_out << " more";
        c.text(k.id, bottom + (row_h - letter_h) / 2, rest, dim);
    }
}
