/* SPDX-License-Identifier: MIT */
/*
 * A script runs as a coroutine. A hook counts its instructions and yields when the frame's share is
 * used up, so a script may be as long as it likes while each call of the app stays short. The share
 * follows the frame rate.
 */
#include "repl.h"

#include <ctx/sql.h>
#include <ctx_module.h>
#include <lauxlib.h>
#include <lua.h>
#include <lua_files.h>
#include <lua_sql.h>
#include <lualib.h>

#include <stdlib.h>
#include <string.h>

#define SLICE      10000 /* instructions between two looks */
#define SHARE_MIN  2     /* slices per frame */
#define SHARE_MAX  200
#define STUCK_MAX  400 /* slices inside a C function that can not be interrupted */
#define MEMORY_MAX (64u << 20)
#define POINTS     32768u /* pixels that scripts can have on screen, a power of two */

struct point {
    uint32_t at;    /* x | y << 16 */
    uint32_t color; /* 1 << 24 | RGB; 0 = free */
};

struct repl {
    struct console *console;
    lua_State *lua, *script;
    int script_ref;
    int running, stop, quit;
    int slices, share, stuck;
    uint64_t last_ms, memory;
    struct point *points;
    uint32_t point_count;
};

static struct repl *self(lua_State *lua)
{
    return *(struct repl **)lua_getextraspace(lua);
}

/* Lua tells sizes: no header needed. */
static void *allocate(void *arg, void *old, size_t old_size, size_t size)
{
    struct repl *r = arg;
    struct ctx *ctx = r->console->ctx;
    if (old == NULL) {
        old_size = 0; /* it says what kind of object this will be */
    }
    if (size == 0) {
        if (old != NULL) {
            ctx->dealloc(old, old_size, 16);
            r->memory -= old_size;
        }
        return NULL;
    }
    if (size > old_size && r->memory + size - old_size > MEMORY_MAX) {
        return NULL;
    }
    void *block = ctx->alloc(size, 16);
    if (block != NULL && old != NULL) {
        memcpy(block, old, old_size < size ? old_size : size);
        ctx->dealloc(old, old_size, 16);
    }
    if (block != NULL) {
        r->memory += size - old_size;
    }
    return block;
}

static void hook(lua_State *lua, lua_Debug *where)
{
    (void)where;
    struct repl *r = self(lua);
    if (r->stop) {
        r->stop = 0;
        luaL_error(lua, "stopped");
    }
    if (++r->slices < r->share) {
        return;
    }
    /* Only the script itself can pause: a yield in one of its own coroutines would end up at its
     * resume. */
    if (lua == r->script && lua_isyieldable(lua)) {
        r->stuck = 0;
        lua_yield(lua, 0);
    } else if (++r->stuck > STUCK_MAX) {
        luaL_error(lua, "too long inside a function that can not pause");
    }
}

/* ---- what scripts can call ---- */

static int fn_print(lua_State *lua)
{
    struct repl *r = self(lua);
    int n = lua_gettop(lua);
    for (int i = 1; i <= n; i++) {
        size_t len;
        const char *text = luaL_tolstring(lua, i, &len);
        console_write(r->console, TEXT_PLAIN, text, (uint32_t)len);
        console_write(r->console, TEXT_PLAIN, i < n ? "\t" : "", i < n);
        lua_pop(lua, 1);
    }
    console_write(r->console, TEXT_PLAIN, "\n", 1);
    return 0;
}

static int fn_pid(lua_State *lua)
{
    lua_pushinteger(lua, (lua_Integer)self(lua)->console->ctx->pid);
    return 1;
}

static int fn_write(lua_State *lua)
{
    int n = lua_gettop(lua);
    for (int i = 1; i <= n; i++) {
        size_t len;
        const char *text = luaL_checklstring(lua, i, &len);
        console_write(self(lua)->console, TEXT_PLAIN, text, (uint32_t)len);
    }
    return 0;
}

static int fn_quit(lua_State *lua)
{
    self(lua)->quit = 1;
    return luaL_error(lua, "quit");
}

static struct point *find_point(struct repl *r, uint32_t at)
{
    uint32_t i = at * 2654435761u >> 17; /* 15 bits */
    while (r->points[i % POINTS].color != 0 && r->points[i % POINTS].at != at) {
        i++;
    }
    return &r->points[i % POINTS];
}

/* draw(x, y, v): a pixel of the canvas, v = 0xRRGGBB. draw() takes all of them away. */
static int fn_draw(lua_State *lua)
{
    struct repl *r = self(lua);
    if (lua_gettop(lua) == 0) {
        r->point_count = 0;
        if (r->points != NULL) {
            memset(r->points, 0, POINTS * sizeof r->points[0]);
        }
        return 0;
    }
    lua_Integer x = (lua_Integer)luaL_checknumber(lua, 1),
                y = (lua_Integer)luaL_checknumber(lua, 2);
    lua_Integer v = (lua_Integer)luaL_optnumber(lua, 3, 0xffffff);
    const struct ctx *ctx = r->console->ctx;
    const struct ctx_fb *fb = &ctx->fb;
    if (fb->w == 0 && CTX_HAS(ctx, display)) {
        ctx->display->canvas(ctx->display); /* a window of its own had no need for it */
        return 0;
    }
    if (x < 0 || y < 0 || x >= (lua_Integer)fb->w || y >= (lua_Integer)fb->h) {
        return 0; /* outside: nothing to see */
    }
    if (r->points == NULL) {
        r->points = calloc(POINTS, sizeof r->points[0]);
        if (r->points == NULL) {
            return luaL_error(lua, "no memory to draw");
        }
    }
    struct point *p = find_point(r, (uint32_t)x | (uint32_t)y << 16);
    if (p->color == 0 && r->point_count == POINTS - POINTS / 8) {
        return luaL_error(lua, "%d points are the most; draw() clears", (int)(POINTS - POINTS / 8));
    }
    r->point_count += p->color == 0;
    *p = (struct point){(uint32_t)x | (uint32_t)y << 16, 1u << 24 | ((uint32_t)v & 0xffffff)};
    return 0;
}

void repl_draw(const struct repl *r, const struct ctx_fb *fb)
{
    if (r->points == NULL || r->point_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < POINTS; i++) {
        const struct point *p = &r->points[i];
        uint64_t x = p->at & 0xffff, y = p->at >> 16;
        if (p->color != 0 && x < fb->w && y < fb->h) {
            struct ctx_rgba *out = &fb->pixels[y * fb->w + x];
            out->r = (uint8_t)(p->color >> 16);
            out->g = (uint8_t)(p->color >> 8);
            out->b = (uint8_t)p->color;
        }
    }
}

/* ---- running ---- */

/* What is typed are lines for the console; and it does not end with a script. */
static const char no_input[] =
    "local lines, why = io.lines, 'nothing can be read from the keyboard here'\n"
    "io.lines = function(name, ...) if name == nil then error(why, 2) end return lines(name, ...) end\n"
    "io.read = function() return nil, why end\n"
    "io.stdin, io.input, os.exit = nil, nil, quit\n";

static void open_libraries(lua_State *lua)
{
    static const char *const shortcuts[] = {"time", "log"}; /* also without ctx. before them */
    static const struct {
        const char *name;
        lua_CFunction open;
    } libraries[] = {
        {LUA_GNAME, luaopen_base},        {LUA_TABLIBNAME, luaopen_table},
        {LUA_STRLIBNAME, luaopen_string}, {LUA_MATHLIBNAME, luaopen_math},
        {LUA_UTF8LIBNAME, luaopen_utf8},  {LUA_COLIBNAME, luaopen_coroutine},
    };
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        luaL_requiref(lua, libraries[i].name, libraries[i].open, 1);
        lua_pop(lua, 1);
    }
    lua_open_files(lua); /* they wait for a disk in the fiber that the script runs in */
    lua_open_sql(lua);
    static const luaL_Reg functions[] = {
        {"print", fn_print},
        {"pid", fn_pid},
        {"quit", fn_quit},
        {"draw", fn_draw},
    };
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        lua_pushcfunction(lua, functions[i].func);
        lua_setglobal(lua, functions[i].name);
    }
    lua_getglobal(lua, "io");
    lua_pushcfunction(lua, fn_write);
    lua_setfield(lua, -2, "write");
    lua_pop(lua, 1);
    if (luaL_dostring(lua, no_input) != LUA_OK) {
        lua_error(lua);
    }
    lua_ctx_open(lua, self(lua)->console->ctx);
    lua_getglobal(lua, "ctx");
    for (size_t i = 0; i < sizeof shortcuts / sizeof shortcuts[0]; i++) {
        lua_getfield(lua, -1, shortcuts[i]);
        lua_setglobal(lua, shortcuts[i]);
    }
    lua_pop(lua, 1);
}

static int protected_open(lua_State *lua)
{
    open_libraries(lua);
    return 0;
}

struct repl *repl_new(struct console *console)
{
    struct repl *r = calloc(1, sizeof *r);
    if (r == NULL) {
        return NULL;
    }
    r->console = console;
    r->share = SHARE_MIN;
    r->lua = lua_newstate(allocate, r);
    if (r->lua != NULL) {
        *(struct repl **)lua_getextraspace(r->lua) = r; /* inherited by coroutines */
        lua_sethook(r->lua, hook, LUA_MASKCOUNT, SLICE);
        lua_pushcfunction(r->lua, protected_open);
        if (lua_pcall(r->lua, 0, 0, 0) == LUA_OK) {
            return r;
        }
    }
    repl_delete(r);
    return NULL;
}

void repl_delete(struct repl *r)
{
    if (r != NULL) {
        if (r->lua != NULL) {
            lua_ctx_set(r->lua, r->console->ctx);
            lua_close(r->lua);
        }
        free(r->points);
        free(r);
    }
}

static void finish(struct repl *r)
{
    lua_closethread(r->script, r->lua);
    luaL_unref(r->lua, LUA_REGISTRYINDEX, r->script_ref);
    r->script = NULL;
    r->running = 0;
}

static int to_text(lua_State *lua)
{
    luaL_tolstring(lua, 1, NULL);
    return 1;
}

/* What the script returned or complained about. Metamethods may run wild here: protected, and
 * counted by the hook. */
static void print_value(struct repl *r, lua_State *lua, int index, enum text_color color)
{
    index = lua_absindex(lua, index);
    lua_pushcfunction(r->lua, to_text);
    lua_pushvalue(lua, index);
    if (lua != r->lua) {
        lua_xmove(lua, r->lua, 1);
    }
    size_t len = 0;
    int status = lua_pcall(r->lua, 1, 1, 0);
    const char *text = lua_tolstring(r->lua, -1, &len);
    console_write(r->console, status == LUA_OK ? color : TEXT_ERROR, text != NULL ? text : "?",
                  text != NULL ? (uint32_t)len : 1);
    lua_pop(r->lua, 1);
}

/* Follow the machine: as many slices as fit while frames come in time. */
static void adapt_share(struct repl *r)
{
    uint64_t now = r->console->ctx->start_time_ms;
    uint64_t took = now - r->last_ms;
    r->last_ms = now;
    if (took > 24) {
        r->share = r->share / 2 > SHARE_MIN ? r->share / 2 : SHARE_MIN;
    } else if (took < 19 && r->share < SHARE_MAX) {
        r->share++;
    }
}

enum repl_result repl_step(struct repl *r)
{
    int results = 0;
    adapt_share(r);
    lua_ctx_set(r->lua, r->console->ctx);
    r->slices = 0;
    int status = lua_resume(r->script, r->lua, 0, &results);
    if (status == LUA_YIELD) {
        lua_pop(r->script,
                results); /* the script's own yield outside any coroutine is only a pause */
        return REPL_RUNNING;
    }
    if (status == LUA_OK) {
        for (int i = 1; i <= results; i++) {
            print_value(r, r->script, -results - 1 + i, TEXT_RESULT);
            console_write(r->console, TEXT_RESULT, i < results ? "\t" : "\n", 1);
        }
    } else if (!r->quit) {
        print_value(r, r->script, -1, TEXT_ERROR);
        console_write(r->console, TEXT_ERROR, "\n", 1);
    }
    finish(r);
    if (r->quit) {
        r->quit = 0;
        return REPL_QUIT;
    }
    return REPL_DONE;
}

static int ends_early(lua_State *lua)
{
    static const char end[] = "<eof>";
    size_t len;
    const char *text = lua_tolstring(lua, -1, &len);
    return text != NULL && len >= sizeof end - 1 && strcmp(text + len - (sizeof end - 1), end) == 0;
}

/* First as an expression, then as statements. */
static int compile(struct repl *r, const char *text, uint32_t len)
{
    luaL_Buffer b;
    luaL_buffinit(r->lua, &b);
    luaL_addstring(&b, "return ");
    luaL_addlstring(&b, text, len);
    luaL_pushresult(&b);
    size_t full;
    const char *expression = lua_tolstring(r->lua, -1, &full);
    int status = luaL_loadbufferx(r->lua, expression, full, "=console", "t");
    lua_remove(r->lua, -2);
    if (status != LUA_OK) {
        lua_pop(r->lua, 1);
        status = luaL_loadbufferx(r->lua, text, len, "=console", "t");
    }
    return status;
}

struct source {
    struct repl *repl;
    const char *text;
    uint32_t len;
    int status;
};

/* All that may run out of memory, under one protected call: leaves the chunk or the message on the
 * stack. */
static int protected_compile(lua_State *lua)
{
    struct source *s = lua_touserdata(lua, 1);
    s->status = compile(s->repl, s->text, s->len);
    return 1;
}

static int protected_thread(lua_State *lua)
{
    struct repl *r = lua_touserdata(lua, 1);
    r->script = lua_newthread(lua);
    r->script_ref = luaL_ref(lua, LUA_REGISTRYINDEX);
    return 0;
}

/* Leaves the chunk, or a message, as the only thing on the stack. */
static int load(struct repl *r, const char *text, uint32_t len)
{
    struct source source = {r, text, len, LUA_OK};
    lua_ctx_set(r->lua, r->console->ctx);
    lua_settop(r->lua, 0);
    lua_pushcfunction(r->lua, protected_compile);
    lua_pushlightuserdata(r->lua, &source);
    int called = lua_pcall(r->lua, 1, 1, 0);
    return called != LUA_OK ? called : source.status;
}

int repl_is_incomplete(struct repl *r, const char *text, uint32_t len)
{
    int incomplete = load(r, text, len) == LUA_ERRSYNTAX && ends_early(r->lua);
    lua_settop(r->lua, 0);
    return incomplete;
}

enum repl_result repl_run(struct repl *r, const char *text, uint32_t len)
{
    if (load(r, text, len) != LUA_OK) {
        print_value(r, r->lua, -1, TEXT_ERROR);
        console_write(r->console, TEXT_ERROR, "\n", 1);
        lua_settop(r->lua, 0);
        return REPL_DONE;
    }
    lua_pushcfunction(r->lua, protected_thread);
    lua_pushlightuserdata(r->lua, r);
    if (lua_pcall(r->lua, 1, 0, 0) != LUA_OK) {
        console_print(r->console, TEXT_ERROR, "not enough memory\n");
        lua_settop(r->lua, 0);
        return REPL_DONE;
    }
    lua_xmove(r->lua, r->script, 1);
    lua_sethook(r->script, hook, LUA_MASKCOUNT, SLICE);
    r->running = 1;
    r->stop = 0;
    r->stuck = 0;
    r->last_ms = r->console->ctx->start_time_ms;
    return REPL_RUNNING;
}

int repl_is_running(const struct repl *r)
{
    return r->running;
}

void repl_event(struct repl *r, const struct ctx_event *event)
{
    if (r->running) {
        lua_ctx_push_event(r->lua, event);
    }
}

void repl_stop(struct repl *r)
{
    r->stop = r->running;
}

void repl_hurry(struct repl *r)
{
    struct ctx_sql db = CTX_SQL(r->console->ctx);
    if (r->running && r->stop && work_waits(r->console)) {
        (void)ctx_sql_stop(&db); /* while a statement goes on, no line of Lua is looked at */
    }
}
