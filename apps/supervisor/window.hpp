/* SPDX-License-Identifier: MIT */
/* What is seen of the model, what is chosen in it, and where a click means what. */
#ifndef SUPERVISOR_WINDOW_HPP
#define SUPERVISOR_WINDOW_HPP

#include "model.hpp"

#include <canvas.hpp>

enum class Page : uint8_t { apps, crashes, services, detail };

/* What a key or a click asks for. */
enum class Action : uint8_t {
    none,
    apps,
    crashes,
    services,
    other_page,
    row,
    open,
    back,
    older,
    newer,
    restart,
    stop,
    pause
};

/* How grave a message is. */
enum class Tone : uint8_t { good, bad };

class Window
{
  public:
    void draw(Canvas &canvas, const Model &model);

    /* What lies at this place of the window; *arg gets the row's pid or number. */
    Action at(int32_t x, int32_t y, uint64_t *arg) const;

    /* These only change what is seen. */
    void go(Page to);
    void go_on(const Model &model); /* to the page that Tab leads to */
    void open_chosen(const Model &model);
    void back();
    void step(const Model &model, int32_t by);
    void choose(uint64_t row);
    bool is_chosen(uint64_t row) const;
    void beside(const Model &model, bool newer);
    void say(uint64_t now, Tone tone, const Line &text);

    /* The app that is meant by restart, stop and pause; nullptr: none is chosen. */
    const App *meant(const Model &model) const;

    Page page;
    bool focused;             /* the keys are for this window */
    int32_t mouse_x, mouse_y; /* in the window */

  private:
    struct Spot {
        Rect where;
        Action action;
        uint64_t arg;
    };

    void spot(Rect where, Action action, uint64_t arg = 0);
    bool hovers(Rect r) const;

    void draw_title(Canvas &c, const Model &m);
    void draw_isolation(Canvas &c, const Model &m, int32_t right, int32_t left);
    int32_t draw_tab(Canvas &c, int32_t x, View name, uint64_t number, Page p, Action action,
                     Color number_color);
    void draw_footer(Canvas &c, const Model &m);
    int32_t draw_key(Canvas &c, int32_t x, View key, View what, Action action, bool can);
    void draw_apps(Canvas &c, const Model &m);
    void draw_app(Canvas &c, const App &app, Rect r, bool is_me);
    void draw_latest(Canvas &c, const Model &m, Rect r);
    void draw_crashes(Canvas &c, const Model &m, Rect r);
    void draw_crash(Canvas &c, const Model &m, const ctx_crash &crash, Rect r, bool chosen);
    void draw_services(Canvas &c, const Model &m, Rect r);
    void draw_service(Canvas &c, const Model &m, const Service &service, Rect r);
    void draw_detail(Canvas &c, const Model &m);
    void draw_facts(Canvas &c, const App &app, Rect r);
    void draw_report(Canvas &c, const Model &m, const ctx_crash *crash, Rect r);
    void draw_scroll(Canvas &c, Rect track, uint32_t first, uint32_t shown, uint32_t all);

    Spot spots[96];
    uint32_t spot_count;

    Page from;         /* where Esc leads to */
    uint64_t pid, seq; /* chosen among the apps, and among the crashes; seq 0: the newest */
    uint64_t detail_pid, detail_seq; /* seq 0: this app's last one, whichever that is */
    uint64_t service_seq;            /* chosen among the services */
    uint32_t first_app, first_crash, first_service, first_line;
    uint32_t shown; /* rows that fit, as drawn last */
    bool chosen;    /* pid means something */

    Line message;
    Tone tone;
    uint64_t message_until;
};

#endif
