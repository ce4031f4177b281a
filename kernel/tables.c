/* SPDX-License-Identifier: MIT */
/* The tables of the Context that this kernel offers: see context/gate.h. One line for each. */
#include "gate.h"

extern const struct gate_table ctx_iface_table, ctx_time_table, ctx_mem_table; /* context/ */
extern const struct gate_table ctx_log_table, ctx_args_table, ctx_random_table, ctx_cpu_table;
extern const struct gate_table ctx_apps_table, ctx_system_table, ctx_loader_table,
    ctx_control_table;
extern const struct gate_table ctx_host_table;
extern const struct gate_table ctx_events_table;  /* input/ */
extern const struct gate_table ctx_display_table; /* screen/ */
extern const struct gate_table ctx_image_table;   /* saving/ */

const struct gate_table *const gate_tables[] = {
    /* on ctx itself */
    &ctx_iface_table,
    &ctx_time_table,
    &ctx_mem_table,
    &ctx_display_table,
    &ctx_events_table,
    /* opened by id */
    &ctx_log_table,
    &ctx_args_table,
    &ctx_random_table,
    &ctx_cpu_table,
    &ctx_apps_table,
    &ctx_system_table,
    &ctx_loader_table,
    &ctx_control_table,
    &ctx_host_table,
    &ctx_image_table,
    NULL,
};
