/* SPDX-License-Identifier: MIT */
/*
 * getopt() and its long relatives, with the answers and the messages that programs for Linux are
 * used to: picolibc's take a long name that is unknown, or fits two, for a bundle of short ones,
 * leave '?' in optopt, an old optarg behind, and complain where a ':' asks them not to.
 */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *optarg;
int optind = 1, opterr = 1, optopt = '?';

/* Between two calls. Words that are no options and were passed over are moved behind the options
 * that follow them; until then they are those from..to. */
static struct {
    bool begun, permute, in_order;
    int from, to;
    const char *rest; /* of a word of short options */
} state;

struct scan {
    int argc;
    char **argv;
    const char *shorts;
    const struct option *longs;
    int *index;
    bool only, loud;
};

static bool is_option(const char *word)
{
    return word[0] == '-' && word[1] != 0;
}

static void reverse(char **words, int from, int to)
{
    for (to--; from < to; from++, to--) {
        char *word = words[from];
        words[from] = words[to];
        words[to] = word;
    }
}

/* The words that were passed over change places with the options between them and optind. */
static void move_behind(char **argv)
{
    int options = optind - state.to;
    reverse(argv, state.from, state.to);
    reverse(argv, state.to, optind);
    reverse(argv, state.from, optind);
    state.from += options;
    state.to = optind;
}

static void gather(char **argv)
{
    if (state.from != state.to && state.to != optind) {
        move_behind(argv);
    } else if (state.from == state.to) {
        state.from = optind;
    }
}

static int missing(const struct scan *s)
{
    return s->shorts[0] == ':' ? ':' : '?';
}

/* ---- long ones ---- */

static bool same_meaning(const struct option *a, const struct option *b)
{
    return a->has_arg == b->has_arg && a->flag == b->flag && a->val == b->val;
}

/* The option whose name is this, or begins so and is the only one; NULL, and whether it was
 * several. */
static const struct option *find_long(const struct scan *s, const char *name, size_t len,
                                      bool *several)
{
    const struct option *found = NULL;
    *several = false;
    for (const struct option *o = s->longs; o->name != NULL; o++) {
        if (strncmp(o->name, name, len) != 0) {
            continue;
        }
        if (o->name[len] == 0) {
            *several = false;
            return o;
        }
        *several |= found != NULL && (s->only || !same_meaning(found, o));
        found = found != NULL ? found : o;
    }
    return *several ? NULL : found;
}

static void say_several(const struct scan *s, const char *dashes, const char *name, size_t len)
{
    fprintf(stderr, "%s: option '%s%s' is ambiguous; possibilities:", s->argv[0], dashes, name);
    for (const struct option *o = s->longs; o->name != NULL; o++) {
        if (strncmp(o->name, name, len) == 0) {
            fprintf(stderr, " '%s%s'", dashes, o->name);
        }
    }
    fputc('\n', stderr);
}

static int unknown_long(const struct scan *s, const char *dashes, const char *name, size_t len,
                        bool several)
{
    if (s->loud && several) {
        say_several(s, dashes, name, len);
    } else if (s->loud) {
        fprintf(stderr, "%s: unrecognized option '%s%s'\n", s->argv[0], dashes, name);
    }
    optind++;
    optopt = 0;
    return '?';
}

/* `name` begins behind the dashes of the word at optind. -1: it may be a word of short ones. */
static int take_long(const struct scan *s, const char *dashes, const char *name)
{
    bool several;
    size_t len = strcspn(name, "=");
    const struct option *o = find_long(s, name, len, &several);
    if (o == NULL) {
        bool shorts = s->only && dashes[1] == 0 && !several && strchr(s->shorts, *name) != NULL;
        state.rest = NULL;
        return shorts ? -1 : unknown_long(s, dashes, name, len, several);
    }
    state.rest = NULL;
    optind++;
    if (name[len] == '=' && o->has_arg == no_argument) {
        if (s->loud) {
            fprintf(stderr, "%s: option '%s%s' doesn't allow an argument\n", s->argv[0], dashes,
                    o->name);
        }
        optopt = o->val;
        return '?';
    }
    if (name[len] == '=') {
        optarg = (char *)name + len + 1;
    } else if (o->has_arg == required_argument) {
        if (optind >= s->argc) {
            if (s->loud) {
                fprintf(stderr, "%s: option '%s%s' requires an argument\n", s->argv[0], dashes,
                        o->name);
            }
            optopt = o->val;
            return missing(s);
        }
        optarg = s->argv[optind++];
    }
    if (s->index != NULL) {
        *s->index = (int)(o - s->longs);
    }
    if (o->flag != NULL) {
        *o->flag = o->val;
        return 0;
    }
    return o->val;
}

/* ---- short ones ---- */

static int no_argument_for(const struct scan *s, int c)
{
    if (s->loud) {
        fprintf(stderr, "%s: option requires an argument -- '%c'\n", s->argv[0], c);
    }
    optopt = c;
    return missing(s);
}

static int take_short(const struct scan *s)
{
    int c = (unsigned char)*state.rest++;
    const char *which = strchr(s->shorts, c);
    bool more = *state.rest != 0;
    optind += !more;
    if (which == NULL || c == ':' || c == ';') {
        if (s->loud) {
            fprintf(stderr, "%s: invalid option -- '%c'\n", s->argv[0], c);
        }
        optopt = c;
        return '?';
    }
    bool is_long = c == 'W' && which[1] == ';' && s->longs != NULL;
    if (!is_long && which[1] != ':') {
        return c;
    }
    if (!more && (is_long || which[2] != ':') && optind >= s->argc) {
        return no_argument_for(s, c);
    }
    if (is_long) {
        struct scan w = *s;
        w.only = false;
        return take_long(&w, "-W ", more ? state.rest : s->argv[optind]);
    }
    if (more) {
        optarg = (char *)state.rest;
        optind++;
    } else if (which[2] != ':') {
        optarg = s->argv[optind++];
    }
    state.rest = NULL;
    return c;
}

/* ---- words ---- */

static void begin(const char *shorts)
{
    optind = optind == 0 ? 1 : optind;
    state.from = state.to = optind;
    state.rest = NULL;
    state.in_order = *shorts == '-';
    state.permute = *shorts != '-' && *shorts != '+' && getenv("POSIXLY_CORRECT") == NULL;
    state.begun = true;
}

/* optind is the word of the next options afterwards, and 0 comes back; or what to answer. */
static int next_word(const struct scan *s)
{
    state.to = state.to > optind ? optind : state.to;
    state.from = state.from > optind ? optind : state.from;
    if (state.permute) {
        gather(s->argv);
        while (optind < s->argc && !is_option(s->argv[optind])) {
            optind++;
        }
        state.to = optind;
    }
    if (optind < s->argc && strcmp(s->argv[optind], "--") == 0) {
        optind++;
        gather(s->argv);
        state.to = optind = s->argc;
    }
    if (optind >= s->argc) {
        optind = state.from != state.to ? state.from : optind;
        return -1;
    }
    if (is_option(s->argv[optind])) {
        return 0;
    }
    if (!state.in_order) {
        return -1;
    }
    optarg = s->argv[optind++];
    return 1;
}

static int next(struct scan *s)
{
    if (s->argc < 1) {
        return -1;
    }
    optarg = NULL;
    if (optind == 0 || !state.begun) {
        begin(s->shorts);
    }
    s->shorts += *s->shorts == '-' || *s->shorts == '+';
    s->loud = opterr != 0 && *s->shorts != ':';
    if (state.rest != NULL && *state.rest != 0) {
        return take_short(s);
    }
    int answer = next_word(s);
    if (answer != 0) {
        return answer;
    }
    const char *word = s->argv[optind];
    if (s->longs != NULL && word[1] == '-') {
        return take_long(s, "--", word + 2);
    }
    if (s->longs != NULL && s->only && (word[2] != 0 || strchr(s->shorts, word[1]) == NULL)) {
        answer = take_long(s, "-", word + 1);
        if (answer != -1) {
            return answer;
        }
    }
    state.rest = word + 1;
    return take_short(s);
}

int getopt(int argc, char *const argv[], const char *shorts)
{
    struct scan s = {.argc = argc, .argv = (char **)argv, .shorts = shorts};
    return next(&s);
}

int getopt_long(int argc, char *const argv[], const char *shorts, const struct option *longs,
                int *index)
{
    struct scan s = {
        .argc = argc, .argv = (char **)argv, .shorts = shorts, .longs = longs, .index = index};
    return next(&s);
}

int getopt_long_only(int argc, char *const argv[], const char *shorts, const struct option *longs,
                     int *index)
{
    struct scan s = {.argc = argc,
                     .argv = (char **)argv,
                     .shorts = shorts,
                     .longs = longs,
                     .index = index,
                     .only = true};
    return next(&s);
}
