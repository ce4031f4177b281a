/* SPDX-License-Identifier: MIT */
/* What the controls share. */
#ifndef LIBCTX_UI_UI_H
#define LIBCTX_UI_UI_H

#include <ctx/ui.h>
#include <stdint.h>

void ui_damage(struct ctx_ui *ui, struct ctx_rect r);

/* The open menu: finds out what was chosen, and draws it. At the end of a pass; all: of one that
 * drew everything. */
void ui_popup(struct ctx_ui *ui, uint32_t all);
/* Open one below or above a rectangle; row is the first that is pointed at. */
void ui_popup_open(struct ctx_ui *ui, uint32_t id, struct ctx_rect from, uint32_t row);
/* In each pass: its rows. Answers the row that was chosen, or CTX_UI_NO_ROW. */
uint32_t ui_popup_rows(struct ctx_ui *ui, uint32_t id, const struct ctx_ui_item *items,
                       uint32_t count);

/* One row of a list or menu, into draw's clip. flags: ON (chosen), HOVER. */
void ui_draw_row(const struct ctx_ui *ui, struct ctx_rect r, const struct ctx_ui_item *item,
                 int icons, uint32_t flags);
uint32_t ui_mix_item(uint32_t look, const struct ctx_ui_item *item);

/* Where what is chosen begins and ends. */
uint32_t ui_field_from(const struct ctx_ui_field *f);
uint32_t ui_field_to(const struct ctx_ui_field *f);

/* 1: it is the second click on `id` in short time. */
int ui_double_click(struct ctx_ui *ui, uint32_t id);

#endif
