/* SPDX-License-Identifier: MIT */
/*
 * SDL_blendmode.h - what becomes of a pixel that is drawn over. s is drawn, d was there; rgb and a
 * from 0 to 1:
 *   NONE   d = s
 *   BLEND  d.rgb = s.rgb * s.a + d.rgb * (1 - s.a), d.a = s.a + d.a * (1 - s.a)
 *   ADD    d.rgb = s.rgb * s.a + d.rgb
 *   MOD    d.rgb = s.rgb * d.rgb
 *   MUL    d.rgb = s.rgb * d.rgb + d.rgb * (1 - s.a)
 */
#ifndef SDL_blendmode_h_
#define SDL_blendmode_h_

typedef enum {
    SDL_BLENDMODE_NONE = 0,
    SDL_BLENDMODE_BLEND = 1,
    SDL_BLENDMODE_ADD = 2,
    SDL_BLENDMODE_MOD = 4,
    SDL_BLENDMODE_MUL = 8,
    SDL_BLENDMODE_INVALID = 0x7fffffff,
} SDL_BlendMode;

#endif
