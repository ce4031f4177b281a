/* SPDX-License-Identifier: MIT */
/* The table ctx.image/1, for ctx_drafts.c. */
#ifndef KERNEL_CTX_IMAGE_H
#define KERNEL_CTX_IMAGE_H

#include "gate.h"

#define CTX_IMAGE_FNS 6u

extern gate_fn *const ctx_image_fns[CTX_IMAGE_FNS];

#endif
