#include <ctx/ctx.h>
int32_t _start(struct ctx *ctx) { static const char t[]="hello"; if (ctx->start_time_ms < 300) ctx->log((const uint8_t*)t, 5); for (uint64_t i=0;i<10000&&i<ctx->fb.len;i++) ctx->fb.pixels[i].r++; return 0; }
