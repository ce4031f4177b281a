/* SPDX-License-Identifier: MIT */
/*
 * Prints today's layout of every struct that crosses between an app and the kernel, one field per
 * line: struct, offset, size, field, type. Compiled as C and as C++, by every compiler there is;
 * that the type is really the one that is printed is checked by the compiler. abi.py compares the
 * lines with the golden ones.
 */
#include <ctx/ctx.h>

#include <stdio.h>

#ifdef __cplusplus
#include <type_traits>
#define SAME_TYPE(s, field, ...)                                                                   \
    static_assert(std::is_same<decltype(s::field), __VA_ARGS__>::value, #s "." #field)
#else
#define SAME_TYPE(s, field, ...)                                                                   \
    _Static_assert(__builtin_types_compatible_p(__typeof__(((struct s *)0)->field), __VA_ARGS__),  \
                   #s "." #field)
#endif

#define FIELD(s, field, ...)                                                                       \
    do {                                                                                           \
        SAME_TYPE(s, field, __VA_ARGS__);                                                          \
        printf("%s %zu %zu %s %s\n", #s, offsetof(struct s, field),                                \
               sizeof(((struct s *)0)->field), #field, #__VA_ARGS__);                              \
    } while (0)

/* How long the struct is: abi.py looks that no field was left out. Not part of the golden lines,
 * which are a prefix. */
#define SIZE(s) printf("%s sizeof %zu\n", #s, sizeof(struct s))

int main(void)
{
    FIELD(ctx_rgba, r, uint8_t);
    FIELD(ctx_rgba, g, uint8_t);
    FIELD(ctx_rgba, b, uint8_t);
    FIELD(ctx_rgba, a, uint8_t);
    SIZE(ctx_rgba);

    FIELD(ctx_fb, pixels, struct ctx_rgba *);
    FIELD(ctx_fb, len, uint64_t);
    FIELD(ctx_fb, w, uint64_t);
    FIELD(ctx_fb, h, uint64_t);
    SIZE(ctx_fb);

    FIELD(ctx_key_event, down, uint8_t);
    FIELD(ctx_key_event, rsv, uint8_t[7]);
    FIELD(ctx_key_event, code, uint64_t);
    SIZE(ctx_key_event);

    FIELD(ctx_input, mx, uint64_t);
    FIELD(ctx_input, my, uint64_t);
    FIELD(ctx_input, keys, uint8_t[1024]);
    FIELD(ctx_input, last, uint64_t);
    FIELD(ctx_input, ring, struct ctx_key_event[64]);
    SIZE(ctx_input);

    FIELD(ctx, version, uint8_t);
    FIELD(ctx, rsv0, uint8_t[7]);
    FIELD(ctx, start_time_ms, uint64_t);
    FIELD(ctx, log, void (*)(const uint8_t *, uint32_t));
    FIELD(ctx, pid, uint64_t);
    FIELD(ctx, fb, struct ctx_fb);
    FIELD(ctx, alloc, void *(*)(uint64_t, uint64_t));
    FIELD(ctx, dealloc, void (*)(void *, uint64_t, uint64_t));
    FIELD(ctx, store, void **);
    FIELD(ctx, input, const struct ctx_input *);
    FIELD(ctx, size, uint32_t);
    FIELD(ctx, epoch, uint32_t);
    FIELD(ctx, rsv1, uint64_t);
    FIELD(ctx, iface, const struct ctx_iface *);
    FIELD(ctx, time, const struct ctx_time *);
    FIELD(ctx, mem, const struct ctx_mem *);
    FIELD(ctx, display, const struct ctx_display *);
    FIELD(ctx, events, const struct ctx_events *);
    SIZE(ctx);
    return 0;
}
