/* SPDX-License-Identifier: MIT */
/* The queue of events. */
#include "private.h"

#define ROOM    1024u
#define WATCHES 8

struct watch {
    SDL_EventFilter filter; /* NULL: free */
    void *data;
};

static struct {
    SDL_Event ring[ROOM];
    uint32_t first, count;
    struct watch filter, watches[WATCHES];
    uint32_t ignored[0x10000 / 32]; /* a bit for each kind */
    Uint32 next_user;
} state = {.next_user = SDL_USEREVENT};

static SDL_Event *at(uint32_t i)
{
    return &state.ring[(state.first + i) % ROOM];
}

static void remove_at(uint32_t i)
{
    for (; i + 1 < state.count; i++) {
        *at(i) = *at(i + 1);
    }
    state.count--;
}

bool sdl_event_wanted(Uint32 type)
{
    return type <= SDL_LASTEVENT && (state.ignored[type / 32] >> type % 32 & 1) == 0;
}

/* 1: it is in the queue; 0: nobody wants it; -1: no room. */
static int add(SDL_Event *event)
{
    event->common.timestamp = (Uint32)SDL_GetTicks64();
    if (!sdl_event_wanted(event->type) ||
        (state.filter.filter != NULL && state.filter.filter(state.filter.data, event) == 0)) {
        return 0;
    }
    for (int i = 0; i < WATCHES; i++) {
        if (state.watches[i].filter != NULL) {
            state.watches[i].filter(state.watches[i].data, event);
        }
    }
    if (state.count == ROOM) {
        return SDL_SetError("%u events wait already", ROOM);
    }
    *at(state.count++) = *event;
    return 1;
}

void sdl_event_add(SDL_Event *event)
{
    add(event);
}

void sdl_window_event(SDL_Window *window, int which, int data1, int data2)
{
    SDL_Event event = {.window = {.type = SDL_WINDOWEVENT,
                                  .windowID = window->id,
                                  .event = (Uint8)which,
                                  .data1 = data1,
                                  .data2 = data2}};
    sdl_event_add(&event);
    if (which == SDL_WINDOWEVENT_CLOSE && sdl_windows != NULL && sdl_windows->next == NULL) {
        SDL_Event quit = {.type = SDL_QUIT};
        sdl_event_add(&quit);
    }
}

int SDL_PushEvent(SDL_Event *event)
{
    return add(event);
}

int SDL_PeepEvents(SDL_Event *events, int count, SDL_eventaction action, Uint32 least, Uint32 most)
{
    int done = 0;
    if (action == SDL_ADDEVENT) {
        while (done < count && state.count < ROOM) {
            *at(state.count++) = events[done++];
        }
        return done;
    }
    for (uint32_t i = 0; i < state.count && (events == NULL || done < count);) {
        if (at(i)->type < least || at(i)->type > most) {
            i++;
            continue;
        }
        if (events != NULL) {
            events[done] = *at(i);
        }
        done++;
        if (action == SDL_GETEVENT && events != NULL) {
            remove_at(i);
        } else {
            i++;
        }
    }
    return done;
}

SDL_bool SDL_HasEvents(Uint32 least, Uint32 most)
{
    return SDL_PeepEvents(NULL, 0, SDL_PEEKEVENT, least, most) > 0 ? SDL_TRUE : SDL_FALSE;
}

SDL_bool SDL_HasEvent(Uint32 type)
{
    return SDL_HasEvents(type, type);
}

void SDL_FlushEvents(Uint32 least, Uint32 most)
{
    for (uint32_t i = 0; i < state.count;) {
        if (at(i)->type >= least && at(i)->type <= most) {
            remove_at(i);
        } else {
            i++;
        }
    }
}

void SDL_FlushEvent(Uint32 type)
{
    SDL_FlushEvents(type, type);
}

void SDL_PumpEvents(void)
{
    sdl_turn();
    sdl_input_pump();
}

static int take(SDL_Event *event)
{
    if (state.count == 0) {
        return 0;
    }
    if (event != NULL) {
        *event = *at(0);
        state.first = (state.first + 1) % ROOM;
        state.count--;
    }
    return 1;
}

/* Nothing comes while the program runs: so one that only asks again and again waits. */
int SDL_PollEvent(SDL_Event *event)
{
    if (state.count == 0) {
        SDL_PumpEvents();
    }
    if (state.count == 0 && sdl_poll_empty()) {
        sdl_input_pump();
    }
    return take(event);
}

int SDL_WaitEventTimeout(SDL_Event *event, int ms)
{
    uint64_t deadline = ms < 0 ? UINT64_MAX : sdl_now() + (uint64_t)ms * 1000000;
    for (;;) {
        SDL_PumpEvents();
        if (take(event)) {
            return 1;
        }
        if (sdl_now() >= deadline || !sdl_wait(SDL_EVENT_MASK, deadline)) {
            return 0;
        }
    }
}

int SDL_WaitEvent(SDL_Event *event)
{
    return SDL_WaitEventTimeout(event, -1);
}

/* ---- who else looks at them ---- */

void SDL_SetEventFilter(SDL_EventFilter filter, void *userdata)
{
    state.filter = (struct watch){filter, userdata};
    if (filter != NULL) {
        SDL_FilterEvents(filter, userdata);
    }
}

SDL_bool SDL_GetEventFilter(SDL_EventFilter *filter, void **userdata)
{
    *filter = state.filter.filter;
    *userdata = state.filter.data;
    return state.filter.filter != NULL ? SDL_TRUE : SDL_FALSE;
}

void SDL_FilterEvents(SDL_EventFilter filter, void *userdata)
{
    for (uint32_t i = 0; i < state.count;) {
        if (filter(userdata, at(i)) == 0) {
            remove_at(i);
        } else {
            i++;
        }
    }
}

void SDL_AddEventWatch(SDL_EventFilter filter, void *userdata)
{
    for (int i = 0; i < WATCHES; i++) {
        if (state.watches[i].filter == NULL) {
            state.watches[i] = (struct watch){filter, userdata};
            return;
        }
    }
    SDL_SetError("there are %d event watches already", WATCHES);
}

void SDL_DelEventWatch(SDL_EventFilter filter, void *userdata)
{
    for (int i = 0; i < WATCHES; i++) {
        if (state.watches[i].filter == filter && state.watches[i].data == userdata) {
            state.watches[i].filter = NULL;
            return;
        }
    }
}

Uint8 SDL_EventState(Uint32 type, int wanted)
{
    if (type > SDL_LASTEVENT) {
        return SDL_IGNORE;
    }
    Uint8 was = sdl_event_wanted(type) ? SDL_ENABLE : SDL_IGNORE;
    uint32_t bit = 1u << type % 32;
    if (wanted == SDL_IGNORE) {
        state.ignored[type / 32] |= bit;
        SDL_FlushEvent(type);
    } else if (wanted == SDL_ENABLE) {
        state.ignored[type / 32] &= ~bit;
    }
    return was;
}

Uint32 SDL_RegisterEvents(int count)
{
    if (count <= 0 || (Uint32)count > SDL_LASTEVENT - state.next_user) {
        return (Uint32)-1;
    }
    state.next_user += (Uint32)count;
    return state.next_user - (Uint32)count;
}
