/* SPDX-License-Identifier: MIT */
#include "chat.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool over;

static void typed(const char *text)
{
    if (strcmp(text, "/quit") == 0) {
        over = true;
    } else if (strcmp(text, "/who") == 0) {
        peers_tell();
    } else if (strncmp(text, "/call ", 6) == 0) {
        if (!peers_add(text + 6)) {
            line_print("* at most %u hosts", CALLED);
        }
    } else if (text[0] == '/' && text[1] != '/') {
        line_print(
            "* /call HOST, /who is here, /quit; a line that begins with // says one with a /");
    } else {
        peers_say(text + (text[0] == '/'));
    }
}

static int usage(void)
{
    fprintf(
        stderr,
        "chat NAME [port=%d] [HOST[:PORT]]...\n"
        "NAME is how others see you, %u bytes at most; each HOST is called until it is there.\n",
        PORT, NAME_MOST);
    return 2;
}

int main(int argc, char **argv)
{
    char name[256];
    long port = PORT;
    int first = 2;
    if (argc < 2 || strlen(argv[1]) > NAME_MOST || argv[1][0] == 0) {
        return usage();
    }
    text_clean(name, argv[1], strlen(argv[1]));
    if (argc > 2 && strncmp(argv[2], "port=", 5) == 0) {
        char *end;
        port = strtol(argv[2] + 5, &end, 10);
        if (*end != 0 || port < 1 || port > 65535) {
            return usage();
        }
        first++;
    }
    if (!peers_begin(name, (uint16_t)port)) {
        return 1;
    }
    for (int i = first; i < argc; i++) {
        if (!peers_add(argv[i])) {
            fprintf(stderr, "chat: at most %u hosts\n", CALLED);
            return 2;
        }
    }
    line_begin();
    line_print("* you are %s; /call HOST, /who is here, /quit", name);
    while (!over) {
        struct pollfd p[PEERS + 2] = {{.fd = STDIN_FILENO, .events = POLLIN}};
        int wait = peers_call(), count = peers_wants(p + 1);
        if (poll(p, (nfds_t)count + 1, wait) < 0) {
            continue; /* a signal */
        }
        peers_work(p + 1, count);
        if (p[0].revents != 0 && !line_read(typed)) {
            over = true;
        }
    }
    peers_end();
    printf("\n");
    return 0;
}
