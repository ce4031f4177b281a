/* SPDX-License-Identifier: MIT */
/* Colours and measures that all panels share: the theme's colours, and four more that tell states
 * apart, as muted as its own. */
#ifndef PANEL_PALETTE_HPP
#define PANEL_PALETTE_HPP

#include "canvas.hpp"

#include <ctx/theme.h>

namespace theme
{
#define PANEL_COLOR(name, usual, contrast) constexpr Color name = rgb(usual);
CTX_THEME_COLORS(PANEL_COLOR)
#undef PANEL_COLOR
} // namespace theme

constexpr Color ground = theme::window, raised = theme::panel, sunken = theme::field,
                line_color = theme::line, edge = theme::thumb, chosen_ground = theme::select,
                hover_ground = theme::press, cap_ground = theme::control, bright = theme::text,
                plain = mix(theme::text, theme::muted, 110), dim = theme::muted,
                faint = theme::disabled, accent = theme::accent, green = theme::good,
                amber = theme::warn, orange = rgb(0xe08b4c), red = theme::danger,
                blue = rgb(0x86aecb), violet = rgb(0xb79fd1);

constexpr int32_t margin = 24, title_h = 52, footer_h = 48, row_h = 30, small_row_h = 26,
                  columns_h = 34;

#endif
