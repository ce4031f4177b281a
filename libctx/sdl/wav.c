/* SPDX-License-Identifier: MIT */
/* Sounds from files, and mixing them. */
#include "private.h"

#define RIFF SDL_FOURCC('R', 'I', 'F', 'F')
#define WAVE SDL_FOURCC('W', 'A', 'V', 'E')
#define FMT  SDL_FOURCC('f', 'm', 't', ' ')
#define DATA SDL_FOURCC('d', 'a', 't', 'a')

static SDL_AudioFormat format_of(uint32_t code, uint32_t bits)
{
    if (code == 3) {
        return bits == 32 ? AUDIO_F32 : 0;
    }
    return code != 1 && code != 0xfffe ? 0
           : bits == 8                 ? AUDIO_U8
           : bits == 16                ? AUDIO_S16
           : bits == 32                ? AUDIO_S32
                                       : 0;
}

/* False, and an error. */
static bool read_format(SDL_RWops *in, SDL_AudioSpec *spec)
{
    uint32_t code = SDL_ReadLE16(in), channels = SDL_ReadLE16(in), rate = SDL_ReadLE32(in);
    SDL_ReadLE32(in);
    SDL_ReadLE16(in);
    uint32_t bits = SDL_ReadLE16(in);
    *spec = (SDL_AudioSpec){.freq = (int)rate,
                            .format = format_of(code, bits),
                            .channels = (Uint8)channels,
                            .samples = 4096};
    if (spec->format == 0 || channels == 0 || channels > 8 || rate == 0 || rate > 768000) {
        SDL_SetError("WAVE: coding %u with %u bits, %u channels, %u samples a second is not known",
                     (unsigned)code, (unsigned)bits, (unsigned)channels, (unsigned)rate);
        return false;
    }
    spec->silence = spec->format == AUDIO_U8 ? 0x80 : 0;
    return true;
}

static bool load(SDL_RWops *in, SDL_AudioSpec *spec, Uint8 **buffer, Uint32 *len)
{
    bool known = false;
    uint32_t riff = SDL_ReadLE32(in);
    SDL_ReadLE32(in);
    if (riff != RIFF || SDL_ReadLE32(in) != WAVE) {
        SDL_SetError("it is no RIFF WAVE file");
        return false;
    }
    for (;;) {
        uint32_t kind = SDL_ReadLE32(in), bytes = SDL_ReadLE32(in);
        Sint64 at = SDL_RWtell(in), size = SDL_RWsize(in);
        if (kind == 0 || at < 0) {
            SDL_SetError("WAVE: the file ends before its samples");
            return false;
        }
        if (kind == FMT) {
            known = read_format(in, spec);
            if (!known) {
                return false;
            }
        }
        if (kind == DATA) {
            if (!known) {
                SDL_SetError("WAVE: samples of no format");
                return false;
            }
            uint64_t left = size > at ? (uint64_t)(size - at) : 0;
            bytes = left < bytes ? (uint32_t)left : bytes; /* cut short */
            Uint8 *samples = malloc(bytes > 0 ? bytes : 1);
            if (samples == NULL) {
                SDL_OutOfMemory();
                return false;
            }
            *buffer = samples;
            *len = (Uint32)SDL_RWread(in, samples, 1, bytes);
            spec->size = *len;
            return true;
        }
        if (SDL_RWseek(in, at + bytes + (bytes & 1), RW_SEEK_SET) < 0) {
            return false;
        }
    }
}

SDL_AudioSpec *SDL_LoadWAV_RW(SDL_RWops *from, int close, SDL_AudioSpec *spec, Uint8 **buffer,
                              Uint32 *len)
{
    if (from == NULL) {
        return NULL;
    }
    *buffer = NULL;
    *len = 0;
    bool fine = load(from, spec, buffer, len);
    if (close) {
        SDL_RWclose(from);
    }
    return fine ? spec : NULL;
}

void SDL_FreeWAV(Uint8 *buffer)
{
    free(buffer);
}

int SDL_BuildAudioCVT(SDL_AudioCVT *cvt, SDL_AudioFormat from_format, Uint8 from_channels,
                      int from_rate, SDL_AudioFormat to_format, Uint8 to_channels, int to_rate)
{
    *cvt = (SDL_AudioCVT){.src_format = from_format,
                          .dst_format = to_format,
                          .len_mult = 1,
                          .len_ratio = 1,
                          .rate_incr = 1};
    if (from_format != to_format || from_channels != to_channels || from_rate != to_rate) {
        return SDL_SetError("sound is not converted: nobody hears it");
    }
    return 0;
}

int SDL_ConvertAudio(SDL_AudioCVT *cvt)
{
    cvt->len_cvt = cvt->len;
    return cvt->src_format == cvt->dst_format ? 0 : SDL_Unsupported();
}

static int clamp(int value, int least, int most)
{
    return value < least ? least : value > most ? most : value;
}

void SDL_MixAudioFormat(Uint8 *to, const Uint8 *from, SDL_AudioFormat format, Uint32 len,
                        int volume)
{
    volume = clamp(volume, 0, SDL_MIX_MAXVOLUME);
    if (format == AUDIO_U8) {
        for (Uint32 i = 0; i < len; i++) {
            to[i] = (Uint8)(clamp(to[i] - 128 + (from[i] - 128) * volume / SDL_MIX_MAXVOLUME, -128,
                                  127) +
                            128);
        }
    } else if (format == AUDIO_S8) {
        for (Uint32 i = 0; i < len; i++) {
            to[i] =
                (Uint8)clamp((Sint8)to[i] + (Sint8)from[i] * volume / SDL_MIX_MAXVOLUME, -128, 127);
        }
    } else if (format == AUDIO_S16) {
        for (Uint32 i = 0; i + 1 < len; i += 2) {
            Sint16 a, b;
            memcpy(&a, to + i, 2);
            memcpy(&b, from + i, 2);
            a = (Sint16)clamp(a + b * volume / SDL_MIX_MAXVOLUME, INT16_MIN, INT16_MAX);
            memcpy(to + i, &a, 2);
        }
    } else if (format == AUDIO_F32) {
        for (Uint32 i = 0; i + 3 < len; i += 4) {
            float a, b;
            memcpy(&a, to + i, 4);
            memcpy(&b, from + i, 4);
            a += b * (float)volume / SDL_MIX_MAXVOLUME;
            a = a < -1 ? -1 : a > 1 ? 1 : a;
            memcpy(to + i, &a, 4);
        }
    }
}

void SDL_MixAudio(Uint8 *to, const Uint8 *from, Uint32 len, int volume)
{
    SDL_MixAudioFormat(to, from, AUDIO_S16, len, volume);
}
