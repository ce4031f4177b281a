/* SPDX-License-Identifier: MIT */
/*
 * Surfaces for scripts. The garbage collector takes away those that nobody knows any more; it does
 * not see how big they are, so it is asked to look when there are no more to be had.
 *
 * Colours are 0xRRGGBB here, and bytes red, green, blue in a surface. A line, a text or a rectangle
 * may reach beyond the edge, where it is cut off; a single pixel may not.
 */
#include "ctx_internal.h"

#include <font.h>
#include <lauxlib.h>

#include <math.h>
#include <stdlib.h>

#define TYPE "ctx.surface"
#define FAR  100000 /* no coordinate is farther away */

struct surface {
    uint32_t id, w, h;
    uint32_t *pixels; /* NULL: destroyed */
};

static struct surface *check_surface(lua_State *lua)
{
    struct surface *s = luaL_checkudata(lua, 1, TYPE);
    luaL_argcheck(lua, s->pixels != NULL, 1, "the surface has been destroyed");
    return s;
}

static uint32_t check_color(lua_State *lua, int arg)
{
    lua_Integer v = luaL_checkinteger(lua, arg);
    luaL_argcheck(lua, v >= 0 && v <= 0xffffff, arg, "a colour is 0 to 0xffffff");
    return (uint32_t)(v >> 16 | (v & 0xff00) | (v & 0xff) << 16);
}

static uint32_t mix(uint32_t a, uint32_t b, uint32_t part) /* 0..256 of b */
{
    uint32_t rb = ((a & 0xff00ff) * (256 - part) + (b & 0xff00ff) * part) >> 8 & 0xff00ff;
    uint32_t g = ((a & 0xff00) * (256 - part) + (b & 0xff00) * part) >> 8 & 0xff00;
    return rb | g;
}

static void blend(struct surface *s, int64_t x, int64_t y, uint32_t color, uint32_t part)
{
    if (x >= 0 && y >= 0 && x < s->w && y < s->h) {
        uint32_t *p = &s->pixels[(uint64_t)y * s->w + (uint64_t)x];
        *p = mix(*p, color, part);
    }
}

/* ctx.surface(w, h): black, in the middle of the screen. */
int lua_ctx_surface(lua_State *lua)
{
    struct ctx *ctx = lua_ctx_module(lua)->ctx;
    uint32_t w = (uint32_t)lua_ctx_whole(lua, 1, 1, 8192);
    uint32_t h = (uint32_t)lua_ctx_whole(lua, 2, 1, 8192);
    if (!CTX_HAS(ctx, display)) {
        return luaL_error(lua, "ctx.surface takes version 3 of the Context");
    }
    struct surface *s = lua_newuserdatauv(lua, sizeof *s, 0);
    *s = (struct surface){.w = w, .h = h};
    luaL_setmetatable(lua, TYPE); /* from here on errors are cleaned up after */
    ctx_status status = ctx->display->create(ctx->display, w, h, CTX_SURFACE_RGBX, 0, &s->id);
    if (status == CTX_E_NOSPC || status == CTX_E_NOMEM) {
        lua_gc(lua, LUA_GCCOLLECT);
        status = ctx->display->create(ctx->display, w, h, CTX_SURFACE_RGBX, 0, &s->id);
    }
    if (status != CTX_OK) {
        return lua_ctx_fail(lua, "ctx.surface", status);
    }
    s->pixels = ctx->display->pixels(ctx->display, s->id);
    if (s->pixels == NULL) {
        ctx->display->destroy(ctx->display, s->id);
        return luaL_error(lua, "ctx.surface: no pixels");
    }
    return 1;
}

/* pixel(x, y) tells its colour; pixel(x, y, rgb) sets it. */
static int fn_pixel(lua_State *lua)
{
    struct surface *s = check_surface(lua);
    uint32_t x = (uint32_t)lua_ctx_whole(lua, 2, 0, (int32_t)s->w - 1);
    uint32_t y = (uint32_t)lua_ctx_whole(lua, 3, 0, (int32_t)s->h - 1);
    uint32_t *p = &s->pixels[(uint64_t)y * s->w + x];
    if (lua_isnoneornil(lua, 4)) {
        lua_pushinteger(lua, (*p & 0xff) << 16 | (*p & 0xff00) | (*p >> 16 & 0xff));
        return 1;
    }
    *p = check_color(lua, 4);
    return 0;
}

/* fill(rgb [, x, y, w, h]) */
static int fn_fill(lua_State *lua)
{
    struct surface *s = check_surface(lua);
    uint32_t color = check_color(lua, 2);
    int32_t x0 = 0, y0 = 0, x1 = (int32_t)s->w, y1 = (int32_t)s->h;
    if (!lua_isnoneornil(lua, 3)) {
        int32_t x = lua_ctx_whole(lua, 3, -FAR, FAR), y = lua_ctx_whole(lua, 4, -FAR, FAR);
        int32_t w = lua_ctx_whole(lua, 5, 0, FAR), h = lua_ctx_whole(lua, 6, 0, FAR);
        x0 = x > 0 ? x : 0;
        y0 = y > 0 ? y : 0;
        x1 = x + w < x1 ? x + w : x1;
        y1 = y + h < y1 ? y + h : y1;
    }
    for (int32_t y = y0; y < y1; y++) {
        uint32_t *row = s->pixels + (uint64_t)(uint32_t)y * s->w;
        for (int32_t x = x0; x < x1; x++) {
            row[x] = color;
        }
    }
    return 0;
}

static lua_Number check_place(lua_State *lua, int arg)
{
    lua_Number v = luaL_checknumber(lua, arg);
    luaL_argcheck(lua, v >= -FAR && v <= FAR, arg, "too far away");
    return v;
}

/*
 * line(x0, y0, x1, y1, rgb): fractions count. A step along the longer side colours two pixels, each
 * by how near the line passes.
 */
static int fn_line(lua_State *lua)
{
    struct surface *s = check_surface(lua);
    lua_Number x0 = check_place(lua, 2), y0 = check_place(lua, 3);
    lua_Number x1 = check_place(lua, 4), y1 = check_place(lua, 5);
    uint32_t color = check_color(lua, 6);
    int steep = fabs(y1 - y0) > fabs(x1 - x0);
    lua_Number a = steep ? y0 : x0, b = steep ? x0 : y0; /* along, across */
    lua_Number to = steep ? y1 : x1, across = steep ? x1 : y1;
    if (a > to) {
        lua_Number t = a;
        a = to;
        to = t;
        t = b;
        b = across;
        across = t;
    }
    lua_Number slope = to > a ? (across - b) / (to - a) : 0;
    lua_Number first = floor(a + 0.5), last = floor(to + 0.5), size = steep ? s->h : s->w;
    b += slope * (first - a);
    if (first < 0) {
        b -= slope * first;
        first = 0;
    }
    last = last < size ? last : size - 1;
    /* From here on in 32.32: where floating point is slow, this loop is what a picture takes. */
    int64_t at = (int64_t)(b * 0x1p32), step = (int64_t)(slope * 0x1p32);
    for (int64_t i = (int64_t)first; i <= (int64_t)last; i++, at += step) {
        int64_t j = at >> 32;
        uint32_t part = (uint32_t)(at >> 24) & 0xff;
        blend(s, steep ? j : i, steep ? i : j, color, 256 - part);
        if (part != 0) {
            blend(s, steep ? j + 1 : i, steep ? i : j + 1, color, part);
        }
    }
    return 0;
}

static void *font_alloc(void *self, size_t size)
{
    (void)self;
    return malloc(size);
}

static void font_free(void *self, void *p, size_t size)
{
    (void)self;
    (void)size;
    free(p);
}

static void draw_glyph(struct surface *s, int64_t x, int64_t y, uint32_t code, uint32_t color)
{
    const struct glyph *g = font_glyph(code);
    if (g == NULL || x <= -(int64_t)FONT_W || y <= -(int64_t)FONT_H || x >= s->w || y >= s->h) {
        return;
    }
    for (uint32_t v = 0; v < FONT_H; v++) {
        for (uint32_t u = 0; u < FONT_W; u++) {
            uint32_t cover = g->cover[v * FONT_ROW + u];
            blend(s, x + u, y + v, color, cover + (cover >> 7));
        }
    }
}

/* text(x, y, string, rgb): one line of UTF-8 from its top left corner; tells where it ends. */
static int fn_text(lua_State *lua)
{
    static const struct font_memory memory = {font_alloc, font_free, NULL};
    struct module *m = lua_ctx_module(lua);
    struct surface *s = check_surface(lua);
    int64_t x = lua_ctx_whole(lua, 2, -FAR, FAR), y = lua_ctx_whole(lua, 3, -FAR, FAR);
    size_t len;
    const char *text = luaL_checklstring(lua, 4, &len);
    uint32_t color = check_color(lua, 5);
    if (m->font == 0) {
        m->font = font_init(&memory) ? 1 : -1;
    }
    if (m->font < 0) {
        return luaL_error(lua, "there is no font");
    }
    for (size_t i = 0; i < len;) {
        static const uint32_t least[] = {0, 0x80, 0x800, 0x10000};
        uint32_t c = (uint8_t)text[i++], more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0;
        uint32_t code = more > 0 ? c & (0x3fu >> more) : c, n = 0;
        while (n < more && i < len && ((uint8_t)text[i] & 0xc0) == 0x80) {
            code = code << 6 | ((uint8_t)text[i++] & 0x3f);
            n++;
        }
        if (n < more || code < least[more] || (more == 0 && c >= 0x80) || code > 0x10ffff) {
            code = 0xfffd;
        }
        if (x < (int64_t)s->w) {
            draw_glyph(s, x, y, code >= 0x20 ? code : ' ', color);
        }
        x += FONT_W;
    }
    lua_pushinteger(lua, x);
    return 1;
}

/* show(): what was drawn is seen with the next picture. */
static int fn_show(lua_State *lua)
{
    struct surface *s = check_surface(lua);
    struct ctx *ctx = lua_ctx_module(lua)->ctx;
    ctx_status status = ctx->display->damage(ctx->display, s->id, 0, 0, s->w, s->h);
    return status == CTX_OK ? 0 : lua_ctx_fail(lua, "show", status);
}

static int fn_size(lua_State *lua)
{
    struct surface *s = check_surface(lua);
    lua_pushinteger(lua, s->w);
    lua_pushinteger(lua, s->h);
    return 2;
}

/* destroy(), and what the garbage collector calls: once is enough, twice is fine. */
static int fn_destroy(lua_State *lua)
{
    struct surface *s = luaL_checkudata(lua, 1, TYPE);
    if (s->pixels != NULL) {
        struct ctx *ctx = lua_ctx_module(lua)->ctx;
        s->pixels = NULL;
        ctx->display->destroy(ctx->display, s->id);
    }
    return 0;
}

void lua_ctx_open_surface(lua_State *lua)
{
    static const luaL_Reg methods[] = {
        {"pixel", fn_pixel}, {"fill", fn_fill}, {"line", fn_line},       {"text", fn_text},
        {"show", fn_show},   {"size", fn_size}, {"destroy", fn_destroy},
    };
    luaL_newmetatable(lua, TYPE);
    lua_pushcfunction(lua, fn_destroy);
    lua_setfield(lua, -2, "__gc");
    lua_pushboolean(lua, 0);
    lua_setfield(lua, -2, "__metatable"); /* a script has no business with __gc */
    lua_createtable(lua, 0, sizeof methods / sizeof methods[0]);
    for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
        lua_pushcfunction(lua, methods[i].func);
        lua_setfield(lua, -2, methods[i].name);
    }
    lua_setfield(lua, -2, "__index");
    lua_pop(lua, 1);
}
