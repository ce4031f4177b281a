/* SPDX-License-Identifier: MIT */
/* Wishes by name. */
#include "private.h"

struct hint {
    struct hint *next;
    char *value;
    SDL_HintPriority priority;
    char name[];
};

static struct hint *hints;

static struct hint *find(const char *name)
{
    struct hint *h = hints;
    while (h != NULL && strcmp(h->name, name) != 0) {
        h = h->next;
    }
    return h;
}

SDL_bool SDL_SetHintWithPriority(const char *name, const char *value, SDL_HintPriority priority)
{
    if (name == NULL || (getenv(name) != NULL && priority < SDL_HINT_OVERRIDE)) {
        return SDL_FALSE;
    }
    struct hint *h = find(name);
    if (h != NULL && priority < h->priority) {
        return SDL_FALSE;
    }
    char *copy = value != NULL ? strdup(value) : NULL;
    if (h == NULL) {
        h = calloc(1, sizeof *h + strlen(name) + 1);
    }
    if (h == NULL || (value != NULL && copy == NULL)) {
        free(copy);
        SDL_OutOfMemory();
        return SDL_FALSE;
    }
    if (h->name[0] == 0) {
        strcpy(h->name, name);
        h->next = hints;
        hints = h;
    }
    free(h->value);
    h->value = copy;
    h->priority = priority;
    return SDL_TRUE;
}

SDL_bool SDL_SetHint(const char *name, const char *value)
{
    return SDL_SetHintWithPriority(name, value, SDL_HINT_NORMAL);
}

const char *SDL_GetHint(const char *name)
{
    const struct hint *h = find(name);
    const char *variable = getenv(name);
    return variable != NULL && (h == NULL || h->priority < SDL_HINT_OVERRIDE) ? variable
           : h != NULL                                                        ? h->value
                                                                              : NULL;
}

SDL_bool SDL_GetHintBoolean(const char *name, SDL_bool otherwise)
{
    const char *value = SDL_GetHint(name);
    if (value == NULL || value[0] == 0) {
        return otherwise;
    }
    return value[0] != '0' && strcasecmp(value, "false") != 0 ? SDL_TRUE : SDL_FALSE;
}

void SDL_ClearHints(void)
{
    while (hints != NULL) {
        struct hint *h = hints;
        hints = h->next;
        free(h->value);
        free(h);
    }
}
