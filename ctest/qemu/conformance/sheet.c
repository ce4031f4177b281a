/* SPDX-License-Identifier: MIT */
/*
 * sdl [WORD...] - a small game in <SDL.h>, of which sdl.py and the runs in QEMU know what it looks
 * like: a sheet with everything that a renderer draws, and a ball that keys, pointer and time move.
 * Words: full, desktop, logical, relative, resizable.
 */
#include <SDL.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define W 320
#define H 200

static SDL_Window *window;
static SDL_Renderer *renderer;
static SDL_Texture *tiles, *stream, *target;
static int ball_x = 160, ball_y = 150, pointer_x = -1, pointer_y = -1, calls, timers;

static void say_error(const char *what)
{
    printf("%s: %s\n", what, SDL_GetError());
}

/* Four tiles of 8 x 8, with a colour key, from memory as a file has them. */
static SDL_Texture *make_tiles(void)
{
    SDL_Surface *s = SDL_CreateRGBSurface(0, 32, 8, 8, 0, 0, 0, 0);
    static const SDL_Color colors[] = {{255, 0, 255, 255},
                                       {220, 60, 50, 255},
                                       {70, 170, 90, 255},
                                       {60, 110, 200, 255},
                                       {240, 200, 80, 255}};
    SDL_SetPaletteColors(s->format->palette, colors, 0, 5);
    for (int y = 0; y < 8; y++) {
        for (int x = 0; x < 32; x++) {
            int u = x % 8 * 2 - 7, v = y * 2 - 7;
            ((Uint8 *)s->pixels)[y * s->pitch + x] = (Uint8)(u * u + v * v > 60 ? 0 : x / 8 + 1);
        }
    }
    SDL_RWops *file = SDL_RWFromFile("/tmp/tiles.bmp", "w+b");
    if (file == NULL || SDL_SaveBMP_RW(s, file, 1) != 0) {
        say_error("tiles.bmp");
    }
    SDL_FreeSurface(s);
    s = SDL_LoadBMP("/tmp/tiles.bmp");
    if (s == NULL || s->format->palette == NULL || s->w != 32) {
        say_error("tiles.bmp");
        return NULL;
    }
    SDL_SetColorKey(s, SDL_TRUE, SDL_MapRGB(s->format, 255, 0, 255));
    SDL_Texture *t = SDL_CreateTextureFromSurface(renderer, s);
    SDL_FreeSurface(s);
    return t;
}

static void make_textures(void)
{
    void *pixels;
    int pitch;
    tiles = make_tiles();
    stream =
        SDL_CreateTexture(renderer, SDL_PIXELFORMAT_RGB565, SDL_TEXTUREACCESS_STREAMING, 16, 16);
    SDL_LockTexture(stream, NULL, &pixels, &pitch);
    for (int y = 0; y < 16; y++) {
        Uint16 *row = (Uint16 *)(void *)((Uint8 *)pixels + y * pitch);
        for (int x = 0; x < 16; x++) {
            row[x] = (Uint16)(x << 12 | y << 2);
        }
    }
    SDL_UnlockTexture(stream);
    target =
        SDL_CreateTexture(renderer, SDL_PIXELFORMAT_RGBA8888, SDL_TEXTUREACCESS_TARGET, 40, 30);
    SDL_SetTextureBlendMode(target, SDL_BLENDMODE_BLEND);
    SDL_SetRenderTarget(renderer, target);
    SDL_SetRenderDrawColor(renderer, 0, 0, 0, 0);
    SDL_RenderClear(renderer);
    SDL_SetRenderDrawColor(renderer, 250, 250, 250, 160);
    SDL_RenderFillRect(renderer, &(SDL_Rect){4, 4, 32, 22});
    SDL_SetRenderDrawColor(renderer, 200, 30, 30, 255);
    SDL_RenderDrawRect(renderer, NULL);
    SDL_SetRenderTarget(renderer, NULL);
}

static void sheet(void)
{
    SDL_SetRenderDrawColor(renderer, 24, 30, 48, 255);
    SDL_RenderClear(renderer);
    SDL_SetRenderDrawColor(renderer, 90, 100, 130, 255);
    for (int i = 0; i <= 8; i++) {
        SDL_RenderDrawLine(renderer, 10, 10, 10 + i * 10, 90);
    }
    SDL_RenderDrawRect(renderer, &(SDL_Rect){100, 10, 60, 30});
    SDL_RenderFillRects(renderer, (const SDL_Rect[]){{104, 14, 10, 22}, {118, 14, 10, 22}}, 2);
    for (int i = 0; i < 4; i++) {
        SDL_Rect from = {i * 8, 0, 8, 8}, to = {100 + i * 20, 50, 16, 16};
        SDL_SetTextureColorMod(tiles, 255, (Uint8)(255 - i * 40), 255);
        SDL_SetTextureAlphaMod(tiles, (Uint8)(255 - i * 50));
        SDL_RenderCopy(renderer, tiles, &from, &to);
    }
    SDL_SetTextureColorMod(tiles, 255, 255, 255);
    SDL_SetTextureAlphaMod(tiles, 255);
    SDL_RenderCopy(renderer, stream, NULL, &(SDL_Rect){190, 10, 48, 48});
    SDL_RenderCopyEx(renderer, stream, NULL, &(SDL_Rect){250, 10, 32, 32}, 0, NULL,
                     SDL_FLIP_HORIZONTAL | SDL_FLIP_VERTICAL);
    SDL_RenderCopyEx(renderer, target, NULL, &(SDL_Rect){250, 60, 40, 30}, 30, NULL, SDL_FLIP_NONE);
    SDL_RenderCopy(renderer, target, NULL, &(SDL_Rect){190, 40, 80, 40});
    SDL_SetRenderDrawBlendMode(renderer, SDL_BLENDMODE_ADD);
    SDL_SetRenderDrawColor(renderer, 60, 40, 0, 255);
    SDL_RenderFillRect(renderer, &(SDL_Rect){60, 40, 120, 40});
    SDL_SetRenderDrawBlendMode(renderer, SDL_BLENDMODE_NONE);
    const SDL_Vertex corners[] = {{{20, 190}, {255, 0, 0, 255}, {0, 0}},
                                  {{60, 110}, {0, 255, 0, 255}, {0, 0}},
                                  {{100, 190}, {0, 0, 255, 255}, {0, 0}}};
    SDL_RenderGeometry(renderer, NULL, corners, 3, NULL, 0);
    SDL_SetRenderDrawColor(renderer, 255, 255, 255, 255);
    SDL_RenderDrawRect(renderer, NULL);
}

static void draw(void)
{
    sheet();
    SDL_Rect ball = {ball_x - 8, ball_y - 8, 16, 16}, from = {24, 0, 8, 8};
    SDL_RenderCopy(renderer, tiles, &from, &ball);
    if (pointer_x >= 0) {
        SDL_SetRenderDrawColor(renderer, 255, 255, 255, 255);
        SDL_RenderDrawLine(renderer, pointer_x - 4, pointer_y, pointer_x + 4, pointer_y);
        SDL_RenderDrawLine(renderer, pointer_x, pointer_y - 4, pointer_x, pointer_y + 4);
    }
    SDL_RenderPresent(renderer);
}

static void audio(void *data, Uint8 *stream_of, int len)
{
    (void)data;
    memset(stream_of, 0, (size_t)len);
    calls++;
}

static Uint32 timer(Uint32 interval, void *data)
{
    (void)data;
    timers++;
    return interval;
}

static void handle(const SDL_Event *e)
{
    switch (e->type) {
    case SDL_KEYDOWN:
        printf("down %s sym=%d mod=%x repeat=%d\n", SDL_GetScancodeName(e->key.keysym.scancode),
               (int)e->key.keysym.sym, e->key.keysym.mod, e->key.repeat);
        break;
    case SDL_KEYUP:
        printf("up %s\n", SDL_GetKeyName(e->key.keysym.sym));
        break;
    case SDL_TEXTINPUT:
        printf("text %s\n", e->text.text);
        break;
    case SDL_MOUSEMOTION:
        pointer_x = e->motion.x;
        pointer_y = e->motion.y;
        printf("motion %d,%d by %d,%d state=%x\n", e->motion.x, e->motion.y, e->motion.xrel,
               e->motion.yrel, (unsigned)e->motion.state);
        break;
    case SDL_MOUSEBUTTONDOWN:
    case SDL_MOUSEBUTTONUP:
        printf("button %d %s clicks=%d at %d,%d\n", e->button.button,
               e->button.state ? "down" : "up", e->button.clicks, e->button.x, e->button.y);
        break;
    case SDL_MOUSEWHEEL:
        printf("wheel %d,%d\n", (int)e->wheel.x, (int)e->wheel.y);
        break;
    case SDL_WINDOWEVENT:
        printf("window %d %d,%d\n", e->window.event, (int)e->window.data1, (int)e->window.data2);
        break;
    default:
        printf("event %x\n", (unsigned)e->type);
        break;
    }
}

/* So many looks at a queue that stays empty, with so much work before each. */
static int look(int count, long work_ns)
{
    while (count-- > 0) {
        struct timespec from, now;
        clock_gettime(CLOCK_MONOTONIC, &from);
        do {
            clock_gettime(CLOCK_MONOTONIC, &now);
        } while ((now.tv_sec - from.tv_sec) * 1000000000L + now.tv_nsec - from.tv_nsec < work_ns);
        SDL_PollEvent(NULL);
    }
    return 0;
}

int main(int argc, char **argv)
{
    Uint32 flags = 0;
    int w = W, h = H, logical = 0, relative = 0, over = 0;
    for (int i = 1; i < argc; i++) {
        flags |= !strcmp(argv[i], "full")        ? SDL_WINDOW_FULLSCREEN
                 : !strcmp(argv[i], "desktop")   ? SDL_WINDOW_FULLSCREEN_DESKTOP
                 : !strcmp(argv[i], "resizable") ? SDL_WINDOW_RESIZABLE
                                                 : 0;
        logical |= !strcmp(argv[i], "logical");
        relative |= !strcmp(argv[i], "relative");
    }
    if (argc > 1 && !strcmp(argv[1], "looks")) {
        return look(1000, 0);
    }
    if (argc > 1 && !strcmp(argv[1], "works")) {
        return look(500, 200000);
    }
    if (SDL_Init(SDL_INIT_VIDEO | SDL_INIT_AUDIO | SDL_INIT_TIMER) != 0) {
        say_error("SDL_Init");
        return 1;
    }
    if (logical) {
        w = 480;
        h = 400;
    }
    window = SDL_CreateWindow("sheet", (int)SDL_WINDOWPOS_CENTERED, (int)SDL_WINDOWPOS_CENTERED, w,
                              h, flags);
    renderer = window != NULL ? SDL_CreateRenderer(window, -1, 0) : NULL;
    if (renderer == NULL) {
        say_error("window");
        return 1;
    }
    if (logical) {
        SDL_RenderSetLogicalSize(renderer, W, H);
    }
    SDL_SetRelativeMouseMode(relative ? SDL_TRUE : SDL_FALSE);
    make_textures();
    SDL_AudioSpec spec = {
        .freq = 11025, .format = AUDIO_S16SYS, .channels = 1, .samples = 441, .callback = audio};
    if (SDL_OpenAudio(&spec, NULL) != 0) {
        say_error("audio");
    }
    SDL_PauseAudio(0);
    SDL_AddTimer(100, timer, NULL);
    int start = (int)SDL_GetTicks();
    while (!over) {
        SDL_Event e;
        while (SDL_PollEvent(&e)) {
            handle(&e);
            over |=
                e.type == SDL_QUIT || (e.type == SDL_KEYDOWN && e.key.keysym.sym == SDLK_ESCAPE);
            if (e.type == SDL_KEYDOWN && e.key.keysym.sym == SDLK_F11) {
                Uint32 full = SDL_GetWindowFlags(window) & SDL_WINDOW_FULLSCREEN;
                SDL_SetWindowFullscreen(window, full ? 0 : SDL_WINDOW_FULLSCREEN_DESKTOP);
            }
        }
        const Uint8 *keys = SDL_GetKeyboardState(NULL);
        ball_x += (keys[SDL_SCANCODE_RIGHT] - keys[SDL_SCANCODE_LEFT]) * 2;
        ball_y += (keys[SDL_SCANCODE_DOWN] - keys[SDL_SCANCODE_UP]) * 2;
        draw();
        SDL_Delay(10);
    }
    int ms = (int)SDL_GetTicks() - start;
    fprintf(stderr, "%d ms, %d calls, %d timers\n", ms, calls, timers);
    printf("audio %s, timer %s\n",
           calls * 40 <= ms + 200 && calls * 40 + 200 >= ms ? "in time" : "not in time",
           timers * 100 <= ms && timers * 100 + 300 >= ms ? "in time" : "not in time");
    SDL_Quit();
    return 0;
}
