/* SPDX-License-Identifier: MIT */
/* What apps can have, from the inside out: see app/resource.h. One line for each kind. */
#include "resource.h"

extern const struct app_resource context_resource, host_resource; /* context/ */
extern const struct app_resource service_resource;
extern const struct app_resource share_resource, terminal_resource, files_resource, block_resource;
extern const struct app_resource nic_resource;
extern const struct app_resource canvas_resource, surface_resource; /* screen/ */
extern const struct app_resource input_resource, event_resource;    /* input/ */
extern const struct app_resource route_resource, hands_resource;
extern const struct app_resource lasting_resource, undo_resource;     /* saving/ */
extern const struct app_resource step_resource;                       /* probe/ */
extern const struct app_resource inject_resource, statehash_resource; /* probe/ */

const struct app_resource *const app_resources[] = {
    &context_resource, /* first: the others keep things in what it makes */
    &canvas_resource,
    &surface_resource,
    &input_resource,
    &event_resource,
    &route_resource,
    &hands_resource,
    &host_resource,
    &service_resource,
    &terminal_resource, /* behind the services: its request is one of theirs */
    &files_resource,
    &block_resource,
    &nic_resource,
    &share_resource, /* behind the hosts: both have handles of one generation */
    &lasting_resource,
    &inject_resource,
    &statehash_resource,
    &step_resource,
    &undo_resource, /* last: it watches the others */
    NULL,
};
