/* SPDX-License-Identifier: MIT */
/*
 * Driver tasks: stackless coroutines, so that a driver's start-up reads top to bottom while nothing
 * ever blocks.
 *
 * A task is a function that the loop calls when the task was woken (by an interrupt, by another
 * task) or when its deadline has passed. It runs until it has to wait, remembers where (`resume`),
 * and returns. Locals do not survive a TASK_AWAIT: what must survive lives in the struct that the
 * task is embedded in. No `switch` of your own around a TASK_AWAIT. Interrupt handlers do nothing
 * but task_wake().
 *
 *     static void blink_run(struct task *task)
 *     {
 *         struct blink *b = container_of(task, struct blink, task);
 *         TASK_BEGIN(task);
 *         for (;;) {
 *             start_request(b);
 *             TASK_AWAIT_FOR(task, b->answered, 500 * NSEC_PER_MSEC);
 *             if (!b->answered) { log_warn("blink", "no answer"); TASK_EXIT(task); }
 *         }
 *         TASK_END(task);
 *     }
 */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include <kernel/types.h>

struct task {
    const char *name;               /* static */
    void (*run)(struct task *task); /* one step */
    uint64_t wake_at_ns;            /* deadline, NEVER_NS for none; set by the AWAIT macros */
    struct task *next;              /* the loop's list */
    uint32_t resume;                /* where to go on, a line number; 0 = from the top */
    volatile uint32_t woken;        /* set by interrupts; cleared by the loop before each step */
    bool done;                      /* has ended; never run again */
};

/* Add a task to the loop; its first step comes with the next turn. The struct must live for ever.
 * [boot, loop, in a call] */
void task_start(struct task *task, const char *name, void (*run)(struct task *task));

/* Have the task run soon. Safe in interrupt handlers. [any] */
void task_wake(struct task *task);

/* Run every woken or overdue task once. Returns true if any ran. [loop] */
bool task_run_ready(uint64_t now_ns);

/*
 * Run this one once, woken or not. False: it has ended, or it is the one in the middle of which the
 * kernel gave up: a task is never entered twice. [panic]
 */
bool task_step(struct task *task);

/* The earliest deadline of all tasks, 0 if one is woken already. [loop] */
uint64_t task_next_deadline_ns(void);

#define TASK_BEGIN(task)                                                                           \
    switch ((task)->resume) {                                                                      \
    case 0:

/* Return from the function until cond holds; looked at whenever the task is woken. */
#define TASK_AWAIT(task, cond)                                                                     \
    do {                                                                                           \
        (task)->wake_at_ns = NEVER_NS;                                                             \
        (task)->resume = __LINE__;                                                                 \
        __attribute__((fallthrough));                                                              \
    case __LINE__:                                                                                 \
        if (!(cond)) {                                                                             \
            return;                                                                                \
        }                                                                                          \
    } while (0)

/* The same, but go on after ns nanoseconds even if cond does not hold: look at it again afterwards.
 */
#define TASK_AWAIT_FOR(task, cond, ns)                                                             \
    do {                                                                                           \
        (task)->wake_at_ns = task_deadline_ns(ns);                                                 \
        (task)->resume = __LINE__;                                                                 \
        __attribute__((fallthrough));                                                              \
    case __LINE__:                                                                                 \
        if (!(cond) && !task_overdue(task)) {                                                      \
            return;                                                                                \
        }                                                                                          \
        (task)->wake_at_ns = NEVER_NS;                                                             \
    } while (0)

#define TASK_EXIT(task)                                                                            \
    do {                                                                                           \
        (task)->done = true;                                                                       \
        return;                                                                                    \
    } while (0)

#define TASK_END(task)                                                                             \
    }                                                                                              \
    (task)->done = true

/* now + ns, and whether the task's deadline has passed. Used by the macros. */
uint64_t task_deadline_ns(uint64_t ns);
bool task_overdue(const struct task *task);

#endif
