/* SPDX-License-Identifier: MIT */
/* The fields of what an image is made of: where each lies, and how it is shown. */
#include "imagefields.h"

#include "app.h"

#include <ctx/image.h>

#define FIELD(type, member, how_, system_)                                                         \
    {                                                                                              \
#member, (uint32_t)offsetof(struct type, member),                                          \
            (uint32_t)sizeof((struct type *)0)->member, how_, system_                              \
    }
#define APP(member, how)     FIELD(ctx_image_app, member, how, 0)
#define SYSTEM(member, how)  FIELD(ctx_image_app, member, how, 1)
#define SESSION(member, how) FIELD(ctx_image_session, member, how, 0)

static const struct field app_fields[] = {
    APP(state, NUMBER),
    APP(base, HEX),
    APP(pid, NUMBER),
    APP(parent, NUMBER),
    SYSTEM(order, NUMBER),
    APP(version, NUMBER),
    SYSTEM(epoch, NUMBER),
    APP(flags, HEX),
    APP(canvas_w, NUMBER),
    APP(canvas_h, NUMBER),
    APP(link_generation, NUMBER),
    APP(canvas_at, HEX),
    SYSTEM(screen_w, NUMBER),
    SYSTEM(screen_h, NUMBER),
    SYSTEM(devices, HEX),
    SYSTEM(stack_pages, NUMBER),
    APP(calls, NUMBER),
    APP(faults, NUMBER),
    APP(overruns, NUMBER),
    SYSTEM(total_ns, NUMBER),
    SYSTEM(longest_ns, NUMBER),
    SYSTEM(clock_ns, NUMBER),
    SYSTEM(wall_ns, SIGNED),
    APP(cpu_features, HEX),
    APP(store, HEX),
    APP(stack_low, HEX),
    APP(quota_bytes, NUMBER),
    APP(wake_ns, NUMBER),
    APP(event_mask, HEX),
    APP(event_seq, NUMBER),
    APP(code_hash, HEX),
    APP(budget_ns, NUMBER),
    APP(restart, NUMBER),
    APP(restart_limit, NUMBER),
    APP(overrun, NUMBER),
    APP(overrun_limit, NUMBER),
    APP(share, NUMBER),
    APP(log_per_second, NUMBER),
    APP(restarts, NUMBER),
    APP(restarts_in_a_row, NUMBER),
    APP(surface_generation, BYTES),
    APP(more_generations, BYTES),
    SYSTEM(scale, NUMBER),
    SYSTEM(looks, HEX),
    APP(build_id, BYTES),
    APP(build_id_len, NUMBER),
    APP(name, TEXT),
    APP(app_version, TEXT),
    APP(arguments, TEXT),
    APP(hosts, TEXT),
    APP(instrument, TEXT),
    SYSTEM(saved_by, TEXT),
};

static const struct field session_fields[] = {
    SESSION(apps, NUMBER),
    SESSION(next_pid, NUMBER),
    FIELD(ctx_image_session, wall_ns, SIGNED, 1),
    SESSION(canvas_w, NUMBER),
    SESSION(canvas_h, NUMBER),
    FIELD(ctx_image_session, name, TEXT, 1),
    FIELD(ctx_image_session, saved_by, TEXT, 1),
};

static const struct field block_fields[] = {
    FIELD(ctx_image_block, offset, HEX, 0),
    FIELD(ctx_image_block, size, NUMBER, 0),
    FIELD(ctx_image_block, align_log2, NUMBER, 0),
    FIELD(ctx_image_block, guarded, NUMBER, 0),
};

static const struct field free_fields[] = {{"offset", 0, 8, HEX, 0}};

static const struct field grant_fields[] = {
    FIELD(ctx_image_grant, id, TEXT, 0),
    FIELD(ctx_image_grant, granted, NUMBER, 0),
    FIELD(ctx_image_grant, denied, NUMBER, 0),
};

static const struct field table_fields[] = {
    FIELD(ctx_image_table, id, TEXT, 0),
    FIELD(ctx_image_table, offset, HEX, 0),
    FIELD(ctx_image_table, gate, NUMBER, 0),
    FIELD(ctx_image_table, count, NUMBER, 0),
};

#define SHOWN_FIELDS(type)                                                                         \
    FIELD(type, shown.w, NUMBER, 0), FIELD(type, shown.h, NUMBER, 0),                              \
        FIELD(type, shown.filter, NUMBER, 0), FIELD(type, shown.left, NUMBER, 0),                  \
        FIELD(type, shown.right, NUMBER, 0), FIELD(type, shown.top, NUMBER, 0),                    \
        FIELD(type, shown.bottom, NUMBER, 0)

static const struct field surface_fields[] = {
    FIELD(ctx_image_surface, index, NUMBER, 0),
    FIELD(ctx_image_surface, generation, NUMBER, 0),
    FIELD(ctx_image_surface, w, NUMBER, 0),
    FIELD(ctx_image_surface, h, NUMBER, 0),
    FIELD(ctx_image_surface, format, NUMBER, 0),
    FIELD(ctx_image_surface, flags, NUMBER, 0),
    FIELD(ctx_image_surface, at, HEX, 0),
    FIELD(ctx_image_surface, presented, NUMBER, 1),
    FIELD(ctx_image_surface, presented_ns, NUMBER, 1),
    FIELD(ctx_image_surface, asked, HEX, 0),
    FIELD(ctx_image_surface, asked_x, SIGNED, 0),
    FIELD(ctx_image_surface, asked_y, SIGNED, 0),
    FIELD(ctx_image_surface, smallest_w, NUMBER, 0),
    FIELD(ctx_image_surface, smallest_h, NUMBER, 0),
    FIELD(ctx_image_surface, cursor, NUMBER, 0),
    FIELD(ctx_image_surface, title, TEXT, 0),
    FIELD(ctx_image_surface, x, SIGNED, 0),
    FIELD(ctx_image_surface, y, SIGNED, 0),
    FIELD(ctx_image_surface, level, SIGNED, 0),
    FIELD(ctx_image_surface, scale, NUMBER, 0),
    FIELD(ctx_image_surface, opacity, NUMBER, 0),
    FIELD(ctx_image_surface, state, HEX, 0),
    SHOWN_FIELDS(ctx_image_surface),
};

static const struct field window_fields[] = {
    FIELD(ctx_image_window, kind, NUMBER, 0),   FIELD(ctx_image_window, code, NUMBER, 0),
    FIELD(ctx_image_window, modifiers, HEX, 0), FIELD(ctx_image_window, surface, HEX, 0),
    FIELD(ctx_image_window, pid, NUMBER, 0),    FIELD(ctx_image_window, x, SIGNED, 0),
    FIELD(ctx_image_window, y, SIGNED, 0),      FIELD(ctx_image_window, level, SIGNED, 0),
    FIELD(ctx_image_window, scale, NUMBER, 0),  FIELD(ctx_image_window, opacity, NUMBER, 0),
    FIELD(ctx_image_window, state, HEX, 0),     SHOWN_FIELDS(ctx_image_window),
};

static const struct field need_fields[] = {
    FIELD(ctx_image_need, at, NUMBER, 0),
    FIELD(ctx_image_need, len, NUMBER, 0),
    FIELD(ctx_image_need, hash, HEX, 0),
};

static const struct field event_fields[] = {
    FIELD(ctx_event, kind, NUMBER, 0), FIELD(ctx_event, flags, HEX, 0),
    FIELD(ctx_event, seq, NUMBER, 0),  FIELD(ctx_event, time_ns, NUMBER, 1),
    FIELD(ctx_event, code, NUMBER, 0), FIELD(ctx_event, value, NUMBER, 0),
    FIELD(ctx_event, x, SIGNED, 0),    FIELD(ctx_event, y, SIGNED, 0),
    FIELD(ctx_event, surface, HEX, 0), FIELD(ctx_event, modifiers, HEX, 0),
    FIELD(ctx_event, dx, SIGNED, 0),   FIELD(ctx_event, dy, SIGNED, 0),
    FIELD(ctx_event, cookie, HEX, 0),
};

static const struct field input_fields[] = {
    FIELD(ctx_input, mx, NUMBER, 0),  FIELD(ctx_input, my, NUMBER, 0),
    FIELD(ctx_input, keys, BYTES, 0), FIELD(ctx_input, last, NUMBER, 0),
    FIELD(ctx_input, ring, BYTES, 0),
};

static const struct field key_fields[] = {
    FIELD(ctx_image_key, code, NUMBER, 0),
    FIELD(ctx_image_key, down, NUMBER, 0),
};

static const struct field handle_fields[] = {
    FIELD(ctx_image_handle, table, TEXT, 0),
    FIELD(ctx_image_handle, handle, HEX, 0),
};

static const struct field linux_fields[] = {
    FIELD(ctx_image_host, pid, NUMBER, 0),
    FIELD(ctx_image_host, words, TEXT, 0),
};

static const struct field share_fields[] = {
    FIELD(ctx_image_share, handle, HEX, 0),    FIELD(ctx_image_share, rights, NUMBER, 0),
    FIELD(ctx_image_share, at, HEX, 0),        FIELD(ctx_image_share, pages, NUMBER, 0),
    FIELD(ctx_image_share, tag, NUMBER, 0),    FIELD(ctx_image_share, from, NUMBER, 0),
    FIELD(ctx_image_share, mapped, NUMBER, 0),
};

#define LAYOUT(kind, name, size, fields)                                                           \
    {                                                                                              \
        kind, name, (uint32_t)(size), fields, ARRAY_COUNT(fields)                                  \
    }

const struct layout image_app_layout =
    LAYOUT(CTX_IMAGE_APP, "app", sizeof(struct ctx_image_app), app_fields);
const struct layout image_session_layout =
    LAYOUT(CTX_IMAGE_SESSION_HEAD, "session", sizeof(struct ctx_image_session), session_fields);

const struct layout image_lists[] = {
    LAYOUT(CTX_IMAGE_HEAP, "heap block", sizeof(struct ctx_image_block), block_fields),
    LAYOUT(CTX_IMAGE_FREE, "free block", 8, free_fields),
    LAYOUT(CTX_IMAGE_GRANTS, "grant", sizeof(struct ctx_image_grant), grant_fields),
    LAYOUT(CTX_IMAGE_TABLES, "table", sizeof(struct ctx_image_table), table_fields),
    LAYOUT(CTX_IMAGE_SURFACES, "surface", sizeof(struct ctx_image_surface), surface_fields),
    LAYOUT(CTX_IMAGE_EVENTS, "event", sizeof(struct ctx_event), event_fields),
    LAYOUT(CTX_IMAGE_INPUT, "input", sizeof(struct ctx_input), input_fields),
    LAYOUT(CTX_IMAGE_KEYS, "key", sizeof(struct ctx_image_key), key_fields),
    LAYOUT(CTX_IMAGE_HANDLES, "handle", sizeof(struct ctx_image_handle), handle_fields),
    LAYOUT(CTX_IMAGE_HOSTS, "host", sizeof(struct ctx_image_host), linux_fields),
    LAYOUT(CTX_IMAGE_WINDOWS, "window", sizeof(struct ctx_image_window), window_fields),
    LAYOUT(CTX_IMAGE_NEEDS, "need", sizeof(struct ctx_image_need), need_fields),
    LAYOUT(CTX_IMAGE_SHARES, "share", sizeof(struct ctx_image_share), share_fields),
};

const uint32_t image_list_count = ARRAY_COUNT(image_lists);
