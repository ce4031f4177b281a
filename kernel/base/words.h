/* SPDX-License-Identifier: MIT */
/*
 * Words in a line of text, as the kernel keeps them: the boot words, an app's name and arguments,
 * the list `apps` of an archive, arguments in an image.
 *
 * Words are separated by spaces, however many. A backslash takes the next character literally, so
 * that a word can hold a space ("my\ disk") or a backslash ("a\\b"); only before a 0 it stands,
 * with it, for nothing, so that there is an empty word ("\0"). Quotes mean nothing. All loaders'
 * quotings come down to this one: GRUB's by words_from_grub(), text without any by
 * words_from_plain(). cmake/mkcpio.py and kernel/linux/options.c write the same.
 */
#ifndef KERNEL_WORDS_H
#define KERNEL_WORDS_H

#include <kernel/types.h>

/* How long the word here is, as it stands: up to a space that no backslash precedes, or the end. */
size_t word_length(const char *word);

/* Behind spaces; the next word or the end. */
const char *word_begin(const char *text);

/*
 * What the word means: without its backslashes, terminated, cut at size - 1. Returns its whole
 * length. The word ends after len bytes.
 */
size_t word_plain(char *out, size_t size, const char *word, size_t len);

/* The reverse: len bytes as one word. Returns the length it has; terminated, cut at size - 1. */
size_t word_quote(char *out, size_t size, const char *plain, size_t len);

/* A loader's line without any quoting: every character but the space means itself, and no word is
 * empty. Returns the whole length; terminated, cut at size - 1. */
size_t words_from_plain(char *out, size_t size, const char *text);

/*
 * A line that GRUB put together from the words of its command (grub-core/lib/cmdline.c, 2.06): a
 * backslash before each quote and backslash, double quotes around a word that holds a space, one
 * space between words. So where a word is missing between spaces, or beside one, it is empty; a
 * line of one empty word can not be told from one without any.
 */
size_t words_from_grub(char *out, size_t size, const char *text);

#endif
