/* SPDX-License-Identifier: MIT */
/*
 * An app: a loaded function and its slot; the list of all of them, and what can be done to one.
 * Memory of its own is app_memory.h, the words of its line app_words.h; what rooms above keep for
 * it are resources (resource.h), but for what every call looks at.
 */
#ifndef KERNEL_APP_H
#define KERNEL_APP_H

#include "elf.h"
#include "grants.h"
#include "program.h"
#include "ready.h"
#include "slotheap.h"

#include <kernel/machine.h>
#include <kernel/types.h>

#include <ctx/ctx.h>
#include <ctx/gates.h>
#include <ctx/slot.h>

#define APP_NAME      32u
#define APP_TEXT      4096u /* of arguments, with the NUL */

#define APP_NO_PARENT UINT64_MAX

/* So many kinds of things can an app have at most (resource.h). */
#define APP_PARTS 24u

/* So many calls in a row may end in a fault before the app is left alone. */
#define APP_FAULTS 3u

/*
 * How long a call may take before it is parked, and for how long a parked one goes on in each
 * frame. A boot that decodes a picture fits; an endless loop leaves three quarters of each frame to
 * the others.
 */
#define APP_BUDGET_NS (100 * NSEC_PER_MSEC)
#define APP_SLICE_NS  (4 * NSEC_PER_MSEC)

/*
 * Time in which nobody else wants the processor goes to parked calls as well: a slow first call on
 * a slow machine is soon over. But a call that never ends must not keep it hot for ever.
 */
#define APP_IDLE_NS (10 * NSEC_PER_SEC)

struct app_v3;       /* context/app_v3.h */
struct app_events;   /* input/event_private.h */
struct app_surfaces; /* screen/app_surfaces.h */
struct own_canvas;   /* screen/own_canvas.h */
struct input_view;   /* input/input_view.h */
struct undo;         /* saving/undo_private.h */
struct app_watch;    /* watch.h */
struct app_link;     /* context/host_private.h */
struct service_use;  /* context/service_private.h */
struct inject;       /* probe/inject_private.h */
struct gate_binding; /* context/gate.h */
struct gate_tap;     /* likewise */

/* After a call that overstays: what becomes of it in the end. */
enum app_overrun {
    OVERRUN_KEEP = 0, /* it goes on in slices for as long as it likes */
    OVERRUN_STOP,
    OVERRUN_RESTART,
};

/* What its note and the boot line want for the app; policy.h. */
struct app_policy {
    /* what every call looks at: see struct app */
    uint64_t budget_ns;
    uint32_t share; /* per cent of the time, 0: no limit */

    uint32_t restart; /* CTX_RESTART_* */
    uint32_t restart_limit;
    uint32_t overrun; /* enum app_overrun */
    uint32_t overrun_limit;
    uint32_t log_per_second;
    bool critical; /* the machine ends with it */
};

/* What the loop is to do with an app when no call is going on. */
enum app_fate {
    FATE_NONE = 0,
    FATE_UNLOAD,
    FATE_STOP,    /* give back its slot, keep its name and file */
    FATE_RESTART, /* the same, and begin anew at fate_ns */
};

/* How much of its log an app has written, and its last line: a crash report tells it. */
#define APP_SAID 160u
struct app_log_state {
    uint64_t counted_ns, credit_ns;
    uint64_t dropped, dropped_now; /* in all; since the last line that was written */
    uint64_t said_call;            /* in which of its calls that was; 0: in none */
    char said[APP_SAID];           /* cut, printable, ends in 0 */
};

/* One of the last calls of its Context. */
struct app_recent {
    const struct ctx_gate_info *info;
    uint64_t result;
};
#define APP_RECENT 16u

/*
 * A call that was set aside in the middle: where it goes on, and all that is known only of such a
 * one. While an app has this, what its call sees does not change.
 */
struct app_parked {
    struct machine_parked at;
    bool serving;        /* it was not the loop's own: whoever made it has gone on without it */
    uint32_t slices;     /* that it has used up */
    uint32_t idle_ticks; /* of idle time that it may still have */
    uint32_t owed_ticks; /* that its slices took too much, by calls of other apps */
};

/* Where the app stands in ready.c's lists. */
struct app_turn_state {
    enum app_turn where;
    uint32_t heap_at; /* 1 + place in the heap of deadlines, 0 = not there */
    uint64_t deadline_ns;
    struct app *prev, *next;
};

struct app {
    /* What every call of it looks at comes first, together, in three cache lines: a turn of many
     * apps is bounded by memory. */
    struct app_turn_state turn;
    uint64_t base, entry; /* base 0: it has no slot */
    struct ctx *ctx;      /* where the kernel writes the slot's Context and store cell */
    uint64_t *store_cell;
    uint64_t store;            /* what *ctx->store held after the last good call */
    uint64_t clock_offset;     /* its monotonic time minus the machine's; wraps */
    struct app_parked *parked; /* a call that was interrupted and goes on; NULL: none */
    uint64_t ctx_ns;           /* its own time of which its Context says the milliseconds */
    union {
        struct {
            uint32_t at_calls;    /* which resources are asked at its calls: a bit for each */
            bool ctx_is_outdated; /* more of its Context than the time; always before version 3 */
            bool held;  /* when its parked call has ended it is not called again for now */
            bool rests; /* nor is it before rest_ns */
        };
        uint64_t unusual; /* 0: nothing of all this is so, and one look tells */
    };
    uint32_t version; /* of the Context it is given: 2 or 3 */
    enum app_fate fate;
    enum app_fate leaving; /* while that is being fulfilled: for resources that are torn down */
    bool has_canvas;       /* it may draw on it */
    bool paused;
    bool verified;                             /* its code can not leave its slot (isolate.h) */
    uint32_t faults_in_a_row, undone_in_a_row; /* the latter at one place */
    uint64_t wake_ns, event_mask;              /* what its last call asked for (version 3) */
    uint64_t calls, longest_ns, total_ns;
    uint64_t served_calls; /* that it ended for others; calls has none of them */
    struct app_policy policy;

    /* what gates look at */
    const struct gate_binding *bind; /* shared until something is bound differently */
    uint32_t gates;                  /* bind[] has so many for it; others may be opened ones */
    const struct gate_tap *tap;      /* of a test aid; NULL: none */
    struct app_link *links;          /* the hosts that run it (host_links.c), the latest first */
    struct app_v3 *v3;               /* its opened tables; NULL before version 3 */
    uint64_t gate_calls;

    uint32_t hints;       /* kinds of events that are only told, and not kept (app_tell) */
    uint32_t fresh_hints; /* of those, what has not ended a wait yet */
    bool stopped;         /* for good; it has no slot */
    bool needs;     /* it has no slot, because nobody offers what its note requires (needs.h) */
    bool unstarted; /* it did not run so far */
    bool needs_told;
    bool poison, told_no_memory;
    bool hashes;                   /* a test aid, statehash.h */
    bool tells_restored;           /* its note asks for the event RESTORED */
    bool no_undo, told_no_undo;    /* its note forbids undo; that was said */
    bool fresh_on_restore;         /* its note forbids to come back from an image */
    bool goes_back;                /* session.c: the session that all go back to knows it */
    struct inject *inject;         /* a test aid, inject.h; NULL: none */
    struct app_events *events;     /* where it stands among them; NULL before version 3 */
    struct app_surfaces *surfaces; /* NULL before version 3 */
    uint32_t windows;              /* surfaces that do not follow the pointer */
    uint32_t window_w, window_h;   /* versions 1, 2: its canvas is a window of its own; else 0 */
    struct own_canvas *own_canvas; /* one of another size than the screen's; NULL: the shared one */
    struct undo *undo;             /* the way back before this call; NULL: none is wanted */
    const struct app_watch *watch; /* who watches its memory; NULL: nobody */
    struct app *next;              /* list order */

    /* set once at load */
    char name[APP_NAME];
    uint64_t pid;
    struct program *program;
    uint64_t order;           /* place in the list: grows */
    uint64_t grants;          /* a bit for each of ctx_tables[] that needs one */
    uint64_t denied;          /* a bit for each of ctx_tables[] that it is not to have */
    struct grants grant_list; /* what its words say of all other interfaces */
    char *arguments;          /* words (words.h), without the kernel's own; NULL: none */
    char *instrument;         /* words of `instrument=`, joined by commas; NULL: none */
    char *hosts;              /* names of `host=`: who may run it; NULL: none */
    bool may_be_trusted;      /* it may run without being verified */
    bool trusts;              /* so may what it starts */
    uint64_t parent;          /* pid of the app that started it, APP_NO_PARENT: none */
    uint64_t stack_low;       /* the lowest byte that the stack may grow to */
    uint64_t quota_pages;     /* the most that pages may become */

    /* set when it begins, and when it begins anew */
    uint64_t bias, began_ns;
    const struct elf_segment *segments; /* its program's; only while it has a slot */
    uint32_t segment_count;             /* that are in the slot */

    /* changes while it runs */
    uint32_t link_generation; /* of handles: none up to this one is given out again */
    struct slotheap *heap;    /* NULL before the first alloc */
    struct input_view *input; /* versions 1 and 2 only */
    uint64_t pages;           /* committed */
    uint64_t faults, breakpoints, preemptions, fate_ns;
    uint64_t needs_until; /* then it is told what it waits for */
    uint32_t odd_answers, restarts, restarts_in_a_row;
    uint32_t epoch;           /* how often it was restored */
    uint64_t undone, undo_ip; /* calls that were; where the last of them faulted */
    int32_t exit_code;
    uint64_t window_ns, window_used_ns; /* of its share */
    uint64_t rest_ns;                   /* rests: until then */
    struct app_log_state log;
    struct app_recent recent[APP_RECENT];
    void *parts[APP_PARTS]; /* what resources keep of it: resource_part() in resource.h */
};

/* Before anything else here: the pages that all slots share. NOMEM. [boot] */
ctx_status app_init(uint64_t heap_quota_bytes);

/*
 * What an app of this file will take, for who has to know whether there is enough: never less than
 * app_load() and a first call take, and not much more. False: the file will be refused. [boot]
 */
struct app_foreseen {
    uint64_t pages; /* of its own, which count against its quota */
    uint64_t each;  /* frames for each instance */
    uint64_t once;  /* and for the file, however many instances there are */
    bool has_note;  /* of version 3, or knows it */
};
bool app_foresee(const uint8_t *file, uint64_t len, uint64_t canvas_pages,
                 struct app_foreseen *out);

/* How many frames have to be free before app_init(), so that apps get so many of them. */
uint64_t app_frames_for(uint64_t pages);

/*
 * Load a file into a fresh slot and append it to the list. file_name is for messages; text is "NAME
 * ARGUMENTS", the name may be missing. The file is not needed afterwards. NULL: refused, and the
 * log says which file, field and value. [loop]
 */
struct app *app_load(const uint8_t *file, uint64_t len, const char *file_name, const char *text);

/*
 * The same on behalf of an app: the child gets no grant that the parent lacks, what the parent is
 * denied is denied to it, and a refusal does not count as one of this boot's. INVAL: refused;
 * NOMEM; NOSPC: no slot is left; UNVERIFIED: its code is not, and the parent's line does not say
 * `trusted`. [in a call]
 */
ctx_status app_load_child(const struct app *parent, const uint8_t *file, uint64_t len,
                          const char *file_name, const char *text, struct app **child);

/* Take it from the list and give back everything it held. [loop, not in a call] */
void app_unload(struct app *app);

/*
 * Call it once; afterwards it stands where its answer puts it in ready.h's lists. now_ns is the
 * time now; the time when the call has ended comes back. [loop]
 */
uint64_t app_call(struct app *app, uint64_t now_ns);

/*
 * Go on with a parked call in time that nobody else wants, for an APP_SLICE_NS at most and not
 * beyond until_ns. The app it was; NULL: none is parked, or none has idle time left. [loop]
 */
struct app *app_call_in_idle(uint64_t now_ns, uint64_t until_ns);

/*
 * Who wants to find an app, or all of them, between two calls: those whose call is parked are not
 * called any more when it has ended, until all are released. How many are still parked. [loop]
 */
void app_hold(struct app *app);
uint32_t app_hold_parked(void);
void app_release_held(void);

/*
 * Its next call begins so long after now, or after the rest that it has already; a call that is
 * going on or parked goes on, and functions that it offers to others are called. 0: at once. False:
 * it would rest longer than APP_REST_MAX. [in a call]
 */
#define APP_REST_MAX (60 * NSEC_PER_SEC)
bool app_rest(struct app *app, uint64_t now_ns, uint64_t ns);

/* Whether it does now; where it waits it is called then. [loop] */
bool app_is_resting(struct app *app, uint64_t now_ns);

/* How long calls were going on, all of them, in whole ticks: it grows only as apps are at work. */
uint64_t app_work_ns(void);

/* The loop is wanted, now, because somebody ends the run: calls are parked at the next tick,
 * whatever their budget. Until it is taken back. [any] */
void app_hurry(bool hurry);

/* Its parked call, if there is one, is thrown away: whoever does that gives it another state.
 * [loop, in a call] */
void app_drop_parked(struct app *app);

/*
 * A gate that leads to another app: call its function there, as _start is called but with other
 * arguments, and a stack that begins below what entry->stack_top says. FAULT and TIMEDOUT are that
 * app's own affair: it is reported, or parked, and whoever called goes on. Only while
 * app_may_serve() is OK; else BUSY (it is in the middle of a call), STALE (it is not called any
 * more), DEPTH. [in a call]
 */
struct app_served {
    struct app_link *link; /* a host's: host_private.h; NULL: not one */
    uint32_t gate;         /* of the link's child */
    uint32_t ticks;        /* afterwards: that it took */

    /* a service's; NULL: not one */
    struct service_use *use;
    uint32_t fn;
    uint64_t request; /* 0: none */
};
ctx_status app_may_serve(const struct app *app);
ctx_status app_serve(struct app *app, struct machine_entry *entry, struct app_served *served,
                     int32_t *result);

/* What this app's call in the chain serves; NULL: nothing, or it is not in the chain. */
const struct app_served *app_serving(const struct app *app);

/*
 * Decide what becomes of an app; it is not called any more until then. at_ns: FATE_RESTART, not
 * before. [any]
 */
void app_set_fate(struct app *app, enum app_fate fate, uint64_t at_ns);

/* Fulfil the fates. [loop, not in a call] */
void app_settle(void);

/* A fresh slot for an app that has none, with the same file; it is called each frame from then on.
 * False: not now, policy.h knows. [loop] */
bool app_begin_anew(struct app *app);

/* Pause or go on; a paused app keeps all it has. [any] */
void app_pause(struct app *app, bool pause);

/* NULL: there is none. */
struct app *app_find(uint64_t pid);

/* The version that apps with a note are offered at most (boot word `context=N`), and whether a
 * note's minimum is enforced. */
void app_set_offer(uint32_t version, bool force);

/*
 * A test mode (boot word `poison`), for apps that are loaded from now on: what nobody has promised
 * to be zero is not. Fresh pages of stack and heap, and the Context's reserved bytes.
 */
#define APP_POISON 0xa5u
void app_set_poison(bool poison);

/* A time of the machine's as the app sees it, and the other way round: an instance's time goes on
 * where its image left it. */
static inline uint64_t app_time(const struct app *app, uint64_t machine_ns)
{
    return machine_ns + app->clock_offset;
}
uint64_t app_deadline(const struct app *app, uint64_t app_ns);

_Static_assert(CTX_TABLES <= 64, "grants and denied have a bit for each");

/* Whether this app must not have a table of ctx_tables[]. */
static inline bool app_denies(const struct app *app, uint32_t table)
{
    return (app->denied >> table & 1) != 0;
}

/* Whether an address is executable code of this app's file. */
bool app_is_code(const struct app *app, uint64_t address);

/*
 * Something has changed that the app can ask about: the next time it reads events there is one of
 * this kind, however often it was told; a wait for that kind ends, but only one, whether it reads
 * or not. Only for CTX_EVENT_READY and the kinds behind it. [loop, in a call]
 */
void app_tell(struct app *app, uint32_t kind);
/* Of those: what a restored app hears of its surfaces, once its hosts are back. */
#define HINTS_OF_SURFACES (UINT32_C(1) << CTX_EVENT_EXPOSE | UINT32_C(1) << CTX_EVENT_SCALE)

/* Whether a wait for these kinds ends at once because of that. */
bool app_was_told(struct app *app, uint64_t mask);

/* What an app with a grant may ask of the whole machine; done by the loop when the call has
 * returned. */
enum app_asks {
    APP_ASKS_NOTHING = 0,
    APP_ASKS_REBOOT,
    APP_ASKS_POWER_OFF,
    APP_ASKS_END, /* a critical app has ended */
};
void app_ask(const struct app *app, enum app_asks what);
enum app_asks app_asked(void);
void app_forget_asked(void); /* it is not done */

/* The app whose call is going on, the innermost one; NULL outside calls. */
struct app *app_current(void);

/* The newest version that apps are offered. */
uint32_t app_offer(void);

/* A call of it is one of the chain that is going on now. */
bool app_is_in_chain(const struct app *app);

/* Nothing of it is going on: neither a call of the chain nor one that is parked. */
bool app_is_between_calls(const struct app *app);

/* A number of the call that the app is in, or of its next one. No other call of it has it, served
 * or its own, undone or not, until an image brings back `calls`. [any] */
static inline uint64_t app_call_number(const struct app *app)
{
    return app->calls + app->served_calls + app->undone + 1;
}

/* The list, in the order in which apps are called; how many; and how many files were refused so
 * far. */
struct app *app_first(void);
uint32_t app_count(void);
uint32_t app_refused_count(void);

/* How many wait for what their notes require. */
uint32_t app_needing_count(void);

/* Calls that ended in a fault since boot, those of apps included that are gone. */
uint64_t app_fault_total(void);

/* Say that a file was refused, and count it. */
void app_refuse(const char *file_name, const char *field, uint64_t value, const char *reason);

#endif
