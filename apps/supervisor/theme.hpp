/* SPDX-License-Identifier: MIT */
/* Colours and measures. */
#ifndef SUPERVISOR_THEME_HPP
#define SUPERVISOR_THEME_HPP

#include "model.hpp"

#include <palette.hpp>

constexpr int32_t wide = 1040; /* from this width on there are bars, and all columns */

constexpr Color mood_color(Mood mood)
{
    switch (mood) {
    case Mood::gone:
    case Mood::stopped:
        return dim;
    case Mood::paused:
    case Mood::needs:
        return blue;
    case Mood::waiting:
    case Mood::running:
        return green;
    case Mood::flooding:
        return violet;
    case Mood::overrunning:
        return amber;
    case Mood::restarting:
        return orange;
    case Mood::faulted:
        return red;
    }
    return plain;
}

#endif
