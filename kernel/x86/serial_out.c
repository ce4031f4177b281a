/* SPDX-License-Identifier: MIT */
#include "serial_out.h"

/* As many as the port's buffer holds, once it is empty. */
static void put_some(struct serial_out *out)
{
    for (uint32_t i = 0; i < out->fifo && out->count > 0; i++) {
        out->put(out->bytes[out->first]);
        out->first = (out->first + 1) % SERIAL_OUT_BYTES;
        out->count--;
    }
}

bool serial_out_pump(struct serial_out *out)
{
    while (out->count > 0 && out->has_space()) {
        put_some(out);
    }
    return out->count > 0;
}

/* Some bytes go, even if the port never says that it has space: it may be broken, we are not. */
static void force(struct serial_out *out, uint32_t patience)
{
    for (uint32_t looks = 0; !out->has_space() && looks < patience; looks++) {
    }
    put_some(out);
}

void serial_out_flush(struct serial_out *out, uint32_t patience)
{
    while (out->count > 0) {
        force(out, patience);
    }
}

void serial_out_write(struct serial_out *out, const char *bytes, size_t len, uint32_t patience)
{
    for (size_t i = 0; i < len; i++) {
        if (out->count == SERIAL_OUT_BYTES) {
            force(out, patience);
            out->breathe();
        }
        out->bytes[(out->first + out->count) % SERIAL_OUT_BYTES] = (uint8_t)bytes[i];
        out->count++;
    }
}
