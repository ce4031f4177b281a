/* SPDX-License-Identifier: MIT */
/* What apps can have, from the inside out: see app/resource.h. One line for each kind. */
#include "resource.h"

extern const struct app_resource context_resource, host_resource;     /* context/ */
extern const struct app_resource canvas_resource, surface_resource;   /* screen/ */
extern const struct app_resource input_resource, event_resource;      /* input/ */
extern const struct app_resource undo_resource;                       /* saving/ */
extern const struct app_resource inject_resource, statehash_resource; /* probe/ */

const struct app_resource *const app_resources[] = {
    &context_resource, /* first: the others keep things in what it makes */
    &canvas_resource,
    &surface_resource,
    &input_resource,
    &event_resource,
    &host_resource,
    &inject_resource,
    &statehash_resource,
    &undo_resource, /* last: it watches the others */
    NULL,
};
