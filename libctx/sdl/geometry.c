/* SPDX-License-Identifier: MIT */
/* Triangles: a pixel is drawn whose middle lies inside; of two that touch one of them has it. */
#include "render.h"

struct corner {
    double x, y, u, v; /* pixels; texels */
    double c[4];
};

static struct corner corner_of(const struct sdl_target *t, const SDL_Texture *texture,
                               const SDL_Vertex *v)
{
    return (struct corner){
        .x = (double)t->x + (double)v->position.x * (double)t->scale_x,
        .y = (double)t->y + (double)v->position.y * (double)t->scale_y,
        .u = texture != NULL ? (double)v->tex_coord.x * texture->w : 0,
        .v = texture != NULL ? (double)v->tex_coord.y * texture->h : 0,
        .c = {v->color.r, v->color.g, v->color.b, v->color.a},
    };
}

static double side(const struct corner *a, const struct corner *b, double x, double y)
{
    return (b->x - a->x) * (y - a->y) - (b->y - a->y) * (x - a->x);
}

/* Of a triangle that goes round clockwise: upper and left edges are its own. */
static bool owns(const struct corner *a, const struct corner *b, double w)
{
    double dx = b->x - a->x, dy = b->y - a->y;
    return w > 0 || (w == 0 && (dy < 0 || (dy == 0 && dx > 0)));
}

static uint32_t texel(const SDL_Texture *texture, double u, double v)
{
    int x = (int)floor(u), y = (int)floor(v);
    x = SDL_clamp(x, 0, texture->w - 1);
    y = SDL_clamp(y, 0, texture->h - 1);
    return texture->pixels[(ptrdiff_t)y * texture->w + x];
}

static void triangle(const SDL_Renderer *r, const struct sdl_target *t, const SDL_Texture *texture,
                     const struct corner *a, const struct corner *b, const struct corner *c)
{
    double area = side(a, b, c->x, c->y);
    if (area == 0 || area != area) {
        return;
    }
    if (area < 0) {
        const struct corner *swap = b;
        b = c;
        c = swap;
        area = -area;
    }
    double left = SDL_max(SDL_min(SDL_min(a->x, b->x), c->x), t->clip.x);
    double top = SDL_max(SDL_min(SDL_min(a->y, b->y), c->y), t->clip.y);
    double right = SDL_min(SDL_max(SDL_max(a->x, b->x), c->x), t->clip.x + t->clip.w);
    double bottom = SDL_min(SDL_max(SDL_max(a->y, b->y), c->y), t->clip.y + t->clip.h);
    for (int y = (int)floor(top); y < bottom; y++) {
        for (int x = (int)floor(left); x < right; x++) {
            double px = x + 0.5, py = y + 0.5;
            double wa = side(b, c, px, py), wb = side(c, a, px, py), wc = side(a, b, px, py);
            if (!owns(b, c, wa) || !owns(c, a, wb) || !owns(a, b, wc)) {
                continue;
            }
            uint32_t color = 0;
            for (int i = 0; i < 4; i++) {
                double k = (a->c[i] * wa + b->c[i] * wb + c->c[i] * wc) / area;
                color |= (uint32_t)(SDL_clamp(k, 0, 255) + 0.5) << 8 * i;
            }
            uint32_t s = color;
            if (texture != NULL) {
                s = texel(texture, (a->u * wa + b->u * wb + c->u * wc) / area,
                          (a->v * wa + b->v * wb + c->v * wc) / area);
                s = sdl_modulate(sdl_modulate(s, texture->mod), color);
            }
            uint32_t *to = &t->pixels[(ptrdiff_t)y * t->w + x];
            if (x >= t->clip.x && y >= t->clip.y) {
                *to = sdl_blend(s, *to, texture != NULL ? texture->mode : r->mode);
            }
        }
    }
}

int SDL_RenderGeometry(SDL_Renderer *r, SDL_Texture *texture, const SDL_Vertex *vertices,
                       int vertex_count, const int *indices, int index_count)
{
    struct sdl_target t;
    int count = indices != NULL ? index_count : vertex_count;
    if (!sdl_target(r, &t) || (texture != NULL && texture->renderer != r)) {
        return SDL_SetError("the texture is not this renderer's");
    }
    for (int i = 0; i < count; i++) {
        if (indices != NULL && (indices[i] < 0 || indices[i] >= vertex_count)) {
            return SDL_SetError("index %d is %d, and there are %d vertices", i, indices[i],
                                vertex_count);
        }
    }
    for (int i = 0; i + 2 < count; i += 3) {
        struct corner k[3];
        for (int j = 0; j < 3; j++) {
            k[j] = corner_of(&t, texture, &vertices[indices != NULL ? indices[i + j] : i + j]);
        }
        triangle(r, &t, texture, &k[0], &k[1], &k[2]);
    }
    return 0;
}
