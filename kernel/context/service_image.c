/* SPDX-License-Identifier: MIT */
/*
 * What an app has of services: words of its line, what it offers, what it has open, requests; in
 * its life, in its images and when a call is undone. Both ends of a use come back with a session,
 * and neither knows the other any more: the table answers STALE until it is opened again.
 */
#include "heap.h"
#include "image_write.h"
#include "resource.h"
#include "service_private.h"
#include "verify.h"

#include <kernel/klog.h>
#include <kernel/string.h>

#include <ctx/tables.h>

/* ctx_image_service.what */
#define WHAT_OFFERS   CTX_IMAGE_SERVICE_OFFERS
#define WHAT_USES     CTX_IMAGE_SERVICE_USES
#define WHAT_COUNTERS CTX_IMAGE_SERVICE_COUNTERS

/* ---- words ---- */

bool service_may_offer(const struct app *app, const char *id)
{
    const char *params;
    return grants_find(&app->grant_list, GRANT_OFFER, id, &params);
}

bool service_anybody_may_offer(const char *id)
{
    const struct app *app = app_first();
    while (app != NULL && !service_may_offer(app, id)) {
        app = app->next;
    }
    return app != NULL;
}

bool service_may_use(const struct app *app, const char *id)
{
    const char *params;
    return grants_find(&app->grant_list, GRANT_USE, id, &params);
}

bool service_is_denied(const struct app *app, const char *id)
{
    const char *params;
    return grants_find(&app->grant_list, GRANT_DENY, id, &params);
}

/* ---- its life ---- */

static void withdraw_all(struct app *app)
{
    struct app_services *mine = services_known(app);
    while (mine != NULL && mine->services != NULL) {
        service_withdraw(mine->services);
    }
}

/* Requests go both ways, so what it made and what it owes has ended when this returns. */
static void end_all(struct app *app)
{
    withdraw_all(app);
    requests_owed_end(app);
    requests_made_end(app);
}

static void tear_down(struct app *app)
{
    struct app_services *mine = services_known(app);
    end_all(app);
    if (app->v3 != NULL) {
        service_forget_uses(app);
    }
    if (mine != NULL) {
        mine->last_handle = 0;
        mine->last_made = 0;
        mine->stale_made = 0;
    }
    app->hints = 0;
    app->fresh_hints = 0;
}

static void forget(struct app *app)
{
    struct app_services *mine = services_known(app);
    if (mine == NULL) {
        return;
    }
    heap_free(mine, sizeof *mine);
    *resource_part(app, &service_resource) = NULL;
}

static uint64_t count(const struct app *app)
{
    const struct app_services *mine = services_known(app);
    uint64_t n = mine != NULL ? mine->made_count : 0;
    for (const struct service *s = mine != NULL ? mine->services : NULL; s != NULL;
         s = s->next_of_app) {
        n++;
    }
    for (const struct service_use *use = app->v3 != NULL ? app->v3->uses : NULL; use != NULL;
         use = use->next_of_app) {
        n++;
    }
    return n;
}

/* ---- undo ---- */

static bool remember(struct app *app)
{
    struct app_services *mine = services_known(app);
    for (struct service_use *use = app->v3 != NULL ? app->v3->uses : NULL; use != NULL;
         use = use->next_of_app) {
        use->called = 0;
    }
    for (struct service *s = mine != NULL ? mine->services : NULL; s != NULL; s = s->next_of_app) {
        s->fresh = false;
    }
    requests_settle(app, false);
    return true;
}

static void let_go(struct app *app)
{
    requests_settle(app, false);
}

/* What it did to providers stays, and they are told; what it made in that call goes. */
static bool put_back(struct app *app, bool again)
{
    (void)again;
    struct app_services *mine = services_known(app);
    for (struct service_use *use = app->v3 != NULL ? app->v3->uses : NULL; use != NULL;
         use = use->next_of_app) {
        if (use->called != 0 && use->service != NULL) {
            service_use_undone(use);
        }
        use->called = 0;
    }
    for (struct service *next, *s = mine != NULL ? mine->services : NULL; s != NULL; s = next) {
        next = s->next_of_app;
        if (s->fresh) {
            service_withdraw(s);
        }
    }
    requests_settle(app, true);
    return true;
}

/* ---- images ---- */

static uint64_t descriptor_bytes(const struct interface *iface)
{
    return ALIGN_UP((uint64_t)iface->descriptor->size, UINT64_C(8));
}

static uint64_t image_bytes(struct app *app, uint32_t flags)
{
    (void)flags;
    const struct app_services *mine = services_known(app);
    uint64_t bytes = mine != NULL ? sizeof(struct ctx_image_service) : 0;
    for (const struct service *s = mine != NULL ? mine->services : NULL; s != NULL;
         s = s->next_of_app) {
        bytes += sizeof(struct ctx_image_service) + descriptor_bytes(s->iface) +
                 s->iface->descriptor->count * sizeof(uint64_t);
    }
    for (const struct service_use *use = app->v3 != NULL ? app->v3->uses : NULL; use != NULL;
         use = use->next_of_app) {
        bytes += sizeof(struct ctx_image_service) +
                 (use->iface != NULL ? descriptor_bytes(use->iface) : 0);
    }
    return bytes;
}

static void write_descriptor(struct image_writer *w, const struct interface *iface)
{
    static const uint8_t zeroes[8];
    image_write(w, iface->descriptor, iface->descriptor->size);
    image_write(w, zeroes, descriptor_bytes(iface) - iface->descriptor->size);
}

static ctx_status save(struct app *app, struct image_writer *w)
{
    const struct app_services *mine = services_known(app);
    const struct service *services = mine != NULL ? mine->services : NULL;
    const struct service_use *uses = app->v3 != NULL ? app->v3->uses : NULL;
    uint64_t at = 0, code = 0;
    if (mine == NULL && uses == NULL) {
        return CTX_OK;
    }
    image_write_section(w, CTX_IMAGE_SERVICES, sizeof(struct ctx_image_service), false);
    if (mine != NULL) {
        struct ctx_image_service s = {WHAT_COUNTERS, mine->last_handle, mine->last_made,
                                      mine->last_owed};
        image_write(w, &s, sizeof s);
    }
    for (const struct service *s = services; s != NULL; s = s->next_of_app) {
        struct ctx_image_service out = {WHAT_OFFERS, s->handle, at, code};
        image_write(w, &out, sizeof out);
        at += descriptor_bytes(s->iface);
        code += s->iface->descriptor->count;
    }
    for (const struct service_use *use = uses; use != NULL; use = use->next_of_app) {
        if (use->iface != NULL) {
            struct ctx_image_service out = {WHAT_USES, 0, at, use->at.offset};
            image_write(w, &out, sizeof out);
            at += descriptor_bytes(use->iface);
        }
    }
    image_write_end_section(w);
    if (at != 0) {
        image_write_section(w, CTX_IMAGE_INTERFACES, 0, false);
        for (const struct service *s = services; s != NULL; s = s->next_of_app) {
            write_descriptor(w, s->iface);
        }
        for (const struct service_use *use = uses; use != NULL; use = use->next_of_app) {
            if (use->iface != NULL) {
                write_descriptor(w, use->iface);
            }
        }
        image_write_end_section(w);
    }
    if (code != 0) {
        image_write_section(w, CTX_IMAGE_SERVED, sizeof(uint64_t), false);
        for (const struct service *s = services; s != NULL; s = s->next_of_app) {
            for (uint32_t i = 0; i < s->iface->descriptor->count; i++) {
                uint64_t offset = s->code[i] - app->base;
                image_write(w, &offset, sizeof offset);
            }
        }
        image_write_end_section(w);
    }
    return CTX_OK;
}

/* The descriptor at this place of INTERFACES, which image_check.c has looked at. */
static struct interface *saved_interface(const struct image *image, uint64_t at)
{
    const uint8_t *bytes = image->parts[CTX_IMAGE_INTERFACES].stored + at;
    uint32_t size;
    memcpy(&size, bytes, sizeof size);
    return interface_make(bytes, size);
}

static ctx_status offer_again(struct app *app, const struct image *image,
                              const struct ctx_image_service *s)
{
    struct interface *iface = saved_interface(image, s->at);
    if (iface == NULL) {
        return CTX_E_NOMEM;
    }
    uint64_t code[CTX_INTERFACE_FNS];
    bool good = !v3_has_table(interface_id(iface));
    for (uint32_t i = 0; i < iface->descriptor->count; i++) {
        image_entry(image, CTX_IMAGE_SERVED, s->code + i, &code[i], sizeof code[i]);
        code[i] += app->base;
        good &= app_is_code(app, code[i]) && (!app->verified || code[i] % VERIFY_BUNDLE == 0);
    }
    ctx_status status = !good                                          ? CTX_E_EXIST
                        : !service_may_offer(app, interface_id(iface)) ? CTX_E_DENIED
                                                                       : CTX_OK;
    if (status == CTX_OK) {
        status = service_publish(app, iface, code, s->handle);
    }
    if (status == CTX_E_EXIST || status == CTX_E_DENIED) {
        log_warn("service", "%s#%lu does not offer %s again: %s", app->name, app->pid,
                 interface_id(iface), ctx_status_name(status));
        status = CTX_OK;
    }
    interface_drop(iface);
    return status;
}

static ctx_status know_again(struct app *app, const struct image *image,
                             const struct ctx_image_service *s)
{
    struct service_use *use = app->v3->uses;
    while (use != NULL && use->at.offset != s->code) {
        use = use->next_of_app;
    }
    return use == NULL || use->iface != NULL ? CTX_OK
                                             : service_know(use, saved_interface(image, s->at));
}

static ctx_status restore(struct app *app, const struct app_restore *how)
{
    const struct image *image = how->image;
    ctx_status status = CTX_OK;
    if (app->version < 3) {
        return CTX_OK;
    }
    if (how->in_place) {
        end_all(app);
        service_leave_uses(app);
    }
    const uint32_t others = HINTS_OF_SURFACES; /* which were there before */
    app->hints &= others;
    if (app->v3->uses != NULL || image->parts[CTX_IMAGE_SERVICES].count > 0) {
        app->hints |= UINT32_C(1) << CTX_EVENT_READY | UINT32_C(1) << CTX_EVENT_DONE |
                      UINT32_C(1) << CTX_EVENT_INTERFACE | UINT32_C(1) << CTX_EVENT_NEWS;
    }
    app->fresh_hints = (app->hints & ~others) | (app->fresh_hints & others);
    for (uint64_t i = 0; status == CTX_OK && i < image->parts[CTX_IMAGE_SERVICES].count; i++) {
        struct ctx_image_service s;
        image_entry(image, CTX_IMAGE_SERVICES, i, &s, sizeof s);
        if (s.what == WHAT_OFFERS) {
            status = offer_again(app, image, &s);
        } else if (s.what == WHAT_USES) {
            status = know_again(app, image, &s);
        } else {
            struct app_services *mine = services_of(app);
            if (mine == NULL) {
                return CTX_E_NOMEM;
            }
            mine->last_handle = MAX(mine->last_handle, s.handle);
            mine->last_made = MAX(mine->last_made, s.at);
            mine->last_owed = MAX(mine->last_owed, s.code);
            mine->stale_made = mine->last_made;
        }
    }
    return status;
}

static bool offers(const char *id)
{
    return service_current(id) != NULL;
}

const struct app_resource service_resource = {
    .name = "services",
    .offers = offers,
    .tear_down = tear_down,
    .forget = forget,
    .image_bytes = image_bytes,
    .save = save,
    .restore = restore,
    .remember = remember,
    .put_back = put_back,
    .let_go = let_go,
    .count = count,
};
