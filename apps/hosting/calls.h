/* SPDX-License-Identifier: MIT */
/*
 * Calls that a host is given (struct ctx_host_call): what their arguments are, which words mean
 * them, and how they are written down: as the kernel's own `instrument=trace` does, with the text
 * of an argument that is one.
 */
#ifndef HOSTING_CALLS_H
#define HOSTING_CALLS_H

#include <ctx/ctx.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Where the call's text is, if one of its arguments is bytes that are read: *at in the child's
 * memory, *len bytes. 0: it has none.
 */
int calls_bytes(const struct ctx_host_call *call, uint64_t *at, uint32_t *len);

/*
 * "mem.free(0x1000, 50000, 16) = INVAL" for this result; text (text_len bytes, may be 0) stands in
 * the place of the bytes that calls_bytes() tells, in quotes. Always terminated, cut at size - 1,
 * size at least 1. Returns the length.
 */
size_t calls_write(char *out, size_t size, const struct ctx_host_call *call, uint64_t result,
                   const char *text, uint32_t text_len);

/* Only what the result is: "OK", "0x1000", "" for a function that returns nothing. */
size_t calls_write_result(char *out, size_t size, uint32_t returns, uint64_t result);

/*
 * Whether one of the words, separated by commas, means the call: a function ("alloc", "mem.alloc"),
 * a table by its name ("mem") or its id ("ctx.log/1"), or "all" (also "trace"). What apps offer is
 * meant by its id alone, or with one function behind it ("org.example.chat/1.say"): an app's
 * "org.example.mem/1" is not what "mem" means.
 */
int calls_mean(const char *words, size_t len, const struct ctx_host_call *call);

/* The same by the function's full name and its table's id, "" for none. */
int calls_mean_name(const char *words, size_t len, const char *name, const char *table);

/*
 * Whether such a list can mean anything: *at and *bytes are the first word that can not. A word
 * with a slash is the id of an interface, which any app may offer. NULL: it can; else why not.
 */
const char *calls_words_wrong(const char *words, size_t len, size_t *at, size_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
