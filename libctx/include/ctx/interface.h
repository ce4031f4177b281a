/* SPDX-License-Identifier: MIT */
/*
 * <ctx/interface.h> - the descriptor of an interface: what an app that offers functions to others
 * says about them, so that the system can check and copy every argument of a call between two apps
 * that do not trust one another. `ctx idl` makes descriptors, tables and skeletons from one text;
 * this header has the bits.
 *
 * A descriptor is a header and `count` functions, flat: no pointer, nothing outside `size` bytes.
 * It is at a multiple of 8, all numbers are little-endian. An interface grows at its end only: a
 * function's place, its name and what it takes never change; whatever would have to, gets the next
 * number behind the slash of the id, and the old one stays served.
 */
#ifndef CTX_INTERFACE_H
#define CTX_INTERFACE_H

#include <ctx/base.h>
#include <ctx/status.h>

#ifdef __cplusplus
extern "C" {
#endif

#define CTX_INTERFACE_VERSION    1u
#define CTX_INTERFACE_FNS        126u /* as many as a table has room for */
#define CTX_INTERFACE_ARGS       5u   /* in registers, behind the table or the provider's ctx */
#define CTX_INTERFACE_ID         63u  /* bytes of an id at most */
#define CTX_INTERFACE_NAME       31u  /* bytes of a function's name */
#define CTX_INTERFACE_STRUCT_MAX 0x4000u

/* ctx_interface.flags: only apps whose line says use=ID may call it; others get DENIED. */
#define CTX_INTERFACE_NEEDS_GRANT 1u

/*
 * ctx_interface_arg.kind: what a consumer passes, and what the provider's function finds at the
 * same place.
 */
enum ctx_interface_kind {
    /* A number; the same number. */
    CTX_INTERFACE_U32 = 1,
    CTX_INTERFACE_U64 = 2,

    /*
     * The address of bytes, followed by a U32, how many. The provider gets the address of a copy on
     * its own stack; one of OUT is zeroed, and goes back when the function returns a status that is
     * not negative.
     */
    CTX_INTERFACE_IN = 3,
    CTX_INTERFACE_OUT = 4,

    /*
     * The address of a struct that begins with a u32, its size. A smaller one than `first` is
     * INVAL; one that is larger than `size` must end in zeroes, else TOOBIG. The provider gets
     * `size` bytes, zero behind what the consumer knew of.
     */
    CTX_INTERFACE_IN_STRUCT = 5,

    /* Likewise, zeroed but for its size; the consumer gets as much as it has room for. */
    CTX_INTERFACE_OUT_STRUCT = 6,

    /* The address of one number of 4 or 8 bytes; as OUT. */
    CTX_INTERFACE_OUT4 = 7,
    CTX_INTERFACE_OUT8 = 8,

    /* A struct that goes in and comes back: IN_STRUCT and OUT_STRUCT in one. */
    CTX_INTERFACE_INOUT_STRUCT = 10,

    /*
     * A handle of ctx.share/1; the provider gets a handle of its own to the same share, with the
     * rights that `flags` says, which it closes when it likes.
     */
    CTX_INTERFACE_SHARE = 11,

    /*
     * The address of a u64; the provider gets a number by value. It is what each of the two calls a
     * request that goes on when the function has returned PENDING (ctx.service/1). At most one in a
     * function.
     */
    CTX_INTERFACE_REQUEST = 12,
};

/* ctx_interface_arg.flags of a SHARE: the provider may write to it. */
#define CTX_INTERFACE_WRITE 1u

struct ctx_interface_arg {
    uint8_t kind;
    uint8_t flags;
    uint16_t first; /* *_STRUCT: bytes of the smallest that any version had; 8 at least */
    uint16_t size;  /* *_STRUCT: bytes of the one that the provider knows */
    uint16_t rsv;   /* 0 */
};

struct ctx_interface_fn {
    uint8_t name[32]; /* [a-z][a-z0-9_]*, NUL-padded */
    uint8_t count;    /* of args[]; the others are 0 */
    uint8_t rsv[7];   /* 0 */
    struct ctx_interface_arg args[CTX_INTERFACE_ARGS];
};

struct ctx_interface {
    uint32_t size;    /* of all of it, in bytes */
    uint16_t version; /* CTX_INTERFACE_VERSION */
    uint16_t count;   /* of functions; 1 at least */
    uint32_t flags;   /* CTX_INTERFACE_* */
    uint16_t head;    /* bytes before the first function: sizeof(struct ctx_interface) */
    uint16_t fn_size; /* from one function to the next: sizeof(struct ctx_interface_fn) */
    uint8_t id[64];   /* "org.example.chat/1", NUL-padded */
};

CTX_STATIC_ASSERT(sizeof(struct ctx_interface_arg) == 8, "ctx_interface_arg");
CTX_STATIC_ASSERT(sizeof(struct ctx_interface_fn) == 80, "ctx_interface_fn");
CTX_STATIC_ASSERT(sizeof(struct ctx_interface) == 80, "ctx_interface");

/* The interface's functions. */
static inline const struct ctx_interface_fn *ctx_interface_fns(const struct ctx_interface *i)
{
    return (const struct ctx_interface_fn *)((const uint8_t *)i + i->head);
}

/* What is wrong with a descriptor. */
struct ctx_interface_error {
    const char *field;  /* of the structs above; static, never NULL */
    const char *reason; /* static, never NULL */
    uint32_t fn, arg; /* which function and argument, from 0; all ones: the header, the function */
};

/*
 * Whether len bytes are a descriptor that keeps all the rules above, to the last byte. at: any
 * address. False: *error says which rule. Reads nothing outside, whatever the bytes say.
 */
int32_t ctx_interface_check(const void *at, uint32_t len, struct ctx_interface_error *error);

/*
 * Whether text is an id: dotted parts of [a-z0-9_-], each beginning with a letter, a slash, and a
 * revision from 1 on without leading zeroes; CTX_INTERFACE_ID bytes at most. "ctx.log/1",
 * "org.example.chat/12".
 */
int32_t ctx_interface_is_id(const char *text, uint32_t len);

#ifdef __cplusplus
}
#endif
#endif
