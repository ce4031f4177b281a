// @NAME@ - an app in C++ without its library: no exceptions, no RTTI, no constructors of static objects.
#include <ctx/ctx.h>
#include <ctx/note.h>

CTX_NOTE(3); // made for version 3 of the Context

namespace {

constexpr uint32_t width = 320, height = 200;

struct Ball {
    int32_t x, y, dx, dy;

    void move()
    {
        x += dx;
        y += dy;
        dx = x < 8 || x > int32_t(width) - 8 ? -dx : dx;
        dy = y < 8 || y > int32_t(height) - 8 ? -dy : dy;
    }
};

struct App {
    uint32_t surface;
    uint32_t *pixels;
    Ball ball;

    bool begin(ctx *c)
    {
        if (c->display->create(c->display, width, height, CTX_SURFACE_RGBX, 0, &surface) != CTX_OK) {
            return false;
        }
        pixels = static_cast<uint32_t *>(c->display->pixels(c->display, surface));
        return true;
    }

    void draw(ctx *c)
    {
        ball.move();
        for (uint32_t y = 0; y < height; y++) {
            for (uint32_t x = 0; x < width; x++) {
                int32_t dx = int32_t(x) - ball.x, dy = int32_t(y) - ball.y;
                pixels[y * width + x] = dx * dx + dy * dy < 64 ? 0x66ccff : 0x402820;
            }
        }
        c->display->damage(c->display, surface, 0, 0, width, height);
    }
};

constinit App app{0, nullptr, {100, 60, 3, 2}};

} // namespace

extern "C" int32_t _start(ctx *c)
{
    if (app.pixels == nullptr && !app.begin(c)) {
        return CTX_EXIT(1);
    }
    app.draw(c);
    return CTX_AGAIN; // once more with the next frame
}
