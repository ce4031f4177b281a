/* SPDX-License-Identifier: MIT */
/* What the machine asks about the app that it is in the middle of: a page that is not there, or not
 * writable; a breakpoint. In exception context. */
#include "app.h"
#include "app_memory.h"
#include "watch.h"

#include <kernel/call.h>
#include <kernel/klog.h>
#include <kernel/machine.h>

/* The app of the chain whose slot this address is in. */
static struct app *owner(uint64_t address)
{
    for (struct call *call = this_cpu.call; call != NULL; call = call->below) {
        if (address - call->app->base < CTX_SLOT_SIZE) {
            return call->app;
        }
    }
    return NULL;
}

bool app_page_in(uint64_t address)
{
    struct app *app = owner(address);
    uint64_t offset = app != NULL ? address - app->base : 0;
    if (app == NULL || offset < app->stack_low || offset >= CTX_SLOT_STACK_TOP ||
        !app_may_use_stack()) {
        return false;
    }
    return app_commit(app, ALIGN_DOWN(offset, (uint64_t)PAGE_SIZE), MAP_READ | MAP_WRITE) == CTX_OK;
}

/* Not only of the apps of the chain: a host writes to its child, whether that is called or not. */
bool app_page_write(uint64_t address)
{
    struct app *app = owner(address);
    if (app == NULL) {
        app = app_first();
        while (app != NULL && address - app->base >= CTX_SLOT_SIZE) {
            app = app->next;
        }
    }
    return app != NULL && app->watch != NULL && app->watch->write(app, address - app->base);
}

bool app_breakpoint(uint64_t ip)
{
    struct app *app = app_current();
    uint64_t offset = app != NULL ? ip - app->base : 0;
    if (app == NULL || offset < CTX_SLOT_IMAGE || offset >= CTX_SLOT_IMAGE_END) {
        return false;
    }
    /* In a loop it must not flood the log: the 1st, 2nd, 4th, 8th ... */
    app->breakpoints++;
    if ((app->breakpoints & (app->breakpoints - 1)) == 0) {
        log_warn("app", "%s#%lu: int3 at slot+0x%lx count=%lu", app->name, app->pid, offset,
                 app->breakpoints);
    }
    return true;
}
