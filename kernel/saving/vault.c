/* SPDX-License-Identifier: MIT */
#include "vault.h"

#include "app.h"
#include "frame.h"
#include "heap.h"
#include "lasting.h"
#include "restore.h"
#include "session.h"
#include "vault_memory.h"

#include <kernel/klog.h>
#include <kernel/string.h>

/* With an app whose call does not end: of work, which stands still while the machine does other
 * things than ours; and by the clock, because somebody waits who may see nothing happen. */
#define PATIENCE_NS      (250 * NSEC_PER_MSEC)
#define PATIENCE_MOST_NS (2 * NSEC_PER_SEC)
#define STEP_NS          (20 * NSEC_PER_MSEC)
#define BREATH_NS        NSEC_PER_MSEC
#define BYTES_MAX        (UINT64_C(1) << 27) /* the largest piece of memory */

/* [boot, loop, in a call] */
static struct {
    struct store store;
    struct block_claim claim; /* of the disk, or of the partition */
    struct task task;
    struct vault_job *first, **last;
    bool started, on_disk;
    char where[STORE_WHY];

    /* of the job at work */
    struct store_job work;
    struct store_piece piece, *pieces; /* pieces: of a session */
    uint64_t pieces_bytes;
    struct image_bytes bytes;
    struct session_shot shot;
    uint64_t give_up_ns, give_up_work_ns;
    ctx_status status;
    uint64_t question; /* whether what apps have outside lasts as well */
    uint64_t ask_until_ns;
    uint64_t most; /* bytes of a session */
} state = {.where = "no disk", .most = BYTES_MAX};

static void explain(struct vault_job *job, const char *why)
{
    if (job->why[0] == 0) {
        format_text(job->why, sizeof job->why, "%s", why);
    }
}

static void explain_image(struct vault_job *job, const struct image_error *error)
{
    format_text(job->why, sizeof job->why, "field=%s value=0x%lx: %s", error->field, error->value,
                error->reason);
}

static void explain_session(struct vault_job *job, const struct session_failures *failures)
{
    format_text(job->why, sizeof job->why,
                "%u of %u apps could not go back; %s: field=%s value=0x%lx: %s", failures->count,
                failures->apps, failures->name[0] != 0 ? failures->name : "one",
                failures->first.field, failures->first.value, failures->first.reason);
}

/* ---- the steps of a job ---- */

/* Whether what is to be saved is in the middle of a call that may end soon. */
static bool is_to_wait(const struct vault_job *job)
{
    if (job->pid == VAULT_ALL) {
        return app_hold_parked() > 0;
    }
    struct app *app = app_find(job->pid);
    if (app == NULL) {
        return false;
    }
    app_hold(app);
    return app->parked != NULL && !app->paused;
}

/* What is taken now is kept when what apps have on disks by now lasts. In memory it does not
 * outlive a power cut. */
static void ask_others(void)
{
    if (state.on_disk) {
        state.question = lasting_ask(&state.task);
        state.ask_until_ns = machine_now_ns() + LASTING_NS;
    }
}

/* The app's image into state.bytes, or a session into state.shot. */
static ctx_status take(struct vault_job *job)
{
    uint32_t flags = SAVE_PACKED | SAVE_CANVAS;
    if (job->pid == VAULT_ALL) {
        return session_shoot(job->name, &state.shot);
    }
    struct app *app = app_find(job->pid);
    if (app == NULL) {
        explain(job, "there is no such app");
        return CTX_E_NOENT;
    }
    return app_save(app, flags, &state.bytes);
}

/* A developed session, to be put where it is kept: in pieces on a disk. */
static ctx_status prepare(void)
{
    if (state.shot.len > state.most) { /* a disk would take it, and nobody could read it again */
        return CTX_E_TOOBIG;
    }
    if (!state.on_disk) {
        return session_join(&state.shot, &state.bytes);
    }
    state.pieces_bytes = ((uint64_t)state.shot.count + 1) * sizeof *state.pieces;
    state.pieces = heap_alloc(state.pieces_bytes);
    return state.pieces != NULL ? CTX_OK : CTX_E_NOMEM;
}

static ctx_status apply(struct vault_job *job)
{
    struct image image;
    struct image_error error;
    struct app *app = NULL;
    const struct app *by = job->by != APP_NO_PARENT ? app_find(job->by) : NULL;
    if (job->by != APP_NO_PARENT &&
        by == NULL) { /* nobody is left whose grants would be the limit */
        explain(job, "the app that asked has gone");
        return CTX_E_CANCELED;
    }
    if (!image_open_file(state.bytes.bytes, state.bytes.len, &image, &error)) {
        explain_image(job, &error);
        return image_refusal(&error);
    }
    bool session = (image.flags & CTX_IMAGE_SESSION) != 0;
    ctx_status status;
    if (session != (job->pid == VAULT_ALL)) {
        explain(job, session ? "it is a session, not one app" : "it is one app, not a session");
        return CTX_E_INVAL;
    }
    if (session) {
        struct session_failures failures;
        status = session_go_back(&image, job->name, by, &failures);
        if (status != CTX_OK) {
            explain_session(job, &failures);
        }
        return status;
    }
    if (job->pid == VAULT_NEW) {
        status = app_restore(&image, job->name, by, &app, &error);
        job->made = app != NULL ? app->pid : 0;
    } else {
        app = app_find(job->pid);
        if (app == NULL) {
            explain(job, "there is no such app");
            return CTX_E_NOENT;
        }
        status = app_go_back(app, &image, &error);
        if (status == CTX_OK) {
            go_back_log(app);
        }
    }
    if (status != CTX_OK) {
        explain_image(job, &error);
    }
    return status;
}

/* The store's job for this one. False: there is nothing to wait for, and state.status says why. */
static bool submit(struct vault_job *job, enum store_op op)
{
    state.work = (struct store_job){.op = op, .task = &state.task};
    memcpy(state.work.name, job->name, sizeof state.work.name);
    if (op == STORE_PUT) {
        state.piece = (struct store_piece){state.bytes.bytes, state.bytes.len};
        state.work.pieces = state.pieces != NULL ? state.pieces : &state.piece;
        state.work.piece_count =
            state.pieces != NULL ? session_pieces(&state.shot, state.pieces) : 1;
    } else if (op == STORE_GET) {
        struct store_stat stat;
        state.status = store_stat(&state.store, job->name, &stat);
        uint64_t pages = state.status == CTX_OK ? (stat.len + PAGE_SIZE - 1) / PAGE_SIZE : 0;
        paddr_t frame = pages > 0 && stat.len <= BYTES_MAX ? frame_alloc_pages(pages, 0) : 0;
        if (frame == 0) {
            state.status = state.status != CTX_OK ? state.status
                           : pages == 0           ? CTX_E_INVAL
                           : stat.len > BYTES_MAX ? CTX_E_TOOBIG
                                                  : CTX_E_NOMEM;
            return false;
        }
        state.bytes = (struct image_bytes){machine_direct(frame), stat.len, pages};
        state.work.buffer = state.bytes.bytes;
        state.work.len = stat.len;
    }
    store_submit(&state.store, &state.work);
    return true;
}

/* Without a disk all of it is done at once. */
static ctx_status in_memory(struct vault_job *job)
{
    if (job->op == VAULT_SAVE) {
        return vault_memory_put(job->name, &state.bytes);
    }
    if (job->op == VAULT_REMOVE) {
        return vault_memory_remove(job->name);
    }
    const struct image_bytes *kept = vault_memory_get(job->name);
    if (kept == NULL) {
        return CTX_E_NOENT;
    }
    state.bytes = *kept;
    job->done = job->total = kept->len;
    ctx_status status = apply(job);
    state.bytes = (struct image_bytes){NULL, 0, 0}; /* stays the memory's */
    return status;
}

static void finish(struct vault_job *job)
{
    static const char *const names[] = {"save", "restore", "remove"};
    if (state.status != CTX_OK) {
        explain(job, state.status == CTX_E_NOMEM    ? "not enough memory"
                     : state.status == CTX_E_TOOBIG ? "larger than 128 MiB, or 4094 apps"
                     : state.status == CTX_E_NOENT  ? "there is no such image"
                                                    : ctx_status_name(state.status));
        log_warn("vault", "%s name=%s pid=%ld %s: %s", names[job->op], job->name, (int64_t)job->pid,
                 ctx_status_name(state.status), job->why);
    } else {
        log_info("vault", "%s name=%s pid=%ld bytes=%lu where=%s", names[job->op], job->name,
                 (int64_t)job->pid, job->total, state.on_disk ? state.where : "memory");
    }
    image_bytes_free(&state.bytes);
    session_shot_free(&state.shot);
    if (state.pieces != NULL) {
        heap_free(state.pieces, state.pieces_bytes);
        state.pieces = NULL;
    }
    state.first = job->next;
    if (state.first == NULL) {
        state.last = &state.first;
    }
    job->status = state.status;
    if (job->task != NULL) {
        task_wake(job->task);
    }
}

static bool work_is_done(void)
{
    struct vault_job *job = state.first;
    job->done = state.work.done;
    job->total = state.work.total;
    return state.work.status != CTX_PENDING;
}

/* The next piece of a session's image; PENDING: there are more. */
static ctx_status develop(void)
{
    bool tight = state.shot.tight;
    ctx_status status = session_develop(&state.shot);
    if (state.shot.tight != tight) { /* it was taken once more, with no room for copies */
        ask_others();
    }
    return status == CTX_OK ? prepare() : status;
}

static void vault_run(struct task *task)
{
    TASK_BEGIN(task);
    for (;;) {
        TASK_AWAIT(task, state.first != NULL);
        state.status = CTX_OK;
        if (state.first->op == VAULT_SAVE) {
            state.give_up_ns = machine_now_ns() + PATIENCE_MOST_NS;
            state.give_up_work_ns = app_work_ns() + PATIENCE_NS;
            while (is_to_wait(state.first) && app_work_ns() < state.give_up_work_ns &&
                   machine_now_ns() < state.give_up_ns) {
                TASK_AWAIT_FOR(task, false, STEP_NS);
            }
            state.status = take(state.first);
            app_release_held();
            if (state.status == CTX_OK) {
                ask_others();
            }
            if (state.status == CTX_OK && state.first->pid == VAULT_ALL) {
                state.status = CTX_PENDING;
            }
            while (state.status == CTX_PENDING) {
                TASK_AWAIT_FOR(task, false, BREATH_NS); /* the apps go on in between */
                state.status = develop();
            }
            state.first->total = state.pieces != NULL ? state.shot.len : state.bytes.len;
            while (state.status == CTX_OK && state.on_disk && !lasting_is_over(state.question) &&
                   machine_now_ns() < state.ask_until_ns) {
                TASK_AWAIT_FOR(task, lasting_is_over(state.question), STEP_NS);
            }
            if (state.on_disk) {
                (void)lasting_end(state.question,
                                  state.status == CTX_OK ? state.first->name : NULL);
            }
        }
        if (state.status == CTX_OK && !state.on_disk) {
            state.status = in_memory(state.first);
        } else if (state.status == CTX_OK &&
                   submit(state.first, state.first->op == VAULT_SAVE      ? STORE_PUT
                                       : state.first->op == VAULT_RESTORE ? STORE_GET
                                                                          : STORE_REMOVE)) {
            TASK_AWAIT(task, work_is_done());
            state.status = state.work.status;
            explain(state.first, state.work.why);
            if (state.status == CTX_OK && state.first->op == VAULT_RESTORE) {
                state.status = apply(state.first);
            }
        }
        finish(state.first);
    }
    TASK_END(task);
}

/* ---- for others ---- */

/* Nobody else gets what the store lies on: the whole disk, or a partition. */
static void hold_disk(struct block_device *disk, const struct store_job *job)
{
    bool part = job != NULL && job->partition != 0;
    if (block_claim_sectors(&state.claim, disk, part ? job->first_sector : 0,
                            part ? job->sectors : UINT64_MAX, BLOCK_SYSTEM) != CTX_OK) {
        panic("vault: somebody has %s", disk->name);
    }
}

static void try_disk(struct block_device *disk, uint64_t deadline_ns)
{
    struct store_job *job = &state.work;
    *job = (struct store_job){.op = STORE_MOUNT, .device = disk};
    store_submit(&state.store, job);
    ctx_status status = store_wait(job, deadline_ns);
    if (status == CTX_OK) {
        struct store_info info;
        (void)store_info(&state.store, &info);
        state.on_disk = true;
        hold_disk(disk, job);
        format_text(state.where, sizeof state.where, "%s", disk->name);
        log_info("vault", "disk=%s partition=%u images=%lu used=%luKiB of=%luKiB%s%s", disk->name,
                 job->partition, info.objects, info.used >> 10, info.bytes >> 10,
                 info.note[0] != 0 ? ": " : "", info.note);
        return;
    }
    const char *why = status == CTX_PENDING ? "it does not answer"
                      : job->why[0] != 0    ? job->why
                                            : ctx_status_name(status);
    format_text(state.where, sizeof state.where, "%s: %s", disk->name, why);
    log_info("vault", "disk=%s is not used: %s", disk->name, why);
}

/* The next one by its name. The list has them as they answered, and which disk is taken must not
 * depend on that. */
static struct block_device *disk_after(const struct block_device *last)
{
    struct block_device *next = NULL;
    for (struct block_device *d = block_first(); d != NULL; d = d->next) {
        if ((last == NULL || strcmp(d->name, last->name) > 0) &&
            (next == NULL || strcmp(d->name, next->name) < 0)) {
            next = d;
        }
    }
    return next;
}

void vault_set_most(uint64_t bytes)
{
    state.most = MIN(bytes, BYTES_MAX);
}

void vault_start(uint64_t deadline_ns)
{
    store_init(&state.store);
    state.last = &state.first;
    state.started = true;
    for (struct block_device *d = disk_after(NULL); d != NULL && !state.on_disk;
         d = disk_after(d)) {
        try_disk(d, deadline_ns);
        if (state.work.status == CTX_PENDING) {
            hold_disk(d, NULL);
            break; /* the store waits for ever */
        }
    }
    task_start(&state.task, "vault", vault_run);
}

void vault_submit(struct vault_job *job)
{
    job->status = CTX_PENDING;
    job->next = NULL;
    job->why[0] = 0;
    if (!state.started || !store_name_good(job->name)) {
        explain(job, state.started ? "not a name" : "nothing can be kept here");
        job->status = state.started ? CTX_E_INVAL : CTX_E_NOSYS;
        if (job->task != NULL) {
            task_wake(job->task);
        }
        return;
    }
    *state.last = job;
    state.last = &job->next;
    task_wake(&state.task);
}

ctx_status vault_wait(const struct vault_job *job, uint64_t deadline_ns)
{
    while (job->status == CTX_PENDING && machine_now_ns() < deadline_ns) {
        task_run_ready(machine_now_ns());
        if (job->status == CTX_PENDING) {
            /* The loop stands still, but calls that it has begun may end. */
            uint64_t until = MIN(MIN(lasting_call(), task_next_deadline_ns()), deadline_ns);
            bool called = app_call_in_idle(machine_now_ns(), until) != NULL;
            app_settle(); /* or it faulted */
            machine_wait(called ? 0 : until);
        }
    }
    return job->status;
}

ctx_status vault_read(const char *name, uint8_t **bytes, uint64_t *len)
{
    struct store_stat stat;
    *bytes = NULL;
    if (!state.on_disk || store_stat(&state.store, name, &stat) != CTX_OK) {
        return CTX_E_NOENT;
    }
    if (stat.len == 0 || stat.len > BYTES_MAX) {
        return CTX_E_INVAL;
    }
    *len = stat.len;
    *bytes = heap_alloc(stat.len);
    if (*bytes == NULL) {
        return CTX_E_NOMEM;
    }
    state.work = (struct store_job){.op = STORE_GET, .buffer = *bytes, .len = stat.len};
    memcpy(state.work.name, stat.name, sizeof stat.name);
    store_submit(&state.store, &state.work);
    ctx_status status = store_wait(&state.work, NEVER_NS);
    if (status != CTX_OK) {
        log_error("vault", "%s: %s", name,
                  state.work.why[0] != 0 ? state.work.why : ctx_status_name(status));
        heap_free(*bytes, stat.len);
        *bytes = NULL;
    }
    return status;
}

ctx_status vault_write(const char *name, const uint8_t *bytes, uint64_t len)
{
    if (!state.on_disk) {
        return CTX_E_NOENT;
    }
    state.piece = (struct store_piece){bytes, len};
    state.work = (struct store_job){.op = STORE_PUT, .pieces = &state.piece, .piece_count = 1};
    memcpy(state.work.name, name, MIN(strlen(name), sizeof state.work.name - 1));
    store_submit(&state.store, &state.work);
    return store_wait(&state.work, NEVER_NS);
}

bool vault_next(struct store_stat *out)
{
    return state.on_disk ? store_next(&state.store, out) : vault_memory_next(out);
}

void vault_info(struct vault_info *out)
{
    *out = (struct vault_info){
        .used = vault_memory_used(),
        .quota = vault_memory_quota(),
        .room = vault_memory_quota() - MIN(vault_memory_used(), vault_memory_quota()),
    };
    if (state.on_disk) {
        struct store_info info;
        (void)store_info(&state.store, &info);
        *out = (struct vault_info){
            .on_disk = true,
            .read_only = info.read_only,
            .used = info.used,
            .quota = info.quota,
            .room = info.room,
        };
    }
    memcpy(out->where, state.where, sizeof out->where);
}
