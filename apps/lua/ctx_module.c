/* SPDX-License-Identifier: MIT */
/*
 * What is wrong with an argument, and what the Context refuses, becomes an error of Lua with a
 * message. Everything of version 3 is looked for first: an app of version 2 may use this too.
 */
#include "ctx_internal.h"

#include <lauxlib.h>

#include <string.h>

static const char key; /* its address is the module's place in the registry */

struct module *lua_ctx_module(lua_State *lua)
{
    lua_rawgetp(lua, LUA_REGISTRYINDEX, &key);
    struct module *m = lua_touserdata(lua, -1);
    lua_pop(lua, 1);
    return m;
}

int32_t lua_ctx_whole(lua_State *lua, int arg, int32_t low, int32_t high)
{
    lua_Number v = luaL_checknumber(lua, arg);
    if (!(v >= (lua_Number)low && v < (lua_Number)high + 1)) { /* so that NaN is none */
        const char *given = luaL_tolstring(lua, arg, NULL);
        luaL_argerror(lua, arg, lua_pushfstring(lua, "%s is not from %d to %d", given, low, high));
    }
    int32_t i = (int32_t)v;
    return (lua_Number)i > v ? i - 1 : i;
}

int lua_ctx_fail(lua_State *lua, const char *what, ctx_status status)
{
    return luaL_error(lua, "%s: %s", what, ctx_status_name(status));
}

/* A table by its id, NULL if there is none here. */
static const void *table(struct module *m, const char *id)
{
    const struct ctx_table *found = NULL;
    if (!CTX_HAS(m->ctx, iface) || m->ctx->iface->open(m->ctx->iface, id, (uint32_t)strlen(id),
                                                       sizeof *found, &found) != CTX_OK) {
        return NULL;
    }
    return found;
}

static const void *need_table(lua_State *lua, const char *id)
{
    const void *found = table(lua_ctx_module(lua), id);
    if (found == NULL) {
        luaL_error(lua, "there is no %s here", id);
    }
    return found;
}

/* ctx.log(value [, level]): a level is a name, or its number. */
static int fn_log(lua_State *lua)
{
    static const char *const names[] = {"error", "warn", "info", "debug", NULL};
    struct module *m = lua_ctx_module(lua);
    luaL_checkany(lua, 1);
    uint32_t level = CTX_LOG_INFO;
    if (lua_type(lua, 2) == LUA_TNUMBER) {
        level = (uint32_t)lua_ctx_whole(lua, 2, CTX_LOG_ERROR, CTX_LOG_DEBUG);
    } else {
        level = CTX_LOG_ERROR + (uint32_t)luaL_checkoption(lua, 2, "info", names);
    }
    size_t len;
    const char *text = luaL_tolstring(lua, 1, &len);
    luaL_argcheck(lua, len <= UINT32_MAX, 1, "too long");
    const struct ctx_log *log = table(m, CTX_ID_LOG);
    if (log == NULL || !(log->t.flags & CTX_TBL_GRANTED)) {
        m->ctx->log((const uint8_t *)text, (uint32_t)len); /* the door without levels */
        return 0;
    }
    ctx_status status = log->write(log, level, text, (uint32_t)len);
    return status == CTX_OK ? 0 : lua_ctx_fail(lua, "ctx.log", status);
}

/* ctx.time(): seconds since boot. */
static int fn_time(lua_State *lua)
{
    struct ctx *ctx = lua_ctx_module(lua)->ctx;
    uint64_t ns = ctx->start_time_ms * 1000000;
    if (CTX_HAS(ctx, time)) {
        ctx->time->now(ctx->time, &ns);
    }
    lua_pushnumber(lua, (lua_Number)ns / 1e9);
    return 1;
}

/* ctx.wall(): seconds since 1970; nil and why, where no clock says so. */
static int fn_wall(lua_State *lua)
{
    struct ctx *ctx = lua_ctx_module(lua)->ctx;
    int64_t ns = 0;
    ctx_status status = CTX_HAS(ctx, time) ? ctx->time->wall(ctx->time, &ns) : CTX_E_NOSYS;
    if (status != CTX_OK) {
        lua_pushnil(lua);
        lua_pushfstring(lua, "no calendar clock: %s", ctx_status_name(status));
        return 2;
    }
    lua_pushnumber(lua, (lua_Number)ns / 1e9);
    return 1;
}

/* ctx.wake_at(seconds): on the clock of ctx.time. */
static int fn_wake_at(lua_State *lua)
{
    struct module *m = lua_ctx_module(lua);
    lua_Number at = luaL_checknumber(lua, 1);
    luaL_argcheck(lua, at >= 0, 1, "a time is 0 or later");
    if (!CTX_HAS(m->ctx, time)) {
        return luaL_error(lua, "ctx.wake_at takes version 3 of the Context");
    }
    uint64_t ns = at < 1e10 ? (uint64_t)(at * 1e9) : UINT64_MAX;
    ctx_status status = m->ctx->time->wake_at(m->ctx->time, ns);
    if (status != CTX_OK) {
        return lua_ctx_fail(lua, "ctx.wake_at", status);
    }
    m->wake_ns = m->wakes && m->wake_ns < ns ? m->wake_ns : ns;
    m->wakes = 1;
    return 0;
}

static uint64_t random_bits(lua_State *lua, const struct ctx_random *random)
{
    uint64_t bits = 0;
    ctx_status status = random->fill(random, &bits, sizeof bits);
    if (status != CTX_OK) {
        lua_ctx_fail(lua, CTX_ID_RANDOM, status);
    }
    return bits;
}

/* ctx.random([m [, n]]): as math.random, with numbers that nobody can guess. */
static int fn_random(lua_State *lua)
{
    const struct ctx_random *random = need_table(lua, CTX_ID_RANDOM);
    lua_Integer low = 1, high = 0;
    switch (lua_gettop(lua)) {
    case 0:
        lua_pushnumber(lua, (lua_Number)(random_bits(lua, random) >> 11) * 0x1p-53);
        return 1;
    case 1:
        high = luaL_checkinteger(lua, 1);
        if (high == 0) {
            lua_pushinteger(lua, (lua_Integer)random_bits(lua, random));
            return 1;
        }
        break;
    case 2:
        low = luaL_checkinteger(lua, 1);
        high = luaL_checkinteger(lua, 2);
        break;
    default:
        return luaL_error(lua, "wrong number of arguments: ctx.random([m [, n]])");
    }
    luaL_argcheck(lua, low <= high, lua_gettop(lua), "interval is empty");
    uint64_t span = (uint64_t)high - (uint64_t)low, bits = random_bits(lua, random);
    if (span != UINT64_MAX) {
        /* The last, incomplete round of the interval would favour its low numbers. */
        uint64_t sides = span + 1, last = UINT64_MAX - UINT64_MAX % sides;
        while (bits >= last) {
            bits = random_bits(lua, random);
        }
        bits %= sides;
    }
    bits += (uint64_t)low;
    lua_pushinteger(lua, (lua_Integer)bits);
    return 1;
}

static void field(lua_State *lua, const char *name, lua_Integer value)
{
    lua_pushinteger(lua, value);
    lua_setfield(lua, -2, name);
}

static void push_event(lua_State *lua, const struct ctx_event *e)
{
    static const char names[][8] = {"", "key", "pointer", "wheel", "text", "resize"};
    lua_createtable(lua, 0, 5);
    lua_pushstring(lua, names[e->kind]);
    lua_setfield(lua, -2, "kind");
    if (e->kind == CTX_EVENT_KEY || e->kind == CTX_EVENT_POINTER || e->kind == CTX_EVENT_TEXT) {
        field(lua, "code", e->code);
    }
    if (e->kind == CTX_EVENT_KEY) {
        field(lua, "value", e->value);
    } else if (e->kind == CTX_EVENT_TEXT) {
        lua_pushfstring(lua, "%U", (unsigned long)(e->code <= 0x10ffff ? e->code : 0xfffd));
        lua_setfield(lua, -2, "text");
    } else {
        field(lua, "x", e->x);
        field(lua, "y", e->y);
    }
    if (e->flags & CTX_EVENT_LOST) {
        lua_pushboolean(lua, 1);
        lua_setfield(lua, -2, "lost");
    }
}

/* ctx.events(): those that the app has let through since the last time, oldest first. */
static int fn_events(lua_State *lua)
{
    struct module *m = lua_ctx_module(lua);
    lua_createtable(lua, (int)m->count, 0);
    for (lua_Integer i = 1; m->count > 0; i++) {
        push_event(lua, &m->events[m->first]);
        m->first = (m->first + 1) % EVENTS;
        m->count--;
        lua_rawseti(lua, -2, i);
    }
    return 1;
}

void lua_ctx_push_event(lua_State *lua, const struct ctx_event *event)
{
    struct module *m = lua_ctx_module(lua);
    if (event->kind < CTX_EVENT_KEY || event->kind > CTX_EVENT_RESIZE) {
        return; /* of a version to come */
    }
    if (m->count == EVENTS) {
        m->first = (m->first + 1) % EVENTS;
        m->count--;
        m->events[m->first].flags |= CTX_EVENT_LOST;
    }
    m->events[(m->first + m->count) % EVENTS] = *event;
    m->count++;
}

/* ctx.apps(): who else runs. */
static int fn_apps(lua_State *lua)
{
    static const char states[][12] = {"ready",  "waiting",    "stopped", "exited",
                                      "paused", "restarting", "needs"};
    const struct ctx_apps *apps = need_table(lua, CTX_ID_APPS);
    struct ctx_app_info *list, none;
    uint32_t count = 0, room;
    ctx_status status = apps->list(apps, &none, sizeof none, sizeof none, &count);
    room = count + 4; /* nobody comes during a call; it costs nothing to be sure */
    list = lua_newuserdatauv(lua, room * sizeof *list, 0);
    if (status == CTX_OK) {
        status = apps->list(apps, list, room * (uint32_t)sizeof *list, sizeof *list, &count);
    }
    if (status != CTX_OK) {
        return lua_ctx_fail(lua, CTX_ID_APPS, status);
    }
    count = count < room ? count : room;
    lua_createtable(lua, (int)count, 0);
    for (uint32_t i = 0; i < count; i++) {
        const struct ctx_app_info *a = &list[i];
        lua_createtable(lua, 0, 6);
        lua_pushlstring(lua, (const char *)a->name, strnlen((const char *)a->name, sizeof a->name));
        lua_setfield(lua, -2, "name");
        lua_pushstring(lua, a->state < sizeof states / sizeof states[0] ? states[a->state] : "?");
        lua_setfield(lua, -2, "state");
        field(lua, "pid", (lua_Integer)a->pid);
        field(lua, "calls", (lua_Integer)a->calls);
        field(lua, "memory", (lua_Integer)a->memory);
        field(lua, "faults", (lua_Integer)a->faults);
        lua_rawseti(lua, -2, (lua_Integer)i + 1);
    }
    return 1;
}

/* ctx.clipboard.put(text): true; nil and why, where nobody offers a clipboard or it takes no such
 * text. */
static int fn_clipboard_put(lua_State *lua)
{
    struct module *m = lua_ctx_module(lua);
    size_t len;
    const char *text = luaL_checklstring(lua, 1, &len);
    ctx_status status =
        len > CLIP_TEXT_MAX ? CTX_E_TOOBIG : clip_put(&m->clip, m->ctx, text, (uint32_t)len);
    if (status != CTX_OK) {
        lua_pushnil(lua);
        lua_pushstring(lua, ctx_status_name(status));
        return 2;
    }
    lua_pushboolean(lua, 1);
    return 1;
}

/* ctx.clipboard.get(): the text that lies there; nil: none does. */
static int fn_clipboard_get(lua_State *lua)
{
    struct module *m = lua_ctx_module(lua);
    luaL_Buffer buffer;
    char *text = luaL_buffinitsize(lua, &buffer, CLIP_TEXT_MAX);
    uint32_t len = clip_get(&m->clip, m->ctx, text, CLIP_TEXT_MAX);
    luaL_pushresultsize(&buffer, len);
    if (len == 0) {
        lua_pushnil(lua);
    }
    return 1;
}

static void open_clipboard(lua_State *lua)
{
    lua_createtable(lua, 0, 2);
    lua_pushcfunction(lua, fn_clipboard_put);
    lua_setfield(lua, -2, "put");
    lua_pushcfunction(lua, fn_clipboard_get);
    lua_setfield(lua, -2, "get");
    lua_setfield(lua, -2, "clipboard");
}

/* ctx.screen(): width, height; 0, 0 without one. */
static int fn_screen(lua_State *lua)
{
    struct ctx *ctx = lua_ctx_module(lua)->ctx;
    struct ctx_display_info info = {
        .size = sizeof info, .w = (uint32_t)ctx->fb.w, .h = (uint32_t)ctx->fb.h};
    if (CTX_HAS(ctx, display)) {
        ctx_status status = ctx->display->info(ctx->display, &info);
        if (status != CTX_OK) {
            return lua_ctx_fail(lua, "ctx.screen", status);
        }
    }
    lua_pushinteger(lua, info.w);
    lua_pushinteger(lua, info.h);
    return 2;
}

void lua_ctx_open(lua_State *lua, struct ctx *ctx)
{
    static const luaL_Reg functions[] = {
        {"log", fn_log},         {"time", fn_time},     {"wall", fn_wall},
        {"wake_at", fn_wake_at}, {"random", fn_random}, {"events", fn_events},
        {"apps", fn_apps},       {"screen", fn_screen}, {"surface", lua_ctx_surface},
    };
    struct module *m = lua_newuserdatauv(lua, sizeof *m, 0);
    *m = (struct module){.ctx = ctx};
    lua_rawsetp(lua, LUA_REGISTRYINDEX, &key);
    lua_ctx_open_surface(lua);
    lua_createtable(lua, 0, sizeof functions / sizeof functions[0] + 1);
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        lua_pushcfunction(lua, functions[i].func);
        lua_setfield(lua, -2, functions[i].name);
    }
    open_clipboard(lua);
    lua_setglobal(lua, "ctx");
}

void lua_ctx_set(lua_State *lua, struct ctx *ctx)
{
    struct module *m = lua_ctx_module(lua);
    if (m != NULL) { /* NULL: lua_ctx_open had no memory, and the state is being closed */
        m->ctx = ctx;
        m->wakes = 0;
    }
}

int lua_ctx_wakes(lua_State *lua)
{
    const struct module *m = lua_ctx_module(lua);
    /* Again: it may have waited for a disk since, and the kernel forgets with each call. */
    return m->wakes && m->ctx->time->wake_at(m->ctx->time, m->wake_ns) == CTX_OK;
}
