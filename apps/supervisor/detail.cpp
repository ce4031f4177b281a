/* SPDX-License-Identifier: MIT */
/* One app: all its numbers, and a crash report that can be scrolled. */
#include "theme.hpp"
#include "window.hpp"

namespace
{

constexpr uint32_t rows_max = 128;

/* A report's lines, broken between words where they are too long. */
struct Rows {
    struct Row {
        uint32_t at, len;
        bool goes_on; /* belongs to the line above */
    } rows[rows_max];
    uint32_t count;

    void wrap(View text, uint32_t columns)
    {
        constexpr uint32_t indent = 4;
        count = 0;
        for (uint32_t start = 0; start < text.len && count < rows_max;) {
            uint32_t end = start;
            while (end < text.len && text.bytes[end] != '\n') {
                end++;
            }
            bool more = false;
            while (count < rows_max) {
                uint32_t most = columns - (more ? indent : 0), len = end - start;
                if (len > most) {
                    for (len = most; len > most / 2 && text.bytes[start + len] != ' '; len--) {
                    }
                }
                rows[count++] = {start, len, more};
                start += len;
                if (start >= end) {
                    break;
                }
                while (start < end && text.bytes[start] == ' ') {
                    start++;
                }
                more = true;
            }
            start = end + 1;
        }
    }
};

Color color_of(View text, uint32_t number)
{
    return number == 0            ? red
           : text.begins("  it ") ? bright
           : text.begins("  #0 ") ? amber
           : text.begins("  #")   ? plain
                                  : dim;
}

} // namespace

void Window::draw_facts(Canvas &c, const App &app, Rect r)
{
    const ctx_app_info &i = app.info;
    Line calls, rate, longest, time, share, budget, memory, quota, lost, faults, restarts, overruns;
    calls << i.calls;
    rate << app.calls_per_second;
    longest.time(i.longest_ns);
    time.time(i.time_ns);
    share.tenths(app.share) << "%";
    budget.time(i.budget_ns);
    memory.size(i.memory);
    quota.size(i.memory_quota);
    lost << i.log_dropped << " lines";
    faults << i.faults;
    restarts << i.restarts << ", " << policy_name(i.restart_policy);
    overruns << i.overruns;
    const struct {
        View name, value;
        Color color;
    } facts[] = {
        {"calls", calls, plain},
        {"per second", rate, plain},
        {"longest call", longest, i.longest_ns > i.budget_ns ? amber : plain},
        {"time", time, plain},
        {"share", share, app.share > 500 ? amber : plain},
        {"budget of a call", budget, plain},
        {"memory", memory, plain},
        {"at most", quota, plain},
        {"lost of its log", lost, i.log_dropped > 0 ? violet : plain},
        {"faults", faults, i.faults > 0 ? red : plain},
        {"restarts", restarts, i.restarts > 0 ? orange : plain},
        {"overruns", overruns, i.overruns > 0 ? amber : plain},
    };
    int32_t third = r.w / 3, n = 0;
    for (const auto &fact : facts) {
        int32_t x = r.x + n % 3 * third, y = r.y + n / 3 * small_row_h;
        int32_t label = (n % 3 == 2 ? 18 : 12) * letter_w;
        c.text(x, y, fact.name, dim, label);
        c.text(x + label, y, fact.value, fact.color, third - label - letter_w);
        n++;
    }
}

void Window::draw_report(Canvas &c, const Model &m, const ctx_crash *crash, Rect r)
{
    Line title, place;
    if (crash != nullptr) {
        title << "crash #" << crash->seq << ", ";
        title.age(m.now - crash->time_ns) << " ago, after " << crash->call << " calls";
        uint32_t all = 0, nth = 0;
        for (uint32_t i = 0; i < m.crash_count; i++) {
            const ctx_crash &other = m.crash_by_age(i);
            if (from == Page::crashes || other.pid == crash->pid) {
                all++;
                nth += other.seq <= crash->seq;
            }
        }
        place << nth << " of " << all;
    } else {
        title << "crash report";
    }
    c.text(r.x, r.y, title, plain);
    if (crash != nullptr) {
        constexpr View newer = "newer \u203a", older = "\u2039 older";
        int32_t right = r.right(), newer_w = Canvas::width_of(newer),
                older_w = Canvas::width_of(older);
        bool can_newer = m.beside(*crash, true, from == Page::apps) != nullptr;
        bool can_older = m.beside(*crash, false, from == Page::apps) != nullptr;
        c.text_left_of(right, r.y, newer, can_newer ? accent : faint);
        spot({right - newer_w - 6, r.y - 4, newer_w + 6, 27}, Action::newer);
        right -= newer_w + 2 * letter_w;
        c.text_left_of(right, r.y, place, dim);
        right -= Canvas::width_of(place) + 2 * letter_w;
        c.text_left_of(right, r.y, older, can_older ? accent : faint);
        spot({right - older_w - 6, r.y - 4, older_w + 12, 27}, Action::older);
    }

    Rect box = {r.x, r.y + 28, r.w, r.h - 28};
    c.round(box, 8, line_color);
    c.round(box.inset(1, 1), 7, sunken);
    Rect inner = box.inset(14, 10);
    if (crash == nullptr) {
        c.text(inner.x, inner.y,
               m.may_act ? View("It has not crashed, or that was long ago.")
                         : View("Reports take grant=" CTX_ID_CONTROL),
               faint, inner.w);
        return;
    }
    View text = {reinterpret_cast<const char *>(crash->text), crash->text_len < sizeof crash->text
                                                                  ? crash->text_len
                                                                  : uint32_t{sizeof crash->text}};
    Rows lines;
    lines.wrap(text, static_cast<uint32_t>((inner.w - 12) / letter_w));
    shown = static_cast<uint32_t>(inner.h / letter_h);
    uint32_t last = lines.count > shown ? lines.count - shown : 0;
    first_line = first_line < last ? first_line : last;
    int32_t y = inner.y;
    Color color = dim;
    for (uint32_t i = 0; i < lines.count && i < first_line + shown; i++) {
        const Rows::Row &row = lines.rows[i];
        View line = {text.bytes + row.at, row.len};
        color = row.goes_on ? color : color_of(line, i);
        if (i >= first_line) {
            c.mono(inner.x + (row.goes_on ? 4 * letter_w : 0), y, line, color);
            y += letter_h;
        }
    }
    draw_scroll(c, {box.right() - 12, box.y + 8, 6, box.h - 16}, first_line, shown, lines.count);
}

void Window::draw_detail(Canvas &c, const Model &m)
{
    const App *app = m.find(detail_pid);
    const ctx_crash *crash =
        detail_seq != 0 ? m.crash_by_seq(detail_seq) : m.last_crash(detail_pid);
    Rect r = {margin, title_h + 18, c.w - 2 * margin, c.h - title_h - footer_h - 32};
    if (app == nullptr) {
        c.text(r.x, r.y, "This app has gone.", dim);
        r.y += 40;
        r.h -= 40;
        draw_report(c, m, crash, r);
        return;
    }
    Color color = mood_color(app->mood);
    c.dot(r.x + 6, r.y + 10, 6, color);
    int32_t x = c.bold(r.x + 22, r.y, app->name(), bright, r.w / 2) + 2 * letter_w;
    View mood = mood_name(app->mood);
    c.round({x, r.y - 3, Canvas::width_of(mood) + 20, 25}, 12, mix(ground, color, 60));
    x = c.text(x + 10, r.y, mood, color) + 10 + 2 * letter_w;
    Line about;
    about << "number " << app->info.pid << ", Context " << uint64_t{app->info.version};
    if (app->info.parent != ~uint64_t{0}) {
        about << ", started by number " << app->info.parent;
    }
    c.text(x, r.y, about, dim, r.right() - x);
    draw_facts(c, *app, {r.x, r.y + 38, r.w, 4 * small_row_h});
    int32_t report = 38 + 4 * small_row_h + 20;
    c.fill({r.x, r.y + report - 14, r.w, 1}, line_color);
    draw_report(c, m, crash, {r.x, r.y + report, r.w, r.h - report});
}
