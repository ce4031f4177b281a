/* SPDX-License-Identifier: MIT */
/* Walks along the table of resources. What is asked at every call stands in a mask of each app's.
 */
#include "resource.h"

#include <kernel/klog.h>

#define ADDED_MAX 4u
#define ALL_MAX   APP_PARTS
#define PLACES    64u /* a power of two, some times ALL_MAX */

/* [boot] finds out, at the first question; then nobody writes, and [any] reads. */
static struct {
    const struct app_resource *all[ALL_MAX];
    uint32_t count;
    uint8_t at[PLACES]; /* by place(): one of those that fall there, as a number */
    const struct app_resource *added[ADDED_MAX];
    uint32_t added_count;
    bool known;
} state;

static uint32_t place(const struct app_resource *resource)
{
    return (uint32_t)((uintptr_t)resource / 16 % PLACES);
}

static void add(const struct app_resource *resource)
{
    if (state.count == ALL_MAX) {
        panic("more than %u kinds of resources: APP_PARTS is too small", ALL_MAX);
    }
    state.at[place(resource)] = (uint8_t)state.count;
    state.all[state.count++] = resource;
}

/* The table's, then those that were added. */
static void learn(void)
{
    state.count = 0;
    for (const struct app_resource *const *r = app_resources; *r != NULL; r++) {
        add(*r);
    }
    for (uint32_t i = 0; i < state.added_count; i++) {
        add(state.added[i]);
    }
    state.known = true;
}

void resource_add(const struct app_resource *resource)
{
    if (state.added_count < ADDED_MAX) {
        state.added[state.added_count++] = resource;
    }
    learn();
}

void resource_remove(const struct app_resource *resource)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < state.added_count; i++) {
        if (state.added[i] != resource) {
            state.added[left++] = state.added[i];
        }
    }
    state.added_count = left;
    learn();
}

static uint32_t count(void)
{
    if (!state.known) {
        learn();
    }
    return state.count;
}

void **resource_part(struct app *app, const struct app_resource *resource)
{
    uint32_t all = count(), no = state.at[place(resource)];
    if (state.all[no] == resource && no < all) {
        return &app->parts[no]; /* nearly always: undo asks some times at each call */
    }
    for (no = 0; no < all && state.all[no] != resource; no++) {
    }
    if (no == all) {
        panic("%s: a resource that is in no table", resource->name);
    }
    return &app->parts[no];
}

bool resources_offer(const char *id)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->offers != NULL && state.all[i]->offers(id)) {
            return true;
        }
    }
    return false;
}

bool resources_word(struct app *app, const char *word, size_t len)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->word != NULL && state.all[i]->word(app, word, len)) {
            return true;
        }
    }
    return false;
}

ctx_status resources_build(struct app *app, const struct elf_plan *plan)
{
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; status == CTX_OK && i < count(); i++) {
        if (state.all[i]->build != NULL) {
            status = state.all[i]->build(app, plan);
        }
    }
    return status;
}

void resources_began(struct app *app)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->began != NULL) {
            state.all[i]->began(app);
        }
    }
    resources_look_at_calls(app);
}

void resources_look_at_calls(struct app *app)
{
    app->at_calls = 0;
    for (uint32_t i = 0; i < count(); i++) {
        const struct app_resource *r = state.all[i];
        if ((r->begin != NULL || r->end != NULL) && (r->at_calls == NULL || r->at_calls(app))) {
            app->at_calls |= 1u << i;
        }
    }
}

void resources_tear_down(struct app *app)
{
    for (uint32_t i = count(); i-- > 0;) {
        if (state.all[i]->tear_down != NULL) {
            state.all[i]->tear_down(app);
        }
    }
}

void resources_forget(struct app *app)
{
    for (uint32_t i = count(); i-- > 0;) {
        if (state.all[i]->forget != NULL) {
            state.all[i]->forget(app);
        }
    }
}

void resources_begin(struct app *app, uint64_t now_ns, struct machine_entry *entry, bool served)
{
    for (uint32_t left = app->at_calls; left != 0;) { /* the last of the table first */
        uint32_t no = 31 - (uint32_t)__builtin_clz(left);
        left &= ~(1u << no);
        if (state.all[no]->begin != NULL) {
            state.all[no]->begin(app, now_ns, entry, served);
        }
    }
}

void resources_describe(const struct app *app, struct ctx *ctx)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->describe != NULL) {
            state.all[i]->describe(app, ctx);
        }
    }
}

void resources_end(struct app *app, enum app_ending how, bool served)
{
    for (uint32_t left = app->at_calls; left != 0; left &= left - 1) {
        const struct app_resource *r = state.all[__builtin_ctz(left)];
        if (r->end != NULL) {
            r->end(app, how, served);
        }
    }
}

void resources_wait(struct app *app)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->wait != NULL) {
            state.all[i]->wait(app);
        }
    }
}

void resources_point(const struct app *app, int32_t *x, int32_t *y)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->point != NULL) {
            state.all[i]->point(app, x, y);
        }
    }
}

void resources_each_area(const struct app *app, app_area_fn *fn, void *arg)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->each_area != NULL) {
            state.all[i]->each_area(app, fn, arg);
        }
    }
}

void resources_each_shared(const struct app *app, app_area_fn *fn, void *arg)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->each_shared != NULL) {
            state.all[i]->each_shared(app, fn, arg);
        }
    }
}

uint64_t resources_image_bytes(struct app *app, uint32_t flags)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->image_bytes != NULL) {
            bytes += state.all[i]->image_bytes(app, flags);
        }
    }
    return bytes;
}

void resources_image_head(const struct app *app, struct ctx_image_app *out)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->image_head != NULL) {
            state.all[i]->image_head(app, out);
        }
    }
}

void resources_image_system(struct ctx_image_app *out)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->image_system != NULL) {
            state.all[i]->image_system(out);
        }
    }
}

ctx_status resources_save(struct app *app, struct image_writer *w)
{
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; status == CTX_OK && i < count(); i++) {
        if (state.all[i]->save != NULL) {
            status = state.all[i]->save(app, w);
        }
    }
    return status;
}

ctx_status resources_check(const struct image *image, uint64_t *pages, struct image_error *error)
{
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; status == CTX_OK && i < count(); i++) {
        if (state.all[i]->check != NULL) {
            status = state.all[i]->check(image, pages, error);
        }
    }
    return status;
}

bool resources_fit(const struct app *app, const struct image *image)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->fits != NULL && !state.all[i]->fits(app, image)) {
            return false;
        }
    }
    return true;
}

ctx_status resources_prepare(struct app *app, const struct image *image)
{
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; status == CTX_OK && i < count(); i++) {
        if (state.all[i]->prepare != NULL) {
            status = state.all[i]->prepare(app, image);
        }
    }
    return status;
}

ctx_status resources_restore(struct app *app, const struct app_restore *how)
{
    ctx_status status = CTX_OK;
    for (uint32_t i = 0; status == CTX_OK && i < count(); i++) {
        if (state.all[i]->restore != NULL) {
            status = state.all[i]->restore(app, how);
        } else if (state.all[i]->outside && how->in_place) {
            state.all[i]->tear_down(app); /* what it knows now is of another time */
        }
    }
    return status;
}

bool resources_remember(struct app *app)
{
    bool good = true;
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->remember != NULL) {
            good &= state.all[i]->remember(app);
        } else if (state.all[i]->settle != NULL) {
            state.all[i]->settle(app, false);
        }
    }
    return good;
}

bool resources_put_back(struct app *app, bool again)
{
    bool good = true;
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->put_back != NULL) {
            good &= state.all[i]->put_back(app, again);
        } else if (state.all[i]->settle != NULL) {
            state.all[i]->settle(app, true);
        }
    }
    return good;
}

void resources_let_go(struct app *app)
{
    for (uint32_t i = 0; i < count(); i++) {
        if (state.all[i]->let_go != NULL) {
            state.all[i]->let_go(app);
        } else if (state.all[i]->settle != NULL) {
            state.all[i]->settle(app, false);
        }
    }
}

bool resources_count(const struct app *app, uint32_t no, const char **name, uint64_t *out)
{
    if (no >= count()) {
        return false;
    }
    *name = state.all[no]->name;
    *out = state.all[no]->count != NULL ? state.all[no]->count(app) : 0;
    return true;
}
