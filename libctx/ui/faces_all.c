/* SPDX-License-Identifier: MIT */
#include <ctx/theme.h>
#include <stddef.h>

static const struct ctx_font *const sans[] = {
    &ctx_font_sans_13, &ctx_font_sans_15, &ctx_font_sans_18, &ctx_font_sans_22,
    &ctx_font_sans_26, &ctx_font_sans_30, &ctx_font_sans_36, NULL};
static const struct ctx_font *const bold[] = {
    &ctx_font_bold_13, &ctx_font_bold_15, &ctx_font_bold_18, &ctx_font_bold_22,
    &ctx_font_bold_26, &ctx_font_bold_30, &ctx_font_bold_36, NULL};
static const struct ctx_font *const mono[] = {&ctx_font_mono_16, &ctx_font_mono_24,
                                              &ctx_font_mono_32, &ctx_font_mono_64, NULL};

const struct ctx_faces ctx_faces_all = {sans, bold, mono};
