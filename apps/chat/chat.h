/* SPDX-License-Identifier: MIT */
/*
 * chat - talk between machines: what one types all see. It is an ordinary C program, with sockets
 * of POSIX and a terminal, and nothing of the Context in it: main.c waits for people and for the
 * network, line.c is the line that is being typed, peers.c who is there, text.c what may be shown.
 *
 * What goes over a connection are lines of UTF-8, at most LINE_MOST bytes each:
 *
 *   chat/1 ID NAME     first, from both ends; ID is a number of chance, a new one for each start
 *   say TEXT           what somebody typed
 *   double             there are two connections, and this one ends
 *
 * Everything else is passed over, so later versions may say more. A line that is too long, or
 * something else than chat/1 in front, ends the connection. Two machines that call each other keep
 * one of their two connections. Nothing is encrypted, and nobody proves who they are: it is for a
 * house, not for the street.
 */
#ifndef CHAT_H
#define CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PORT      7777
#define LINE_MOST 1024u /* with its end */
#define NAME_MOST 40u
#define PEERS     30u /* and what lies beside them are fewer than a program has descriptors */
#define CALLED    16u /* hosts that are called, again and again until they are there */

/* ---- text.c ---- */

/* Makes it fit to be shown: what is no UTF-8, or could move the cursor or turn the direction of
 * what follows, becomes a question mark. to has room for len + 1 bytes; how many there are. */
size_t text_clean(char *to, const char *from, size_t len);

/* Where the last character before `at` begins. */
size_t text_back(const char *text, size_t at);

/* ---- line.c ---- */

/* From now on keys come one by one, if that is a terminal; at the end it is as it was. */
void line_begin(void);

/* A key, or a part of a pipe: each whole line goes to done(). False: the input has ended. */
bool line_read(void (*done)(const char *text));

/* What is to be seen, above the line that is being typed. */
void line_print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- peers.c ---- */

struct pollfd;

/* Listens. False: it says why. */
bool peers_begin(const char *name, uint16_t port);

/* From now on this one is called: HOST, HOST:PORT, [ADDRESS]:PORT. False: there are too many. */
bool peers_add(const char *host);

/* What to wait for: how many, at most PEERS + 1. */
int peers_wants(struct pollfd *p);

/* What came of that. */
void peers_work(const struct pollfd *p, int count);

/* Those who are not there are called again, when it is time; until then so many milliseconds. */
int peers_call(void);

void peers_say(const char *text);
void peers_tell(void); /* who is there */

/* Says goodbye: an end that the others see as one, and not as a broken connection. */
void peers_end(void);

#endif
