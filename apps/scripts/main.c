/* SPDX-License-Identifier: MIT */
/*
 * scripts - an app that is a script of Lua, with the Context as `ctx` (apps/lua/README.md). The
 * script runs as a coroutine: coroutine.yield() ends the call, and the next one goes on behind it.
 * After ctx.wake_at it waits until then, otherwise until the next frame. All of it stands in a
 * fiber, where io, os and require wait for a disk. Where the script ends the app ends. With
 * CTX_SCRIPT_FILES it has package, io and os too, with CTX_SCRIPT_NET net and http, with
 * CTX_SCRIPT_SQL sql. The words after the app's name are the script's arguments: `...`.
 */
#include <ctx/c.h>
#include <ctx/fiber.h>
#include <ctx/note.h>

#include <ctx_module.h>
#include <lauxlib.h>
#include <lua.h>
#include <lua_files.h>
#ifdef CTX_SCRIPT_NET
#include <lua_net.h>
#endif
#ifdef CTX_SCRIPT_SQL
#include <lua_sql.h>
#endif
#include <lualib.h>

#include <stdlib.h>
#include <string.h>

CTX_NOTE(3);

#define STACK_BYTES (256u << 10) /* as an app has it: see LUAI_MAXCCALLS */

extern const char script[], script_end[]; /* script.S */

struct app {
    struct ctx *ctx; /* of this call */
    lua_State *lua, *thread;
    int arguments; /* of the first resume */
    struct ctx_fiber *fiber;
    int32_t answer; /* of the turn that is over */
};

static void *allocate(void *arg, void *old, size_t old_size, size_t size)
{
    (void)arg;
    (void)old_size;
    if (size == 0) {
        free(old);
        return NULL;
    }
    return realloc(old, size);
}

static void say(struct ctx *ctx, const char *text)
{
    ctx->log((const uint8_t *)text, (uint32_t)strlen(text));
}

static void push_arguments(struct app *app)
{
    const struct ctx_table *table = NULL;
    struct ctx *ctx = app->ctx;
    uint32_t count = 0, len;
    if (ctx->iface->open(ctx->iface, CTX_ID_ARGS, sizeof CTX_ID_ARGS - 1, 0, &table) != CTX_OK) {
        return;
    }
    const struct ctx_args *args = (const struct ctx_args *)table;
    if (args->count(args, &count) != CTX_OK) {
        return;
    }
    luaL_checkstack(app->thread, (int)count + 1, "too many words");
    for (uint32_t i = 0; i < count; i++) {
        luaL_Buffer word; /* as long as it is */
        if (args->get(args, i, NULL, 0, &len) != CTX_OK) {
            continue;
        }
        char *to = luaL_buffinitsize(app->thread, &word, len);
        luaL_pushresultsize(&word, args->get(args, i, to, len, &len) == CTX_OK ? len : 0);
        app->arguments++;
    }
}

/* Leaves the script, ready to run, in app->thread; or an error. */
static int prepare(lua_State *lua)
{
    struct app *app = lua_touserdata(lua, 1);
    luaL_openlibs(lua);
#ifdef CTX_SCRIPT_FILES
    lua_open_files(lua);
#endif
#ifdef CTX_SCRIPT_NET
    lua_open_net(lua);
#endif
#ifdef CTX_SCRIPT_SQL
    lua_open_sql(lua);
#endif
    lua_ctx_open(lua, app->ctx);
    app->thread = lua_newthread(lua);
    lua_rawsetp(lua, LUA_REGISTRYINDEX, app);
    if (luaL_loadbufferx(lua, script, (size_t)(script_end - script), "=script", "t") != LUA_OK) {
        return lua_error(lua);
    }
    lua_xmove(lua, app->thread, 1);
    push_arguments(app);
    return 0;
}

static void read_events(struct app *app)
{
    struct ctx_event events[16];
    uint32_t count = 0;
    while (app->ctx->events->read(app->ctx->events, events, sizeof events, sizeof events[0],
                                  &count) == CTX_OK) {
        for (uint32_t i = 0; i < count; i++) {
            lua_ctx_push_event(app->lua, &events[i]);
        }
    }
}

/* An error may be a value of any kind. */
static void complain(struct app *app)
{
    const char *text = lua_tostring(app->thread, -1);
    luaL_traceback(app->lua, app->thread, text != NULL ? text : "an error that is no text", 0);
    say(app->ctx, lua_tostring(app->lua, -1));
}

/* The script, until it yields to all of the app or ends: what ctx_start returns for it. */
static int32_t turn(struct app *app)
{
    lua_ctx_set(app->lua, app->ctx);
    read_events(app);
    int results = 0, arguments = app->arguments;
    app->arguments = 0;
    int status = lua_resume(app->thread, app->lua, arguments, &results);
    if (status == LUA_YIELD) {
        lua_pop(app->thread, results);
        return lua_ctx_wakes(app->lua) ? CTX_WAIT : CTX_AGAIN;
    }
    if (status != LUA_OK) {
        complain(app);
    }
    return CTX_EXIT(status != LUA_OK);
}

static void run(struct ctx *ctx, void *arg)
{
    struct app *app = arg;
    (void)ctx;
    while ((app->answer = turn(app)) == CTX_WAIT || app->answer == CTX_AGAIN) {
        (void)ctx_fiber_yield();
        (void)ctx_fiber_hide(0); /* an error may have left it hidden */
    }
    lua_close(app->lua); /* what __gc wants to do is done: files that were left open are written */
}

static struct app *begin(struct ctx *ctx)
{
    struct app *app = calloc(1, sizeof *app);
    lua_State *lua = app != NULL ? lua_newstate(allocate, NULL) : NULL;
    if (lua == NULL) {
        say(ctx, "not enough memory for Lua");
        free(app);
        return NULL;
    }
    app->lua = lua;
    app->ctx = ctx;
    lua_pushcfunction(lua, prepare);
    lua_pushlightuserdata(lua, app);
    if (lua_pcall(lua, 1, 0, 0) != LUA_OK) {
        say(ctx, lua_tostring(lua, -1));
        lua_close(lua);
        free(app);
        return NULL;
    }
    app->fiber = ctx_fiber_start(ctx, run, app, STACK_BYTES);
    if (app->fiber == NULL) {
        say(ctx, "not enough memory for the script's stack");
        lua_close(lua);
        free(app);
        return NULL;
    }
    lua_yields_to_wait(1);
    *ctx->store = app;
    return app;
}

int32_t ctx_start(struct ctx *ctx)
{
    struct app *app = *ctx->store;
    if (app == NULL && (app = begin(ctx)) == NULL) {
        return CTX_EXIT(1);
    }
    app->ctx = ctx;
    int32_t answer = ctx_fiber_run(ctx, app->fiber);
    if (ctx_fiber_state(app->fiber) == CTX_FIBER_WAITING) {
        return answer; /* for a disk */
    }
    answer = app->answer;
    if (ctx_fiber_state(app->fiber) >= CTX_FIBER_ENDED) {
        if (ctx_fiber_state(app->fiber) == CTX_FIBER_FAULTED) {
            answer = CTX_EXIT(1);
        }
        ctx_fiber_free(ctx, app->fiber);
        *ctx->store = NULL;
        free(app);
    }
    return answer;
}
