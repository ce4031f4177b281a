/* SPDX-License-Identifier: MIT */
/* Colours and measures that all panels share. */
#ifndef PANEL_PALETTE_HPP
#define PANEL_PALETTE_HPP

#include "canvas.hpp"

constexpr Color ground = rgb(0x141829), raised = rgb(0x1c2239), sunken = rgb(0x0e1120),
                line_color = rgb(0x2c3454), edge = rgb(0x46507a), chosen_ground = rgb(0x2a3560),
                hover_ground = rgb(0x1f2642), bright = rgb(0xeceef8), plain = rgb(0xc3c9e0),
                dim = rgb(0x8b94b4), faint = rgb(0x68718f), accent = rgb(0x60e8d0),
                green = rgb(0x5dd39e), amber = rgb(0xffb454), orange = rgb(0xff8a4c),
                red = rgb(0xff5f6d), blue = rgb(0x6cb6ff), violet = rgb(0xc39bff);

constexpr int32_t margin = 24, title_h = 52, footer_h = 48, row_h = 30, small_row_h = 26,
                  columns_h = 34;

#endif
