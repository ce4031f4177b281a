/* SPDX-License-Identifier: MIT */
/*
 * The tables of the Context that this kernel offers: all that libctx/abi/context.toml describes, in
 * its order. Each is a GATE_TABLE() called ctx_NAME_table in the room that it is about (see
 * context/gate.h), ctx.display in screen/ctx_display.c; one that nobody has made does not link.
 */
#include "gate.h"

#define DECLARED(name) extern const struct gate_table ctx_##name##_table;
#define OFFERED(name)  &ctx_##name##_table,

CTX_EACH_TABLE(DECLARED)

const struct gate_table *const gate_tables[] = {CTX_EACH_TABLE(OFFERED) NULL};
