/* SPDX-License-Identifier: MIT */
/* What a round trip of eight bytes between two processes takes on one processor: by two pipes, and
 * by a socket pair. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { ROUNDS = 20000, TURNS = 5 };

static uint64_t now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

static void measure(const char *name, int read_here, int write_here, int read_there,
                    int write_there)
{
    uint64_t word = 1, best = UINT64_MAX;
    pid_t child = fork();
    if (child == 0) {
        while (read(read_there, &word, sizeof word) == sizeof word &&
               write(write_there, &word, sizeof word) > 0) {
        }
        _exit(0);
    }
    for (int turn = 0; turn < TURNS; turn++) {
        uint64_t start = now();
        for (int i = 0; i < ROUNDS; i++) {
            if (write(write_here, &word, sizeof word) < 0 ||
                read(read_here, &word, sizeof word) < 0) {
                return;
            }
        }
        uint64_t took = now() - start;
        best = took < best ? took : best;
    }
    printf("%s=%.1f\n", name, (double)best / ROUNDS);
    fflush(stdout);
    kill(child, SIGKILL);
}

int main(void)
{
    int to[2], from[2], pair[2];
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    sched_setaffinity(0, sizeof one, &one);
    if (pipe(to) != 0 || pipe(from) != 0 || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        return 1;
    }
    measure("pipes", from[0], to[1], to[0], from[1]);
    measure("unix_socket", pair[0], pair[0], pair[1], pair[1]);
    return 0;
}
