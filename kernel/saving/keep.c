/* SPDX-License-Identifier: MIT */
#include "keep.h"

#include "app.h"
#include "heap.h"
#include "session.h"
#include "vault.h"
#include "words.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#define SLOTS       9u
#define PATIENCE_NS (60 * NSEC_PER_SEC) /* with a disk, when the machine goes down */
#define AGAIN_NS    (10 * NSEC_PER_SEC)
#define NEXT_NS     (30 * NSEC_PER_SEC) /* keys wait no longer for those before them */

/* [boot, loop] */
static struct {
    keep_show_fn *show; /* NULL: nobody looks */
    char name[40];      /* of the session's image; empty: none is kept */
    uint32_t slot;      /* of quicksave, from 0 */
    uint32_t slot_used; /* by `quick` */
    bool failed, last;
    uint64_t failed_ns;
    struct vault_job quick, end;
    struct task task; /* waits for `quick`, to tell how it went */
    bool asked, started;
    bool waits; /* one more, when `quick` is done */
    enum vault_op next;
    uint32_t next_slot;
    uint64_t next_until_ns;
} state;

/* The image's name; NULL: done, else why not. plain is for the log. */
static const char *make_name(const char *word, char name[40], char plain[64])
{
    size_t len = word_plain(plain, 64, word, word_length(word));
    name[0] = 0;
    if (len > 24) {
        return "a session's name has at most 24 bytes";
    }
    format_text(name, 40, "session/%s", plain);
    if (len > 0 && store_name_good(name)) {
        return NULL;
    }
    name[0] = 0;
    return "a session's name is 1 to 24 bytes of printable UTF-8";
}

const char *keep_name_wrong(const char *word)
{
    char name[40], plain[64];
    return make_name(word, name, plain);
}

void keep_start(const char *name, keep_show_fn *shown)
{
    state.show = shown;
    char plain[64];
    const char *why = name != NULL ? make_name(name, state.name, plain) : NULL;
    if (why != NULL && plain[0] != 0) {
        log_warn("keep", "session=%s: %s; no session is kept", plain, why);
    }
}

static void show(bool trouble, const char *text)
{
    if (state.show != NULL) {
        state.show(trouble, text);
    }
}

/* What is saved stays as it is, and nothing is saved over it when the machine goes down. */
static void keep_none(ctx_status status, const char *what)
{
    char text[120];
    format_text(text, sizeof text, "%s %s: %s; it stays as it is, and no session is kept",
                state.name, what, ctx_status_name(status));
    log_error("keep", "%s", text);
    show(true, text);
    state.name[0] = 0;
}

/* What could not be used is not lost: the next session takes its name, but not its bytes. */
static void put_aside(const uint8_t *bytes, uint64_t len)
{
    char name[STORE_NAME_MAX + 1];
    format_text(name, sizeof name, "%s.refused", state.name);
    ctx_status status = vault_write(name, bytes, len);
    if (status == CTX_OK) {
        log_warn("keep", "the image is kept as %s", name);
    } else {
        keep_none(status, "can not be put aside");
    }
}

bool keep_resume(void)
{
    uint8_t *bytes;
    uint64_t len;
    struct image image;
    struct image_error error = {"flags", 0, "it is one app, not a session"};
    ctx_status status = state.name[0] != 0 ? vault_read(state.name, &bytes, &len) : CTX_E_NOENT;
    if (status != CTX_OK) {
        /* Damage is damage: the next session is worth more. But what only this machine can not read
         * is another one's. */
        if (status != CTX_E_NOENT && status != CTX_E_IO) {
            keep_none(status, "can not be read");
        }
        return false;
    }
    uint32_t resumed = 0;
    bool good =
        image_open_file(bytes, len, &image, &error) && (image.flags & CTX_IMAGE_SESSION) != 0;
    if (good) {
        resumed = session_resume(&image, state.name);
    } else {
        log_error("keep", "refused file=%s field=%s value=0x%lx: %s", state.name, error.field,
                  error.value, error.reason);
    }
    if (!good || resumed < image.session.apps) {
        put_aside(bytes, len);
    }
    heap_free(bytes, len);
    return resumed > 0;
}

/* ---- keys ---- */

static void tell(void)
{
    const struct vault_job *job = &state.quick;
    char text[120];
    if (job->status == CTX_OK) {
        format_text(text, sizeof text,
                    job->op == VAULT_SAVE ? "saved in slot %u" : "back in slot %u",
                    state.slot_used + 1);
    } else if (job->status == CTX_E_NOENT) {
        format_text(text, sizeof text, "nothing is saved in slot %u", state.slot_used + 1);
    } else {
        format_text(text, sizeof text, "slot %u: %s", state.slot_used + 1, job->why);
    }
    show(job->status != CTX_OK, text);
}

static void quick(enum vault_op op, uint32_t slot)
{
    state.asked = true;
    state.slot_used = slot;
    state.quick =
        (struct vault_job){.op = op, .pid = VAULT_ALL, .by = APP_NO_PARENT, .task = &state.task};
    format_text(state.quick.name, sizeof state.quick.name, "quick/%u", slot + 1);
    vault_submit(&state.quick);
}

/* Not after one that failed: who saves and goes back at once would lose what is. */
static void quick_next(void)
{
    if (state.quick.status == CTX_OK && machine_now_ns() < state.next_until_ns) {
        quick(state.next, state.next_slot);
    } else {
        log_warn("keep", "%s slot=%u: not begun, for the one before it failed or took too long",
                 state.next == VAULT_SAVE ? "save" : "load", state.next_slot + 1);
    }
}

static void keep_run(struct task *task)
{
    TASK_BEGIN(task);
    for (;;) {
        TASK_AWAIT(task, state.asked && state.quick.status != CTX_PENDING);
        state.asked = false;
        tell();
        if (state.waits) {
            state.waits = false;
            quick_next();
        }
    }
    TASK_END(task);
}

/* Keys ask for it; while the last one is not done, one more waits for that. */
static void ask(enum vault_op op)
{
    if (state.quick.status == CTX_PENDING || state.asked) {
        if (state.waits) {
            log_info("keep", "the last one is not done yet");
            return;
        }
        state.waits = true;
        state.next = op;
        state.next_slot = state.slot;
        state.next_until_ns = machine_now_ns() + NEXT_NS;
        return;
    }
    if (!state.started) {
        state.started = true;
        task_start(&state.task, "keep", keep_run);
    }
    quick(op, state.slot);
}

void keep_obey(enum input_asks asked)
{
    if (asked == INPUT_ASKS_SAVE || asked == INPUT_ASKS_LOAD) {
        ask(asked == INPUT_ASKS_SAVE ? VAULT_SAVE : VAULT_RESTORE);
    } else if (asked == INPUT_ASKS_NEXT_SLOT || asked == INPUT_ASKS_LAST_SLOT) {
        state.slot = (state.slot + (asked == INPUT_ASKS_NEXT_SLOT ? 1 : SLOTS - 1)) % SLOTS;
        char text[32];
        format_text(text, sizeof text, "slot %u", state.slot + 1);
        show(false, text);
        log_info("keep", "slot=%u", state.slot + 1);
    }
}

void keep_or_lose(void)
{
    state.last = true;
}

bool keep_before_end(void)
{
    struct vault_info info;
    uint64_t now = machine_now_ns();
    bool again = state.failed && now - state.failed_ns < AGAIN_NS;
    if (state.name[0] == 0) {
        return true;
    }
    vault_info(&info);
    if (!info.on_disk) {
        log_warn("keep", "the session is not kept: %s", info.where);
        return true;
    }
    /* Whoever asks again may have made room in the meantime; but a disk that still owes the last
     * answer is not waited for twice. */
    if (state.end.status != CTX_PENDING) {
        state.end = (struct vault_job){.op = VAULT_SAVE, .pid = VAULT_ALL, .by = APP_NO_PARENT};
        memcpy(state.end.name, state.name, sizeof state.name);
        vault_submit(&state.end);
        (void)vault_wait(&state.end, now + PATIENCE_NS);
    }
    if (state.end.status == CTX_OK) {
        return true;
    }
    const char *why = state.end.status == CTX_PENDING ? "the disk does not answer" : state.end.why;
    if (again || state.last) {
        log_error("keep", "the session is not saved: %s", why);
        if (state.last) {
            machine_verdict(VERDICT_UNFIT);
        }
        return true;
    }
    state.failed = true;
    state.failed_ns = machine_now_ns();
    char text[STORE_WHY + 80];
    format_text(
        text, sizeof text,
        "the session could not be saved: %s; ask once more within 10 seconds to go without it",
        why);
    log_error("keep", "%s", text);
    show(true, text);
    return false;
}
