/* SPDX-License-Identifier: MIT */
/* For ports.py: what C libraries do all the time, in nanoseconds each; natively and as an app. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define KEPT 1024

static void *kept[KEPT];
static unsigned seed = 1;
static volatile unsigned long sink;

static unsigned chance(void)
{
    return seed = seed * 1664525u + 1013904223u;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* One block, at once given back. */
static void pairs(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        void *block = malloc(16 + (i & 63));
        sink += (unsigned long)block;
        free(block);
    }
}

/* A thousand live ones of all small sizes, in no order. */
static void mixed(unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        unsigned at = chance() >> 22, size = chance() >> 23;
        free(kept[at]);
        kept[at] = malloc(size);
        sink += (unsigned long)kept[at];
    }
}

/* Many of one size, then none: a list that is built and thrown away. */
static void lists(unsigned n)
{
    for (unsigned i = 0; i < n; i += KEPT) {
        for (unsigned k = 0; k < KEPT; k++) {
            kept[k] = malloc(40);
        }
        for (unsigned k = 0; k < KEPT; k++) {
            free(kept[k]);
            kept[k] = NULL;
        }
    }
}

static void texts(unsigned n)
{
    char text[100];
    for (unsigned i = 0; i < n; i++) {
        sink +=
            (unsigned long)snprintf(text, sizeof text, "%d %s %x %5u", (int)i, "word", i, i * 7);
    }
}

static void floats(unsigned n)
{
    char text[100];
    for (unsigned i = 0; i < n; i++) {
        sink += (unsigned long)snprintf(text, sizeof text, "%g %.3f", i * 0.37, i / 7.0);
    }
}

static void lines(unsigned n)
{
    FILE *file = fopen("/dev/null", "w");
    for (unsigned i = 0; file != NULL && i < n; i++) {
        fprintf(file, "line %u of some\n", i);
    }
    if (file != NULL) {
        fclose(file);
    }
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(unsigned n);
        unsigned n;
    } all[] = {
        {"malloc and free, one", pairs, 60000},   {"malloc and free, mixed", mixed, 60000},
        {"malloc and free, lists", lists, 60000}, {"snprintf, whole numbers", texts, 15000},
        {"snprintf, floats", floats, 6000},       {"fprintf to /dev/null", lines, 25000},
    };
    int rounds = argc > 1 ? atoi(argv[1]) : 1;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        double best = 1e300;
        for (int r = 0; r < rounds; r++) {
            double begun = now();
            all[i].run(all[i].n);
            double took = (now() - begun) / all[i].n;
            best = took < best ? took : best;
        }
        memset(kept, 0, sizeof kept);
        printf("%s: %.2f\n", all[i].name, best);
    }
    return 0;
}
