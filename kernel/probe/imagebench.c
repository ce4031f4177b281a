/* SPDX-License-Identifier: MIT */
#include "imagebench.h"

#include "app.h"
#include "heap.h"
#include "restore.h"
#include "session.h"

#include <kernel/klog.h>
#include <kernel/string.h>
#include <kernel/task.h>

#define ROUNDS_MAX 10000u
#define WARM_UP_NS NSEC_PER_SEC

/* [boot, loop] */
static struct {
    struct task task;
    uint64_t rounds;
} state;

static void sort(uint64_t *values, uint64_t count)
{
    for (uint64_t gap = count / 2; gap > 0; gap /= 2) {
        for (uint64_t i = gap; i < count; i++) {
            uint64_t v = values[i], at = i;
            for (; at >= gap && values[at - gap] > v; at -= gap) {
                values[at] = values[at - gap];
            }
            values[at] = v;
        }
    }
}

static void tell(const char *what, const char *name, uint64_t bytes, uint64_t *values,
                 uint64_t count)
{
    sort(values, count);
    log_info("imagebench", "IBENCH what=%s app=%s bytes=%lu n=%lu p50_ns=%lu p99_ns=%lu", what,
             name, bytes, count, values[count / 2], values[count * 99 / 100]);
}

/* Back and forth, as quicksave and quickload in memory do it. */
static ctx_status measure(struct app *app, uint64_t *saves, uint64_t *restores)
{
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < state.rounds; i++) {
        struct image_bytes out;
        struct image image;
        struct image_error error;
        uint64_t start = machine_now_ns();
        ctx_status status = app_save(app, SAVE_UNCHECKED | SAVE_BARE, &out);
        uint64_t saved = machine_now_ns();
        if (status == CTX_OK && !image_open(out.bytes, out.len, &image, &error)) {
            status = CTX_E_INVAL;
        }
        if (status == CTX_OK) {
            status = app_go_back(app, &image, &error);
        }
        restores[i] = machine_now_ns() - saved;
        saves[i] = saved - start;
        bytes = out.len;
        image_bytes_free(&out);
        if (status != CTX_OK) {
            return status;
        }
    }
    tell("save", app->name, bytes, saves, state.rounds);
    tell("restore", app->name, bytes, restores, state.rounds);
    return CTX_OK;
}

/* The shot is what everything stands still for; packing is done in steps between frames. */
static void measure_session(uint64_t *times, uint64_t *steps)
{
    uint64_t bytes = 0, rounds = MIN(state.rounds, UINT64_C(100));
    for (uint64_t i = 0; i < rounds; i++) {
        struct session_shot shot;
        uint64_t start = machine_now_ns();
        if (session_shoot("bench", &shot) != CTX_OK) {
            return;
        }
        times[i] = machine_now_ns() - start;
        ctx_status status;
        do {
            uint64_t step = machine_now_ns();
            status = session_develop(&shot);
            steps[i] = MAX(steps[i], machine_now_ns() - step);
        } while (status == CTX_PENDING);
        bytes = shot.len;
        session_shot_free(&shot);
    }
    tell("session", "all", bytes, times, rounds);
    tell("pack", "longest", bytes, steps, rounds);
}

static void imagebench_run(struct task *task)
{
    TASK_BEGIN(task);
    TASK_AWAIT_FOR(task, false, WARM_UP_NS);
    uint64_t bytes = 2 * state.rounds * sizeof(uint64_t);
    uint64_t *times = heap_alloc(bytes);
    for (struct app *app = app_first(); times != NULL && app != NULL; app = app->next) {
        ctx_status status = measure(app, times, times + state.rounds);
        if (status != CTX_OK) {
            log_warn("imagebench", "app=%s: %s", app->name, ctx_status_name(status));
        }
    }
    if (times != NULL) {
        memset(times, 0, bytes);
        measure_session(times, times + state.rounds);
        heap_free(times, bytes);
    }
    log_info("imagebench", "IBENCH done");
    TASK_END(task);
}

void imagebench_start(uint64_t rounds)
{
    state.rounds = MIN(rounds, (uint64_t)ROUNDS_MAX);
    if (rounds > 0) {
        task_start(&state.task, "imagebench", imagebench_run);
    }
}
