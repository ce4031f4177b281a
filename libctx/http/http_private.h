/* SPDX-License-Identifier: MIT */
/* What the files of this folder share. */
#ifndef HTTP_PRIVATE_H
#define HTTP_PRIVATE_H

#include <ctx/http.h>

bool http_is_token(char c);
struct ctx_http_text http_trim(struct ctx_http_text text);
bool http_next(struct ctx_http_text *list, struct ctx_http_text *part);
int http_hex(char c); /* -1: it is none */

#endif
