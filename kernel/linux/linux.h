/* SPDX-License-Identifier: MIT */
/*
 * What the files of the Linux machine share. kernel/include/kernel/machine.h is what the core sees
 * of them; nothing here is for the core.
 *
 * The machine is one process: RAM is one memfd, mapped whole as the direct map and page by page in
 * the slots; exceptions are signals on a stack of their own; time is CLOCK_MONOTONIC. Apps run with
 * the rights of whoever started the tool, and are kept from system calls where Linux can do that
 * (linux_trap_init), but this is a machine for trusted apps, like the other one.
 */
#ifndef KERNEL_LINUX_LINUX_H
#define KERNEL_LINUX_LINUX_H

#include <kernel/call.h>
#include <kernel/display.h>
#include <kernel/machine.h>
#include <kernel/task.h>

#include <pthread.h>
#include <time.h>

/* ---- trap.c: this machine's part of struct cpu ---- */

/*
 * A processor is a thread that calls apps; there is one. Each of several will need: a struct cpu
 * with one of these, and sigaltstack(), the timer of its ticks and the ban on system calls for
 * itself; the handlers are the process's. this_cpu can not be thread-local by FS alone: apps may
 * write its base. [boot] writes all of it, handlers read thread.
 */
struct machine_cpu {
    pthread_t thread;
    timer_t timer;         /* of its processor time: the tick */
    uint8_t *signal_stack; /* of exceptions and ticks; its lowest page is a guard */
    char selector;         /* Linux reads it: see forbid_system_calls() */
};

/* ---- slots.c: RAM and slot pages ---- */

/* RAM of so many MiB, all of it given to the frame allocator. NULL: done, else why not. [boot] */
const char *linux_ram_init(uint32_t mib);

/* ---- call.c, call.S, trap.c: calls and their ends ---- */

extern uint64_t linux_xstate; /* what parked calls are kept with, of XCR0; 0: FXSAVE */

/* Whether processes may write their gs base. [boot] */
void linux_gs_init(void);

/* call.S: no app finds in vector registers what another one left there. */
void linux_clear_vectors(void);

/* clock.c: what linux_xstate is to be. */
uint64_t linux_choose_xstate(void);

extern char linux_ways[], linux_gate_entry[], linux_gate_entry_verified[], linux_gate_return[],
    linux_leave_app[], linux_park_app[], linux_resume_here[], linux_gate_park[];
extern char linux_copy_words[], linux_copy_bytes[], linux_copy_failed[];

/* Take the signals that stand for exceptions, and the tick if calls are to be watched. NULL: done,
 * else why not. [boot] */
const char *linux_trap_init(bool watchdog);

/* ---- clock.c: time, chance, rest ---- */

void linux_clock_init(void);

/* From now on time stands still, but for the loop's rests, which take none: every run sees the same
 * times. [boot] */
void linux_virtual_time(void);

/* And this is what the calendar says now; without virtual time nothing happens. [boot] */
void linux_virtual_wall(int64_t wall_ns);

/* From now on machine_random() tells the same numbers in every run. [boot] */
void linux_seed(uint64_t seed);

/* Wake the task when fd can be read; once, until it is asked for again. fd -1: not any more. */
struct linux_watch {
    int fd;
    short events; /* of poll(), 0: POLLIN; set before it is asked for */
    struct task *task;
    struct linux_watch *next;
    bool listed;
};
void linux_watch(struct linux_watch *watch, int fd, struct task *task);

/*
 * Who waits for many files that are others each time: asked before each rest for as many as there
 * is room for, and for how long it may take at most (*ns, no more than what stands there). Where it
 * has put them it finds what poll() said of them, when it is told that the rest is over. [loop]
 */
struct pollfd;
struct linux_poller {
    uint32_t (*fill)(struct linux_poller *poller, struct pollfd *fds, uint32_t room, uint64_t *ns);
    void (*polled)(struct linux_poller *poller);
    struct linux_poller *next;
};
void linux_poll_too(struct linux_poller *poller);

/* ---- serial.c: the terminal ---- */

/* Where log lines go from now on; quiet: of the core only warnings and errors. [boot] */
void linux_log_to(int fd, bool quiet);
/* What the app of this file says of itself is left out then, too; two at most. The name stays.
 * [boot]
 */
void linux_log_leave_out(const char *file);

/* Type what comes in from a terminal or a pipe. [boot] */
void linux_serial_start(void);

/* Type this text when the apps have begun to run; <up>, <ret>, <esc> ... are keys by name. The text
 * must live for ever. [boot] */
void linux_type(const char *text);

/* Types the first character or <name> of a text; where it goes on. Wants room for LINUX_TYPE_ROOM
 * key events. [loop] */
#define LINUX_TYPE_ROOM 16u
const char *linux_type_one(const char *text);

/*
 * The process is to end, at once or when it is asked again within ten seconds: from now on, or for
 * so long, nobody waits for whoever does not read its standard output. [any, signal handlers too]
 */
void linux_serial_hurry(bool for_good);

/* What was lost by that, on standard error if someone reads that. [any] */
void linux_serial_tell_lost(void);

/* Log lines go nowhere but to the core's sink. */
void linux_serial_mute(void);

/* Give the terminal back as it was. [any] */
void linux_terminal_restore(void);

/* ---- terminal.c: the process' streams, for its first app ---- */

/* Offer them, standard input only if it is no keyboard. False: there is no pipe to be had. [boot]
 */
bool linux_streams_start(bool with_input);

/* The terminal's modes are what they were before the app changed them: for good, or until it goes
 * on. [any, signal handlers too] */
void linux_streams_restore(void);
void linux_streams_pause(void);
void linux_streams_go_on(void);

/* A signal came. True: the app will be told, or was not to be ended by it anyway. [signal handlers]
 */
bool linux_streams_signal(int no);

/* ---- signals.c ---- */

/* Take them; few: only those that end it. False: there is no pipe to be had. [boot] */
bool linux_catch_signals(bool few);

/* ---- folders.c: what is lent to the first app ---- */

/* HOST:/PATH, or with :rw behind it. NULL: done, else why not. [boot] */
const char *linux_lend(const char *text);

/* Offer what was lent. [boot] */
void linux_lend_start(void);

/* ---- end.c: how it ends ---- */

/* What the tool's other commands end with, and run with --verdict; without it: outcome.h. */
enum linux_exit {
    LINUX_FINE = 0,
    LINUX_USAGE = 1,   /* wrong usage, or something is missing on this machine */
    LINUX_REFUSED = 2, /* an app's file was refused */
    LINUX_FAULTED = 3, /* a call of an app ended in a fault */
    LINUX_PANIC = 4,   /* the core gave up */
};

/* What is to be done before the process ends, whoever ends it. */
void linux_at_end(void (*fn)(void));

/* Do that, then leave: PANIC and REFUSED as the core's verdict has it, FAULTED when an app did. */
void linux_end(void) __attribute__((noreturn));

/* ---- headless.c, window.c: displays ---- */

/* A display that nobody sees. False: no memory. [boot] */
bool linux_headless_start(uint32_t width, uint32_t height);

/* It shows another size from now on. False: there is no such display, or not enough memory. [loop]
 */
bool linux_headless_resize(uint32_t width, uint32_t height);

/*
 * A window, its keyboard and its mouse; where there is no display, a headless one and a warning.
 * late: it is opened when there is something to be seen for the first time. NULL: done, else why
 * not; one that can not be opened later ends the run. [boot]
 */
const char *linux_window_start(uint32_t width, uint32_t height, const char *title, bool late);

/* Open it now, if it is to be opened late: there is something to be seen. [loop] */
void linux_window_show(void);

/* It could not be opened: says so, and ends the run. [loop] */
void linux_no_window(const char *why) __attribute__((noreturn));

/* Wait until someone closes the window: the last page of a panic. Returns at once without one. */
void linux_window_stay(void);

/* ---- disk.c ---- */

/*
 * Offer this file (or disk) as a block device, "vda" and so on; it stays open and locked. The
 * sectors that it has now are all it will have. NULL: done, else why not. [boot]
 */
const char *linux_disk_open(const char *path, bool read_only);
/* The same, with blocks of 512 or 4096 bytes. */
const char *linux_disk_open_as(const char *path, bool read_only, uint32_t block);

/* ---- card.c ---- */

/* Offer a network card, "net0" and so on: user[,...], tap:NAME, socket:OWN,OTHER. NULL: done, else
 * why not. [boot] */
const char *linux_net_open(const char *kind);

/* Some card has frames that it was given and can send now. [loop] */
bool linux_net_busy(void);

/* ---- png.c ---- */

/* RGBA pixels (the fourth byte is ignored) as a PNG file. 0, or errno. */
int linux_write_png(const char *path, const uint32_t *pixels, uint32_t width, uint32_t height);

#endif
