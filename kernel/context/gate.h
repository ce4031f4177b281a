/* SPDX-License-Identifier: MIT */
/*
 * Gates: functions exported from the kernel to an app. A gate's number says which function the app
 * means; what it leads to is decided for each instance by its bind table - the kernel's function,
 * nothing (NOSYS), or a refusal. Grants, refusals and tracing are all one thing: what a gate is
 * bound to. Hosts stand in front of that (ctx_host.c).
 *
 * Arguments are checked here, by the descriptors that libctx/abi/generate.py makes: whoever is
 * behind a gate knows that a pointer lies in the app's own slot. That the memory is really there
 * it learns from machine_copy_in() and machine_copy_out().
 */
#ifndef KERNEL_GATE_H
#define KERNEL_GATE_H

#include <kernel/types.h>

#include <ctx/gates.h>
#include <ctx/slot.h>

struct app;

/* A gate's kernel function: the calling app and its six integer arguments, self first from version
 * 3 on; the result goes back to the app. In the place of self a function with a struct among its
 * arguments finds that one's size: read once, since what an app has written may change while a gate
 * looks at it. Whatever else of the app's memory is looked at is copied first, and once. */
typedef uint64_t gate_fn(struct app *app, const uint64_t args[6]);

enum gate_leads_to {
    GATE_NOSYS = 0, /* also all numbers that nobody was given */
    GATE_KERNEL,
    GATE_DENIED,
    GATE_REVOKED,
    GATE_STALE,
    GATE_SERVICE, /* another app's function; only opened gates */
};

struct service_use; /* service_private.h */

struct gate_binding {
    uint8_t to;    /* enum gate_leads_to */
    bool traced;   /* each call is a line in the log */
    bool plain;    /* fn does it all, a refusal too: nothing to check and nothing to tell; set by
                      whoever binds it */
    uint8_t fn_no; /* GATE_SERVICE: the function's place in its interface */
    union {
        gate_fn *fn;             /* GATE_KERNEL, or plain */
        struct service_use *use; /* GATE_SERVICE */
    };
};

/* The bindings of a fresh app, CTX_GATE_USED of them. Shared and constant. */
const struct gate_binding *gate_default_bindings(void);

/* Whether this gate is one of a table's that hangs on ctx; then *fn is the function's place in it.
 * Functions that came later have gates elsewhere. */
bool gate_is_of(const struct ctx_table_info *table, uint32_t gate, uint32_t *fn);

/* Bind one gate of one instance differently; its table becomes its own first. NOMEM, RANGE. */
ctx_status gate_bind(struct app *app, uint32_t gate, struct gate_binding binding);

/* Give back a table that gate_bind() made. */
void gate_release(struct app *app);

/*
 * Log every call of the gates that match a word: a function ("alloc", "display.damage"), a table
 * ("events"), or "trace" for all. Works on apps of every version. [loop, in
 * a call]
 */
ctx_status gate_instrument(struct app *app, const char *word, size_t len);

/* A gate that this instance opened: what it leads to. False: it opened no such one. (ctx_v3.c) */
bool gate_find_opened(struct app *app, uint32_t gate, struct gate_binding *binding,
                      const struct ctx_gate_info **info);

/*
 * A test aid looks at each use of an app's gates: before it, perhaps with other arguments, which
 * are then in changed[]; true: it is not done at all, and *result goes back. Then what came of it.
 * [in a call]
 */
struct gate_tap {
    bool (*before)(struct app *app, uint32_t gate, const struct ctx_gate_info *info,
                   const uint64_t **args, uint64_t changed[6], uint64_t *result);
    void (*after)(struct app *app, const struct ctx_gate_info *info, uint64_t result);
};

/* What a gate of this instance leads to, and what it takes. False: it was never given out. */
bool gate_find(struct app *app, uint32_t gate, struct gate_binding *binding,
               const struct ctx_gate_info **info);

/* Do what a gate is bound to, with the arguments checked; what goes back to the app. */
uint64_t gate_perform(struct app *app, uint32_t gate, const struct gate_binding *binding,
                      const struct ctx_gate_info *info, const uint64_t args[6]);

/* What goes back to the app from a gate that did nothing: the status, or NULL. */
static inline uint64_t gate_failure(const struct ctx_gate_info *info, ctx_status status)
{
    return info->returns == CTX_RETURNS_STATUS ? (uint32_t)status : 0;
}

/* Results that go to the app's memory; INVAL if it is not there. */
ctx_status gate_put(uint64_t address, const void *value, uint64_t len);

/* What a younger caller has room for and we know nothing of is 0: so it can tell. */
ctx_status gate_put_zeroes(uint64_t address, uint64_t len);

/* The struct that is argument number `no`: as much of it as the caller has room for, which is
 * args[0]; behind what we know of it 0. INVAL: it is not there. */
ctx_status gate_put_struct(const uint64_t args[6], uint32_t no, const void *value, uint32_t size);

/* The other way: what the caller's struct is shorter than ours is zero. INVAL: it is not there;
 * TOOBIG: it is longer and has something in what we do not know. */
ctx_status gate_get_struct(const uint64_t args[6], uint32_t no, void *value, uint32_t size);

/*
 * One of an array of structs in the app's memory, whose elements the app says to be `each` bytes
 * long: it gets as much of the kernel's as there is room for, and zeroes behind that, so that
 * either side may be younger. Whoever takes an array refuses less than GATE_ELEMENT_MIN (INVAL): no
 * struct is so short, and a room of nothing would be divided by. INVAL: it is not there.
 */
#define GATE_ELEMENT_MIN 8u
ctx_status gate_put_element(uint64_t array, uint32_t index, uint32_t each, const void *value,
                            uint32_t size);

/* The functions of versions 1 and 2 (ctx_v2.c). */
gate_fn ctx_v1_log, ctx_v2_alloc, ctx_v2_dealloc;

/* Write text of the app's memory to the log, as lines of that level: what ctx->log and ctx.log/1
 * are about. INVAL: it is not there. (ctx_v2.c) */
ctx_status gate_log(struct app *app, char level, uint64_t address, uint32_t len);

/*
 * What the kernel offers of one table: a function for each of ctx_tables[no], in its order. It
 * stands beside the functions, in the room that they are about; kernel/tables.c lists all of them.
 */
struct gate_table {
    uint32_t no; /* CTX_TABLE_* */
    uint32_t count;
    gate_fn *const *fns;
};
#define GATE_TABLE(name, number, ...)                                                              \
    const struct gate_table name = {                                                               \
        .no = (number),                                                                            \
        .count = sizeof((gate_fn *const[]){__VA_ARGS__}) / sizeof(gate_fn *),                      \
        .fns = (gate_fn *const[]){__VA_ARGS__},                                                    \
    }

/* All of them, NULL behind the last one. */
extern const struct gate_table *const gate_tables[];

/* The function number fn of a table; NULL if the kernel has none. */
gate_fn *gate_offered(uint32_t table, uint32_t fn);

#endif
