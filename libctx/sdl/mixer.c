/* SPDX-License-Identifier: MIT */
/* SDL_mixer over silence: what plays has an end in time, and that is all there is of it. */
#include "SDL_mixer.h"

#include "private.h"

#define CHANNELS_MOST 64
#define MUSIC_MS      60000u /* how long one is taken to be */

struct Mix_Music {
    Mix_MusicType type;
};

struct channel {
    Mix_Chunk *chunk; /* NULL: free */
    Uint64 end;       /* ticks; UINT64_MAX: never */
    Uint64 left;      /* while it is paused */
    bool paused;
    int volume;
};

static struct {
    SDL_AudioDeviceID device; /* 0: closed */
    SDL_AudioSpec spec;
    struct channel channels[CHANNELS_MOST], music;
    int count, reserved;
    void (*finished)(int);
    void (*music_finished)(void);
    void (*hook)(void *, Uint8 *, int);
    void (*post)(void *, Uint8 *, int);
    void *hook_data, *post_data;
} state = {.count = MIX_CHANNELS};

static void callback(void *data, Uint8 *stream, int len)
{
    (void)data;
    memset(stream, state.spec.silence, (size_t)len);
    if (state.hook != NULL) {
        state.hook(state.hook_data, stream, len);
    }
    if (state.post != NULL) {
        state.post(state.post_data, stream, len);
    }
}

int Mix_Init(int flags)
{
    return flags;
}

void Mix_Quit(void) {}

int Mix_OpenAudioDevice(int frequency, Uint16 format, int channels, int samples, const char *device,
                        int allowed_changes)
{
    SDL_AudioSpec wanted = {.freq = frequency,
                            .format = format,
                            .channels = (Uint8)channels,
                            .samples = (Uint16)samples,
                            .callback = callback};
    if (state.device != 0) {
        return 0;
    }
    state.device = SDL_OpenAudioDevice(device, 0, &wanted, &state.spec, allowed_changes);
    if (state.device == 0) {
        return -1;
    }
    for (int i = 0; i < CHANNELS_MOST; i++) {
        state.channels[i] = (struct channel){.volume = MIX_MAX_VOLUME};
    }
    state.music = (struct channel){.volume = MIX_MAX_VOLUME};
    SDL_PauseAudioDevice(state.device, 0);
    return 0;
}

int Mix_OpenAudio(int frequency, Uint16 format, int channels, int samples)
{
    return Mix_OpenAudioDevice(frequency, format, channels, samples, NULL, 0);
}

int Mix_QuerySpec(int *frequency, Uint16 *format, int *channels)
{
    if (state.device == 0) {
        return 0;
    }
    if (frequency != NULL) {
        *frequency = state.spec.freq;
    }
    if (format != NULL) {
        *format = state.spec.format;
    }
    if (channels != NULL) {
        *channels = state.spec.channels;
    }
    return 1;
}

void Mix_CloseAudio(void)
{
    if (state.device != 0) {
        SDL_CloseAudioDevice(state.device);
        state.device = 0;
    }
}

int Mix_AllocateChannels(int count)
{
    if (count >= 0) {
        state.count = count < CHANNELS_MOST ? count : CHANNELS_MOST;
    }
    return state.count;
}

int Mix_ReserveChannels(int count)
{
    state.reserved = count < 0 ? 0 : count < state.count ? count : state.count;
    return state.reserved;
}

/* ---- samples ---- */

Mix_Chunk *Mix_LoadWAV_RW(SDL_RWops *from, int close)
{
    SDL_AudioSpec spec;
    Mix_Chunk *chunk = from != NULL ? calloc(1, sizeof *chunk) : NULL;
    if (chunk == NULL) {
        return NULL;
    }
    if (SDL_LoadWAV_RW(from, close, &spec, &chunk->abuf, &chunk->alen) == NULL) {
        free(chunk);
        return NULL;
    }
    chunk->allocated = 1;
    chunk->volume = MIX_MAX_VOLUME;
    return chunk;
}

Mix_Chunk *Mix_QuickLoad_RAW(Uint8 *bytes, Uint32 len)
{
    Mix_Chunk *chunk = calloc(1, sizeof *chunk);
    if (chunk != NULL) {
        *chunk = (Mix_Chunk){.abuf = bytes, .alen = len, .volume = MIX_MAX_VOLUME};
    }
    return chunk;
}

static void halt(int channel)
{
    if (state.channels[channel].chunk != NULL) {
        state.channels[channel].chunk = NULL;
        if (state.finished != NULL) {
            state.finished(channel);
        }
    }
}

void Mix_FreeChunk(Mix_Chunk *chunk)
{
    for (int i = 0; i < CHANNELS_MOST && chunk != NULL; i++) {
        if (state.channels[i].chunk == chunk) {
            halt(i);
        }
    }
    if (chunk != NULL && chunk->allocated) {
        free(chunk->abuf);
    }
    free(chunk);
}

int Mix_VolumeChunk(Mix_Chunk *chunk, int volume)
{
    int was = chunk != NULL ? chunk->volume : -1;
    if (chunk != NULL && volume >= 0) {
        chunk->volume = (Uint8)SDL_min(volume, MIX_MAX_VOLUME);
    }
    return was;
}

static bool plays(struct channel *c)
{
    if (c->chunk != NULL && !c->paused && c->end <= SDL_GetTicks64()) {
        c->chunk = NULL;
    }
    return c->chunk != NULL;
}

int Mix_PlayChannelTimed(int channel, Mix_Chunk *chunk, int loops, int ticks)
{
    if (chunk == NULL || state.device == 0) {
        return SDL_SetError("there is no sample, or no audio");
    }
    for (int i = state.reserved; i < state.count && channel == -1; i++) {
        channel = plays(&state.channels[i]) ? -1 : i;
    }
    if (channel < 0 || channel >= state.count) {
        return SDL_SetError("No free channels available");
    }
    Uint32 second =
        SDL_AUDIO_BITSIZE(state.spec.format) / 8u * state.spec.channels * (Uint32)state.spec.freq;
    Uint64 ms = (Uint64)chunk->alen * 1000 / (second > 0 ? second : 1);
    Uint64 all = loops < 0 ? UINT64_MAX : ms * (Uint64)(loops + 1);
    all = ticks >= 0 && (Uint64)ticks < all ? (Uint64)ticks : all;
    struct channel *c = &state.channels[channel];
    c->chunk = chunk;
    c->paused = false;
    c->end = all == UINT64_MAX ? all : SDL_GetTicks64() + all;
    return channel;
}

int Mix_FadeInChannelTimed(int channel, Mix_Chunk *chunk, int loops, int ms, int ticks)
{
    (void)ms;
    return Mix_PlayChannelTimed(channel, chunk, loops, ticks);
}

static bool is_channel(int channel)
{
    return channel >= 0 && channel < state.count;
}

int Mix_Volume(int channel, int volume)
{
    if (channel == -1) {
        int last = 0;
        for (int i = 0; i < state.count; i++) {
            last = Mix_Volume(i, volume);
        }
        return last;
    }
    if (!is_channel(channel)) {
        return 0;
    }
    int was = state.channels[channel].volume;
    if (volume >= 0) {
        state.channels[channel].volume = SDL_min(volume, MIX_MAX_VOLUME);
    }
    return was;
}

/* clang-format off */
int Mix_SetPanning(int channel, Uint8 left, Uint8 right) { (void)channel; (void)left; (void)right; return 1; }
int Mix_SetPosition(int channel, Sint16 angle, Uint8 distance) { (void)channel; (void)angle; (void)distance; return 1; }
int Mix_SetDistance(int channel, Uint8 distance) { (void)channel; (void)distance; return 1; }
/* clang-format on */

int Mix_HaltChannel(int channel)
{
    for (int i = 0; i < state.count; i++) {
        if (channel == -1 || i == channel) {
            halt(i);
        }
    }
    return 0;
}

int Mix_FadeOutChannel(int channel, int ms)
{
    int count = channel == -1 ? Mix_Playing(-1) : Mix_Playing(channel);
    Mix_ExpireChannel(channel, ms);
    return count;
}

int Mix_ExpireChannel(int channel, int ticks)
{
    int count = 0;
    for (int i = 0; i < state.count; i++) {
        if ((channel == -1 || i == channel) && plays(&state.channels[i])) {
            state.channels[i].end = ticks < 0 ? UINT64_MAX : SDL_GetTicks64() + (Uint64)ticks;
            count++;
        }
    }
    return count;
}

static void pause_one(struct channel *c, bool pause)
{
    Uint64 now = SDL_GetTicks64();
    if (plays(c) && c->paused != pause) {
        c->paused = pause;
        if (c->end != UINT64_MAX && pause) {
            c->left = c->end - now;
        } else if (c->end != UINT64_MAX) {
            c->end = now + c->left;
        }
    }
}

static void pause_all(int channel, bool pause)
{
    for (int i = 0; i < state.count; i++) {
        if (channel == -1 || i == channel) {
            pause_one(&state.channels[i], pause);
        }
    }
}

void Mix_Pause(int channel)
{
    pause_all(channel, true);
}

void Mix_Resume(int channel)
{
    pause_all(channel, false);
}

int Mix_Paused(int channel)
{
    int count = 0;
    for (int i = 0; i < state.count; i++) {
        count += (channel == -1 || i == channel) && state.channels[i].chunk != NULL &&
                 state.channels[i].paused;
    }
    return count;
}

int Mix_Playing(int channel)
{
    int count = 0;
    for (int i = 0; i < state.count; i++) {
        count += (channel == -1 || i == channel) && plays(&state.channels[i]);
    }
    return count;
}

Mix_Chunk *Mix_GetChunk(int channel)
{
    return is_channel(channel) ? state.channels[channel].chunk : NULL;
}

void Mix_ChannelFinished(void (*function)(int channel))
{
    state.finished = function;
}

/* ---- music ---- */

Mix_Music *Mix_LoadMUS_RW(SDL_RWops *from, int close)
{
    Mix_Music *music = from != NULL ? calloc(1, sizeof *music) : NULL;
    if (from != NULL && close) {
        SDL_RWclose(from);
    }
    if (music != NULL) {
        music->type = MUS_MOD;
    }
    return music;
}

Mix_Music *Mix_LoadMUS(const char *file)
{
    return Mix_LoadMUS_RW(SDL_RWFromFile(file, "rb"), 1);
}

static Mix_Chunk playing; /* stands for any music */

int Mix_HaltMusic(void)
{
    bool was = state.music.chunk != NULL;
    state.music.chunk = NULL;
    if (was && state.music_finished != NULL) {
        state.music_finished();
    }
    return 0;
}

void Mix_FreeMusic(Mix_Music *music)
{
    if (music != NULL) {
        Mix_HaltMusic();
    }
    free(music);
}

Mix_MusicType Mix_GetMusicType(const Mix_Music *music)
{
    return music != NULL ? music->type : MUS_NONE;
}

int Mix_PlayMusic(Mix_Music *music, int loops)
{
    if (music == NULL) {
        return SDL_SetError("music parameter was NULL");
    }
    state.music.chunk = &playing;
    state.music.paused = false;
    state.music.end =
        loops < 0 ? UINT64_MAX : SDL_GetTicks64() + (Uint64)(loops > 0 ? loops : 1) * MUSIC_MS;
    return 0;
}

int Mix_FadeInMusic(Mix_Music *music, int loops, int ms)
{
    (void)ms;
    return Mix_PlayMusic(music, loops);
}

int Mix_VolumeMusic(int volume)
{
    int was = state.music.volume;
    if (volume >= 0) {
        state.music.volume = SDL_min(volume, MIX_MAX_VOLUME);
    }
    return was;
}

int Mix_FadeOutMusic(int ms)
{
    bool was = plays(&state.music);
    if (was) {
        state.music.end = SDL_GetTicks64() + (Uint64)(ms > 0 ? ms : 0);
    }
    return was;
}

/* clang-format off */
void Mix_PauseMusic(void) { pause_one(&state.music, true); }
void Mix_ResumeMusic(void) { pause_one(&state.music, false); }
void Mix_RewindMusic(void) {}
int Mix_PausedMusic(void) { return state.music.chunk != NULL && state.music.paused; }
int Mix_PlayingMusic(void) { return plays(&state.music); }
int Mix_SetMusicPosition(double position) { (void)position; return 0; }
int Mix_SetMusicCMD(const char *command) { return command == NULL ? 0 : SDL_Unsupported(); }
void Mix_HookMusicFinished(void (*function)(void)) { state.music_finished = function; }
/* clang-format on */

void Mix_HookMusic(void (*function)(void *data, Uint8 *stream, int len), void *data)
{
    state.hook = function;
    state.hook_data = data;
}

void Mix_SetPostMix(void (*function)(void *data, Uint8 *stream, int len), void *data)
{
    state.post = function;
    state.post_data = data;
}
