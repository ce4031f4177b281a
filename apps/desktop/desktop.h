/* SPDX-License-Identifier: MIT */
/*
 * desktop - who manages windows. The kernel has the mechanism (ctx.windows/1), here is all policy.
 *
 * One struct on the store holds everything; there is nothing static, so undo, images and restarts
 * need no help. In a call: read all events, act on each, then bring the screen up to date once
 * (windows_arrange), then say what the next call is waited for with. Nothing is done by time but
 * the clock's minutes and what runs out (notices, a close that nobody answers).
 *
 * Who lies above whom, by level: wallpaper, windows (each its frame and contents), task bar, a
 * window that has the whole screen, what floats (launcher, Alt-Tab, notices).
 */
#ifndef DESKTOP_H
#define DESKTOP_H

#include "geometry.h"
#include "text.h"
#include "zone.h"

#include <clip.h>
#include <ctx/ctx.h>
#include <ctx/ui.h>
#include <raw.h>
#include <web.h>

#define WINDOWS_MAX      256  /* that are managed; more are not shown, and a notice says so */
#define SURFACE_SIDE_MAX 8192 /* of a surface */
#define KNOWN            64u
#define FRAMES_MAX       40 /* surfaces are scarce (64): windows beyond that have no frame */
#define FIRST_INFOS      96 /* surfaces that are listed without asking for memory */
#define NOBODY           UINT16_MAX
#define SECOND           UINT64_C(1000000000)

#define LEVEL_WALL       (-1000000)
#define LEVEL_STEP       4 /* from window to window: frame, contents, what shows where it will go */
#define LEVEL_BAR        100000
#define LEVEL_FULL       200000
#define LEVEL_FLOATS     300000

/* Surfaces of the desktop's own beside frames and pointers. From SETTINGS on they are windows with
 * a frame, as an app's are. */
enum panel_kind {
    PANEL_WALL,
    PANEL_BLACK, /* behind a window that has the whole screen and is smaller */
    PANEL_PREVIEW,
    PANEL_BAR,
    PANEL_LAUNCHER,
    PANEL_MENU,
    PANEL_SWITCHER,
    PANEL_NOTICES,
    PANEL_SETTINGS,
    PANEL_OVERVIEW,
    PANEL_HELP,
    PANEL_CRASH,
    PANEL_ENDING, /* a window that does not close: end its app? */
    PANELS,
};
#define FIRST_WINDOW_PANEL PANEL_SETTINGS

/* Where a surface was put last, so that nothing is said twice. */
struct spot {
    int32_t x, y, level;
    uint32_t scale, hidden;
    int is;                                           /* not 0: the fields count */
    uint32_t shown_w, shown_h, keep_top, keep_bottom; /* of struct ctx_window_place */
};

static inline struct spot spot_at(int32_t x, int32_t y, int32_t level, uint32_t scale,
                                  uint32_t hidden)
{
    return (struct spot){.x = x, .y = y, .level = level, .scale = scale, .hidden = hidden, .is = 1};
}

struct panel {
    uint32_t surface; /* 0: it is not there */
    uint32_t w, h;
    int32_t opened_w, opened_h; /* at scale 120; 0: people choose its size */
    struct spot spot;
    int stale;     /* a pass is due without an event */
    int drawing;   /* in a pass: it must not go */
    int close_due; /* when the pass is over */
    uint32_t cursor;
    struct ctx_ui ui;
};

enum part { PART_NONE, PART_TITLE, PART_MINIMIZE, PART_MAXIMIZE, PART_CLOSE, PART_EDGE };

struct window {
    uint64_t pid; /* with surface 0: this place in the array is free */
    uint32_t surface;
    uint32_t seen; /* counts lists; who is not in the last one has gone */
    /* As its app has it. */
    uint64_t flags;
    uint32_t w, h, smallest_w, smallest_h;
    char title[65];
    char app[33]; /* what its app is called; empty: unknown */
    /* As people have it. */
    int32_t x, y; /* of the window with its frame, without shadow */
    enum tile tile;
    int minimized, full;
    int calls;              /* it came while the keys were elsewhere, and nobody has looked yet */
    struct ctx_rect normal; /* where it goes when it is tiled no more; w 0: nowhere yet */
    /* A size that was asked for and may come: which edges must stay, and where they are. */
    struct ctx_rect wanted; /* w 0: nothing is */
    uint32_t wanted_edges;  /* that move */
    uint32_t asked_w, asked_h;
    uint64_t pending_ns; /* until then it may still take that size; 0: it need not */
    int full_shown;      /* of `full`, what is seen */
    uint32_t told;       /* what was told of it last, as one number */
    uint64_t close_ns;   /* asked to close: when patience ends; 0: not asked */
    struct spot spot;
    /* Its frame. */
    int bare;       /* it has none, for there are no more: FRAMES_MAX */
    uint32_t frame; /* surface, 0: none */
    uint32_t frame_w, frame_h, look, cursor;
    int told_active; /* how its shadow was drawn */
    int frame_lost;  /* its pixels were not kept */
    struct spot frame_spot;
};

enum drag_kind { DRAG_NONE, DRAG_BUTTON, DRAG_MOVE, DRAG_SIZE };

struct drag {
    enum drag_kind kind;
    uint16_t window;
    enum part part; /* DRAG_BUTTON: which one was pressed */
    uint32_t edges;
    int32_t from_x, from_y;        /* pointer, on the screen */
    struct ctx_rect from;          /* window */
    struct ctx_rect first, normal; /* as it was before, for Esc: where, and what it had untiled */
    enum tile tile;
    int moved;
    enum tile target;
};

#define NOTICES_MAX 4
struct notice {
    uint64_t until_ns;
    uint32_t icon, bad;
    struct line head, text;
};

/* A small picture of a window over a surface of the desktop's own. */
struct picture {
    uint64_t pid;
    uint32_t surface, into, opacity; /* into 0: there is none */
    struct ctx_rect at;
};
/* Alt-Tab has the first of them, the overview the rest; windows beyond are icons. */
#define SWITCHER_PICTURES 48u

#define CRASHES_MAX       16u /* as many as the kernel keeps */

#define PROGRAMS_MAX      128
#define DISK_PROGRAMS_MAX 64 /* in /disk/apps */
#define SCALES            4u /* sizes of things */
#define WALLS             4
#define LAYOUTS           16u /* of the keyboard, that can be chosen */
#define FOUND_MAX         (PROGRAMS_MAX + DISK_PROGRAMS_MAX + 8)

struct settings {
    uint32_t scale;   /* percent */
    uint32_t pointer; /* percent, of what scale makes it */
    uint32_t wallpaper;
    int32_t contrast;
    int32_t rtc_local; /* the calendar clock has local time */
    struct zone zone;  /* where people live */
    char zone_text[ZONE_ROOM];
};

/* Settings that ctx.kv/1 keeps, each by a key of its own: kept.c. */
enum kept_key {
    KEPT_SCALE,
    KEPT_CONTRAST,
    KEPT_POINTER,
    KEPT_WALLPAPER,
    KEPT_ZONE,
    KEPT_RTC,
    KEPT_LAYOUT,
    KEPT
};

struct desktop {
    struct ctx *ctx; /* of this call */
    uint64_t now_ns;
    uint32_t epoch;
    /* Tables; NULL: not here, or not granted. windows is always there. */
    const struct ctx_windows *windows;
    const struct ctx_loader *loader;
    const struct ctx_control *control;
    const struct ctx_apps *apps;
    const struct ctx_system *system;
    const struct ctx_screen *screen;
    const struct ctx_calendar *calendar;

    struct settings settings;
    struct {
        char zone[ZONE_ROOM]; /* empty: nothing */
        int32_t ahead, local;
    } told; /* the kernel was (ctx.calendar/1), or has said so */
    struct ctx_theme theme;
    int32_t screen_w, screen_h;
    struct ctx_rect work;
    int look_changed; /* theme, screen or wallpaper: all is made anew at the end of the call */

    struct window all[WINDOWS_MAX];
    uint16_t order[WINDOWS_MAX]; /* lowest first */
    struct ctx_surface_info first_infos[FIRST_INFOS];
    struct ctx_surface_info *infos; /* what list fills: those, or more */
    uint32_t infos_room;
    uint32_t count, lists, placed;
    uint16_t active;       /* NOBODY: the canvas or nobody has the keys */
    uint64_t known[KNOWN]; /* pids + 1: had the keys for a window that came */
    uint32_t known_at;
    int list_due, arrange_due, canvas_drawn, told_too_many, told_frames;
    int shows_desktop;

    /* The pointer: over which own surface, where in that, and on the screen. */
    uint32_t over;
    int32_t over_x, over_y, screen_x, screen_y;
    uint32_t grabbed; /* the button that went down with Alt; where is known with the first motion */
    uint32_t buttons, pressed; /* held, and where the first of them went down */
    uint16_t hovered;          /* window whose frame it is over */
    enum part hovered_part;
    uint64_t click_ns; /* the last press on a title, for double clicks */
    uint16_t click_window;
    struct drag drag;

    struct panel panels[PANELS];
    uint32_t pointers[CTX_CURSOR_FORBIDDEN + 1];

    /* Alt-Tab. */
    uint16_t ring[WINDOWS_MAX];
    uint32_t ring_count, ring_at;
    int switching;
    int32_t cell_w;

    struct picture pictures[CTX_WINDOW_MIRRORS]; /* that the kernel was told */

    /* The launcher. */
    struct ctx_program_info programs[PROGRAMS_MAX];
    uint32_t program_count, found[FOUND_MAX], found_count;
    char disk_programs[DISK_PROGRAMS_MAX][64]; /* names of files, without .elf */
    uint32_t disk_program_count, disk_more;    /* more: that do not fit */
    struct ctx_ui_field search;
    char search_text[64];
    struct ctx_ui_list found_list;
    struct line launcher_note;
    struct clip clip;
    struct ctx_ui_clipboard clipboard; /* of the search field */

    /* The settings' window where it is smaller than what is in it. */
    struct {
        uint32_t first; /* pixels that are out of sight above */
        int follows;    /* the row that keys go to is brought into sight */
    } settings_view;
    /* What lies in the settings' menus, until their pass is over. */
    struct ctx_ui_item zone_items[ZONES + 1], layout_items[LAYOUTS];
    struct ctx_ui_item scale_items[SCALES], wall_items[WALLS];
    char layout_titles[LAYOUTS][sizeof((struct ctx_keyboard_layout *)0)->title + 1];

    uint16_t menu_window; /* whose menu is open; NOBODY: none is */
    struct ctx_ui_list menu_list;

    struct notice notices[NOTICES_MAX];
    uint32_t notice_count;
    uint32_t notice_corner;        /* where they lie: notices.c */
    int notices_due;               /* the stack is another than what is seen */
    uint64_t crash_seq;            /* the next one to look at */
    struct ctx_crash crash;        /* that is seen */
    uint32_t crash_row;            /* the first one of its report that is */
    int crash_waits;               /* its app stands still until somebody decides */
    uint64_t crashes[CRASHES_MAX]; /* seqs of others that come after it */
    uint32_t crash_count;
    uint16_t ending; /* which window does not close */
    uint64_t ending_pid;
    int memory_low;

    uint32_t help_row;
    struct ctx_ui_list overview_list;
    struct ctx_app_info app_list[64];
    uint32_t app_count, app_all;
    uint64_t overview_ns; /* when it is to be looked at again; 0: it is not open */
    uint64_t app_times[64], app_pids[64];
    uint32_t app_share[64]; /* of the time since the last look, in 1/1000 */
    uint64_t app_look_ns;

    struct web_state web; /* mode 0: there is no page, or it may not be known; web.c */
    struct job web_job;

    struct {
        int read;           /* what is kept is in `settings` */
        int in_memory;      /* whoever keeps them has no disk */
        uint32_t due;       /* bits by enum kept_key: chosen, and not kept yet */
        ctx_status trouble; /* why settings are not kept; CTX_OK: they are */
    } kept;
    struct job kept_job;

    /* What waits for the disk: disk.c. */
    struct job list_job, start_job, shot_job;
    char start_name[64];
    struct {
        uint32_t handle, w, h, by; /* of a share */
        const uint32_t *pixels;
        int copied; /* the clipboard has it, too */
    } shot;
    struct raw_out out;

    uint32_t minute; /* that the bar shows, plus 1 */
    int tells;       /* word `tell`: what happens to windows stands in the log */
    char kiosk[33];  /* empty: no kiosk */
    uint64_t kiosk_pid, kiosk_ns, kiosk_due_ns;
    int kiosk_begun;
};

/* ---- main.c ---- */
/* One line in the log. Tests read these. */
void desktop_say(struct desktop *d, const struct line *line);
/* Everything again, in another theme or for another screen. */
void desktop_make_look(struct desktop *d);
/* Pixels of the theme's scale. */
static inline int32_t px(const struct desktop *d, int32_t n)
{
    return ctx_theme_px(&d->theme, n);
}

/* ---- list.c, arrange.c ---- */
/* Windows are others than those that bar, Alt-Tab and overview show. */
void windows_look_other(struct desktop *d);
void windows_list(struct desktop *d); /* learn who came, went, changed */
/* The next window of this app is as one of a new one: somebody has begun it anew. */
void windows_forget_app(struct desktop *d, uint64_t pid);
void windows_arrange(struct desktop *d); /* put all where they are to lie */

/* ---- windows.c ---- */
void windows_pending(struct desktop *d); /* patience with those that were asked for a size */
void windows_activate(struct desktop *d, uint16_t id);
/* The same, because somebody wants to have it: one that stands still after a crash asks again. */
void windows_choose(struct desktop *d, uint16_t id);
void windows_activate_top(struct desktop *d);
/* Keys go to the active window again, after a panel had them. */
void windows_focus_back(struct desktop *d);
void windows_minimize(struct desktop *d, uint16_t id);
void windows_close(struct desktop *d, uint16_t id);
void windows_tile(struct desktop *d, uint16_t id, enum tile tile);
/* The whole screen; a notice says so, for nobody shall take it for something else, and how it is
 * left. */
void windows_full(struct desktop *d, uint16_t id, int on);
void windows_take_screen(struct desktop *d, uint16_t id); /* the same, and it is no news */
void windows_show_desktop(struct desktop *d);
/* Ask for the size that makes the window r; it goes there, edges that do not move stay. */
void windows_want(struct desktop *d, uint16_t id, struct ctx_rect r, uint32_t edges);
/* All back into view, for another screen. rescaled: things are to be of another size now, too. */
void windows_bring_back(struct desktop *d, int rescaled);
/* It has taken a size by itself: one that lay within the work area goes on doing so. */
void windows_keep_in_sight(struct desktop *d, uint16_t id, struct ctx_rect before);
uint16_t windows_find(const struct desktop *d, uint64_t pid, uint32_t surface);
/* The highest one under a pixel of the screen, frames included. */
uint16_t windows_at(const struct desktop *d, int32_t x, int32_t y);
/* The window, and within it its contents: frame and all, in pixels of the screen. */
struct ctx_rect window_rect(const struct desktop *d, const struct window *w);
/* What its frame adds: x at the sides and below, y above; w and h both together. */
struct ctx_rect window_frame(const struct desktop *d, const struct window *w);
/* Pixels of the screen for each of its own. Not all apps follow the desktop's scale: from two on
 * those of the others are shown larger. */
int32_t window_scale(const struct desktop *d, const struct window *w);
/* Whether the kernel tells apps of the scale; those that follow it say so (CTX_SURFACE_SCALED). */
int desktop_tells_scale(const struct desktop *d);
int window_is_own(const struct desktop *d, const struct window *w);
/* It has another size than before, or another place to go to: with the edges that must stay. */
void window_settle(struct desktop *d, struct window *w);
struct ctx_rect window_smallest(const struct desktop *d, const struct window *w);
const char *window_name(const struct desktop *d, const struct window *w);
void put_spot(struct desktop *d, uint64_t pid, uint32_t surface, struct spot *spot, struct spot to);

/* ---- frame.c ---- */
int32_t frame_shadow(const struct desktop *d);
struct spot frame_spot(const struct desktop *d, const struct window *w, struct ctx_rect r);
int window_has_frame(const struct desktop *d, const struct window *w);
/* A bare one gets a frame, if one is left; takes: also if another one has to give its own. */
void frame_give(struct desktop *d, uint16_t id, int takes);
void frames_left(struct desktop *d); /* somebody has gone: the highest bare ones get frames */
void frame_draw(struct desktop *d, uint16_t id); /* if it looks other than before */
void frame_drop(struct desktop *d, struct window *w);
/* Its app's, or one of the desktop's. */
void window_draw_icon(const struct desktop *d, const struct ctx_draw *on, struct ctx_rect r,
                      const struct window *w);
/* What lies under a pixel of the screen. */
enum part frame_part(const struct desktop *d, const struct window *w, int32_t x, int32_t y,
                     uint32_t *edges);
uint16_t frame_owner(const struct desktop *d, uint32_t surface);

/* ---- drag.c: what the pointer does to frames ---- */
void drag_press(struct desktop *d, uint32_t button);
void drag_press_anywhere(struct desktop *d, uint32_t button); /* with Alt */
void drag_motion(struct desktop *d);
void drag_release(struct desktop *d, uint32_t button);
void drag_leave(struct desktop *d);
void drag_end(struct desktop *d);
void drag_take_back(struct desktop *d); /* by Esc */
void preview_draw(struct desktop *d);   /* its pixels */
void drag_forget(struct desktop *d, uint16_t id);

/* ---- keys.c ---- */
void keys_grab(struct desktop *d);
/* 1: it was for the desktop. */
int keys_chord(struct desktop *d, const struct ctx_event *e);

/* Small, muted text in one line or two; broken at a space if it is too long for one. */
void panel_two_lines(struct ctx_ui *ui, struct ctx_rect r, const char *text, uint32_t lines);
/* ---- panel.c: surfaces of the desktop's own ---- */
int panel_open(struct desktop *d, enum panel_kind kind, int32_t w, int32_t h, uint32_t format);
void panel_close(struct desktop *d, enum panel_kind kind);
void panel_put(struct desktop *d, enum panel_kind kind, int32_t x, int32_t y, int32_t level,
               uint32_t scale);
void panel_event(struct desktop *d, enum panel_kind kind, const struct ctx_event *e);
void panel_pass(struct desktop *d, enum panel_kind kind); /* without an event */
void panels_up_to_date(struct desktop *d);
/* Which panel this surface is, or PANELS. */
enum panel_kind panel_of(const struct desktop *d, uint32_t surface);
/* CTX_ICON_* of one that is a window; CTX_ICON_NONE: it has none of its own. */
uint32_t panel_icon(enum panel_kind kind);
int panel_is_window(const struct desktop *d, uint32_t surface);
void panel_resize(struct desktop *d, enum panel_kind kind, int32_t w, int32_t h);
/* The theme's scale was `before`, and is another now. */
void panel_rescale(struct desktop *d, enum panel_kind kind, int32_t before);
/* A window of the desktop's own, so large at scale 120: made, or shown if it is there. */
void panel_open_window(struct desktop *d, enum panel_kind kind, int32_t w, int32_t h,
                       const char *title, int fixed);
/* Where what floats is drawn: its plane with a shadow around it; answers what is inside. */
/* Rows in r, of which `page` are seen from *first on, by the wheel, arrows and PgUp, PgDn. */
void panel_scroll(struct ctx_ui *ui, struct ctx_rect r, uint32_t *first, int32_t page,
                  int32_t count);
struct ctx_rect panel_floating(struct desktop *d, struct panel *p);

/* ---- bar.c, menu.c, launcher.c, switcher.c, notices.c, crash.c, settings.c, overview.c: what is
 * in them
 * ---- */
void bar_open(struct desktop *d);
void bar_draw(struct desktop *d, struct panel *p);
int bar_minute_is_over(struct desktop *d);
void menu_open(struct desktop *d, uint16_t id, int32_t x, int32_t y);
void menu_close(struct desktop *d);
int menu_is_open(const struct desktop *d);
void menu_draw(struct desktop *d, struct panel *p);
/* about.c: what it is for, in a few words; empty: nobody knows. */
const char *about_program(const struct ctx_program_info *program);
void launcher_toggle(struct desktop *d);
void launcher_close(struct desktop *d);
/* While it is, or a menu, keys are its own, whichever window becomes the active one. */
int launcher_is_open(const struct desktop *d);
void launcher_look(struct desktop *d); /* there are other programs */
void launcher_not_started(struct desktop *d, const char *title, ctx_status status);
void launcher_draw(struct desktop *d, struct panel *p);
void switcher_step(struct desktop *d, int back);
void switcher_end(struct desktop *d, int take);
void switcher_draw(struct desktop *d, struct panel *p);
void notices_say(struct desktop *d, int bad, const char *head, const char *text);
void notices_unsay(struct desktop *d, const char *head); /* that is true no more */
void notices_aside(struct desktop *d);   /* windows lie elsewhere: away from their titles */
void notices_dismiss(struct desktop *d); /* the newest */
void notices_draw(struct desktop *d, struct panel *p);
void notices_memory(struct desktop *d);
void notices_time(struct desktop *d);
uint64_t notices_next_ns(const struct desktop *d);
/* NULL: there is no such app, or it can not be known. Until the next call of this. */
const struct ctx_app_info *app_by_pid(struct desktop *d, uint64_t pid);
void crash_look(struct desktop *d);
/* The app of a window that is to have the keys waits for an answer that was put off: ask. 1: so it
 * is. */
int crash_ask_again(struct desktop *d, uint64_t pid);
void crash_draw(struct desktop *d, struct panel *p);
void ending_open(struct desktop *d, uint16_t id);
void ending_draw(struct desktop *d, struct panel *p);
void settings_open(struct desktop *d);
void settings_draw(struct desktop *d, struct panel *p);
void settings_words(struct desktop *d);
/* One word that is a setting, `scale=150`; 0: it is none, or has a value that is none. */
int settings_word(struct settings *s, const char *text);
/* The name of the keyboard's layout as it is now. */
void settings_layout(struct desktop *d, struct line *name);
void help_open(struct desktop *d);
void help_draw(struct desktop *d, struct panel *p);
void overview_toggle(struct desktop *d);
void overview_draw(struct desktop *d, struct panel *p);
void overview_time(struct desktop *d);

/* ---- calendar.c: where people live, and what time it is there ---- */
/* A text of zone.h becomes the zone; 0: it is none. */
int settings_zone(struct settings *s, const char *text);
/* The zone is everybody's, where the line has grant=ctx.calendar/1; else the bar's alone. */
int desktop_tells_zone(const struct desktop *d);
void calendar_begin(struct desktop *d);  /* nobody has chosen yet */
void calendar_hear(struct desktop *d);   /* somebody has set the time, or the zone */
void calendar_tell(struct desktop *d);   /* what was chosen, and what the rule says now */
void calendar_forget(struct desktop *d); /* what was told: this is another state */
/* Minutes since 1970 where people are; 0: this machine does not know. */
uint32_t calendar_minute(struct desktop *d);
/* When the bar's minute is over, or the zone changes; UINT64_MAX: neither. */
uint64_t calendar_next_ns(struct desktop *d, int shows_minutes);

/* ---- shot.c ---- */
void shot_take(struct desktop *d);

/* ---- disk.c: programs of the disk, and pictures to it ---- */
/* Which there are in /disk/apps; the launcher hears of it. */
void disk_list(struct desktop *d);
void disk_start(struct desktop *d, const char *name);
/* d->shot as a file, and its notice. 0: not now. */
int disk_save_shot(struct desktop *d);
/* In each call; answers what _start may. */
int32_t disk_go_on(struct desktop *d);
/* 1: something was begun in this call, so it has to be called again. */
int disk_has_begun(const struct desktop *d);

/* ---- web.c: the machine's page ---- */
/* Look for it once more; what is new is said when it has answered. */
void web_look(struct desktop *d);
/* Where it is, and its token. 0: there is none. */
int web_line(const struct desktop *d, struct line *line);

/* ---- kept.c: settings that outlive the session ---- */
/* Look for who keeps them, if that was not done yet. */
void kept_look(struct desktop *d);
/* This is another state than that of whoever read them. */
void kept_forget(struct desktop *d);
/* Somebody has chosen; it is written beside. */
void kept_changed(struct desktop *d, enum kept_key key);
/* NULL: they are kept. */
const char *kept_why_not(const struct desktop *d);

/* ---- pictures.c ---- */
/* A window in small, with its title: picture number no, below CTX_WINDOW_MIRRORS, else its icon.
 * Answers the bits of ctx_ui_control. */
uint32_t window_card(struct desktop *d, struct panel *p, struct ctx_rect r, uint32_t no,
                     uint16_t id, int on);
void pictures_drop(struct desktop *d, uint32_t from, uint32_t end);

/* ---- rows.c: lists ---- */
#define ROW_COLUMNS 3
struct row {
    struct line text, column[ROW_COLUMNS];
    int32_t wide[ROW_COLUMNS]; /* of each column, at scale 120; 0: there is none */
    uint32_t icon;             /* CTX_ICON_NONE: an app's, by its name */
};
/* Answers CHANGED (another row is chosen) and CLICKED. Arrows are taken from whatever has them. */
uint32_t rows_draw(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r,
                   struct ctx_ui_list *list, uint32_t count,
                   void (*fill)(struct desktop *d, uint32_t no, struct row *out));

/* The same on the plane of a field. */
uint32_t rows_in_field(struct desktop *d, struct ctx_ui *ui, struct ctx_rect r,
                       struct ctx_ui_list *list, uint32_t count,
                       void (*fill)(struct desktop *d, uint32_t no, struct row *out));

/* ---- pointers.c, wall.c: what is drawn once ---- */
void wall_make(struct desktop *d);
void wall_draw(struct desktop *d); /* its pixels */
extern const char *const wall_names[];
void pointers_make(struct desktop *d);

/* ---- kiosk.c ---- */
int kiosk_is(const struct desktop *d);
void kiosk_see_to(struct desktop *d);

#endif
