/* SPDX-License-Identifier: MIT */
/* Points and rectangles. Pure. */
#include "SDL_rect.h"

#include <stdbool.h>

SDL_bool SDL_HasIntersection(const SDL_Rect *a, const SDL_Rect *b)
{
    SDL_Rect r;
    return SDL_IntersectRect(a, b, &r);
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

SDL_bool SDL_IntersectRect(const SDL_Rect *a, const SDL_Rect *b, SDL_Rect *out)
{
    int64_t left = larger(a->x, b->x), top = larger(a->y, b->y);
    int64_t right = smaller((int64_t)a->x + a->w, (int64_t)b->x + b->w);
    int64_t bottom = smaller((int64_t)a->y + a->h, (int64_t)b->y + b->h);
    bool some = left < right && top < bottom && !SDL_RectEmpty(a) && !SDL_RectEmpty(b);
    *out = (SDL_Rect){(int)left, (int)top, some ? (int)(right - left) : 0,
                      some ? (int)(bottom - top) : 0};
    return some ? SDL_TRUE : SDL_FALSE;
}

void SDL_UnionRect(const SDL_Rect *a, const SDL_Rect *b, SDL_Rect *out)
{
    if (SDL_RectEmpty(a) || SDL_RectEmpty(b)) {
        *out = !SDL_RectEmpty(a) ? *a : !SDL_RectEmpty(b) ? *b : (SDL_Rect){0, 0, 0, 0};
        return;
    }
    int64_t left = smaller(a->x, b->x), top = smaller(a->y, b->y);
    int64_t right = larger((int64_t)a->x + a->w, (int64_t)b->x + b->w);
    int64_t bottom = larger((int64_t)a->y + a->h, (int64_t)b->y + b->h);
    *out = (SDL_Rect){(int)left, (int)top, (int)smaller(right - left, INT32_MAX),
                      (int)smaller(bottom - top, INT32_MAX)};
}

SDL_bool SDL_EnclosePoints(const SDL_Point *points, int count, const SDL_Rect *clip, SDL_Rect *out)
{
    SDL_bool found = SDL_FALSE;
    SDL_Rect all = {0, 0, 0, 0};
    for (int i = 0; i < count; i++) {
        if (clip == NULL || SDL_PointInRect(&points[i], clip)) {
            SDL_Rect one = {points[i].x, points[i].y, 1, 1};
            SDL_UnionRect(&all, &one, &all);
            found = SDL_TRUE;
        }
    }
    if (found && out != NULL) {
        *out = all;
    }
    return found;
}

/* What part of the line, from t[0] to t[1], lies at the right side of one edge. */
static bool cut(double p, double q, double t[2])
{
    if (p == 0) {
        return q >= 0;
    }
    double at = q / p;
    if (p < 0) {
        t[0] = at > t[0] ? at : t[0];
    } else {
        t[1] = at < t[1] ? at : t[1];
    }
    return t[0] <= t[1];
}

SDL_bool SDL_IntersectRectAndLine(const SDL_Rect *r, int *x1, int *y1, int *x2, int *y2)
{
    double t[2] = {0, 1}, x = *x1, y = *y1;
    double dx = (double)*x2 - x, dy = (double)*y2 - y;
    if (SDL_RectEmpty(r) || !cut(-dx, x - r->x, t) || !cut(dx, (double)r->x + r->w - 1 - x, t) ||
        !cut(-dy, y - r->y, t) || !cut(dy, (double)r->y + r->h - 1 - y, t)) {
        return SDL_FALSE;
    }
    *x1 = (int)lround(x + t[0] * dx);
    *y1 = (int)lround(y + t[0] * dy);
    *x2 = (int)lround(x + t[1] * dx);
    *y2 = (int)lround(y + t[1] * dy);
    return SDL_TRUE;
}
