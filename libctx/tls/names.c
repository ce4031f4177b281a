/* SPDX-License-Identifier: MIT */
/*
 * Whom a certificate is for. mbedTLS compares names of hosts; here are addresses, which must not be
 * sent as names (RFC 6066), and the choice of a server's certificate.
 */
#include "tls_private.h"

#include <mbedtls/x509_crt.h>

#include <string.h>
#include <strings.h>

static bool parse_v4(const char *text, uint8_t out[4])
{
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t value = 0, digits = 0;
        for (; *text >= '0' && *text <= '9' && digits < 4; text++, digits++) {
            value = value * 10 + (uint32_t)(*text - '0');
        }
        /* 010 would be eight for some, ten for others. */
        if (digits == 0 || value > 255 || (digits > 1 && text[-(int)digits] == '0')) {
            return false;
        }
        out[i] = (uint8_t)value;
        if (i < 3 && *text++ != '.') {
            return false;
        }
    }
    return *text == 0;
}

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

static bool parse_v6(const char *text, uint8_t out[16])
{
    uint32_t at = 0, gap = 17; /* in bytes; the gap is where :: stood */
    if (text[0] == ':' && text[1] != ':') {
        return false;
    }
    if (text[0] == ':') {
        gap = 0;
        text += 2;
    }
    while (*text != 0) {
        if (at <= 12 && strchr(text, ':') == NULL && parse_v4(text, out + at)) {
            at += 4;
            break;
        }
        uint32_t value = 0, digits = 0;
        for (; hex(*text) >= 0 && digits < 5; text++, digits++) {
            value = value << 4 | (uint32_t)hex(*text);
        }
        if (digits == 0 || digits > 4 || at + 2 > 16) {
            return false;
        }
        out[at++] = (uint8_t)(value >> 8);
        out[at++] = (uint8_t)value;
        if (*text == 0) {
            break;
        }
        if (*text++ != ':' || *text == 0) {
            return false;
        }
        if (*text == ':') {
            if (gap <= 16) {
                return false;
            }
            gap = at;
            text++;
        }
    }
    if (gap > 16) {
        return at == 16;
    }
    if (at > 14) {
        return false;
    }
    memmove(out + 16 - (at - gap), out + gap, at - gap);
    memset(out + gap, 0, 16 - at);
    return true;
}

bool tls_parse_address(const char *text, uint8_t out[16], uint32_t *len)
{
    *len = 0;
    if (parse_v4(text, out)) {
        *len = 4;
    } else if (strchr(text, ':') != NULL && parse_v6(text, out)) {
        *len = 16;
    }
    return *len != 0;
}

/* What DNS could answer for: letters, digits, - and _ between dots. */
bool tls_good_name(const char *name)
{
    size_t label = 0, len = strlen(name);
    if (len == 0 || len >= HOST_MOST) {
        return false;
    }
    for (const char *c = name; *c != 0; c++) {
        bool plain = (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                     (*c >= '0' && *c <= '9') || *c == '-' || *c == '_';
        if (!plain && (*c != '.' || label == 0)) {
            return false;
        }
        label = plain ? label + 1 : 0;
        if (label > 63) {
            return false;
        }
    }
    return label > 0;
}

/* The alternative names of a kind, each to a function that says whether that is it. */
static bool any_name(const mbedtls_x509_crt *crt, int kind,
                     bool (*is)(const mbedtls_x509_buf *, const void *, size_t), const void *wanted,
                     size_t len)
{
    for (const mbedtls_x509_sequence *at = &crt->subject_alt_names; at != NULL; at = at->next) {
        mbedtls_x509_subject_alternative_name san;
        memset(&san, 0, sizeof san);
        if (at->buf.p == NULL || (at->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK) != kind ||
            mbedtls_x509_parse_subject_alt_name(&at->buf, &san) != 0) {
            continue;
        }
        bool found = is(&san.san.unstructured_name, wanted, len);
        mbedtls_x509_free_subject_alt_name(&san);
        if (found) {
            return true;
        }
    }
    return false;
}

static bool is_address(const mbedtls_x509_buf *name, const void *wanted, size_t len)
{
    return name->len == len && memcmp(name->p, wanted, len) == 0;
}

/* A star stands for one label, the first. */
static bool is_name(const mbedtls_x509_buf *name, const void *wanted, size_t len)
{
    const char *pattern = (const char *)name->p, *text = wanted;
    size_t pattern_len = name->len;
    if (pattern_len > 2 && pattern[0] == '*' && pattern[1] == '.') {
        const char *dot = memchr(text, '.', len);
        if (dot == NULL || dot == text) {
            return false;
        }
        len -= (size_t)(dot - text);
        text = dot;
        pattern++;
        pattern_len--;
    }
    return pattern_len == len && strncasecmp(pattern, text, len) == 0;
}

bool tls_certificate_has_address(const mbedtls_x509_crt *crt, const uint8_t *address, uint32_t len)
{
    return any_name(crt, MBEDTLS_X509_SAN_IP_ADDRESS, is_address, address, len);
}

bool tls_certificate_has_name(const mbedtls_x509_crt *crt, const char *name, size_t len)
{
    return any_name(crt, MBEDTLS_X509_SAN_DNS_NAME, is_name, name, len);
}
