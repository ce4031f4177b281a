/* SPDX-License-Identifier: MIT */
/* What mbedTLS wants of the machine: randomness and a clock that never goes back. */
#include "tls_private.h"

#include <mbedtls/platform_time.h>
#include <psa/crypto.h>

#include <time.h>
#include <unistd.h>

#define AT_ONCE 256 /* getentropy gives no more */

psa_status_t mbedtls_psa_external_get_random(mbedtls_psa_external_random_context_t *context,
                                             uint8_t *output, size_t output_size,
                                             size_t *output_length)
{
    (void)context;
    for (size_t done = 0; done < output_size;) {
        size_t len = output_size - done < AT_ONCE ? output_size - done : AT_ONCE;
        if (getentropy(output + done, len) != 0) {
            *output_length = 0;
            return PSA_ERROR_INSUFFICIENT_ENTROPY;
        }
        done += len;
    }
    *output_length = output_size;
    return PSA_SUCCESS;
}

mbedtls_ms_time_t mbedtls_ms_time(void)
{
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (mbedtls_ms_time_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool tls_begin(void)
{
    return psa_crypto_init() == PSA_SUCCESS;
}
