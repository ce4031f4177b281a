/* SPDX-License-Identifier: MIT */
/* The list of driver tasks. Few and long-lived, so a plain list is walked each turn. */
#include <kernel/machine.h>
#include <kernel/task.h>

/* [boot, loop, in a call, panic]; of a task [irq] touches `woken` alone. */
static struct {
    struct task *first, **end;
    const struct task *running;
} state;

void task_start(struct task *task, const char *name, void (*run)(struct task *task))
{
    *task = (struct task){.name = name, .run = run, .wake_at_ns = NEVER_NS, .woken = 1};
    if (state.end == NULL) {
        state.end = &state.first;
    }
    *state.end = task;
    state.end = &task->next;
}

void task_wake(struct task *task)
{
    __atomic_store_n(&task->woken, 1,
                     __ATOMIC_RELEASE); /* pairs with the exchange in task_run_ready */
}

bool task_run_ready(uint64_t now_ns)
{
    bool any = false;
    for (struct task *t = state.first; t != NULL; t = t->next) {
        if (t->done) {
            continue;
        }
        if (__atomic_exchange_n(&t->woken, 0, __ATOMIC_ACQUIRE) != 0 || t->wake_at_ns <= now_ns) {
            state.running = t;
            t->run(t);
            state.running = NULL;
            any = true;
        }
    }
    return any;
}

bool task_step(struct task *task)
{
    if (task == NULL || task->done || task == state.running) {
        return false;
    }
    const struct task *before = state.running;
    state.running = task;
    task->run(task);
    state.running = before;
    return true;
}

uint64_t task_next_deadline_ns(void)
{
    uint64_t next = NEVER_NS;
    for (const struct task *t = state.first; t != NULL; t = t->next) {
        if (!t->done) {
            next = t->woken != 0 ? 0 : MIN(next, t->wake_at_ns);
        }
        if (next == 0) {
            break;
        }
    }
    return next;
}

uint64_t task_deadline_ns(uint64_t ns)
{
    uint64_t now = machine_now_ns();
    return ns > NEVER_NS - now ? NEVER_NS : now + ns;
}

bool task_overdue(const struct task *task)
{
    return machine_now_ns() >= task->wake_at_ns;
}
