/* SPDX-License-Identifier: MIT */
/* What an image says of services, and of the ids of tables: held against what the format promises.
 */
#include "image_check.h"

#include <kernel/string.h>

#include <ctx/interface.h>

void image_get_table_id(const struct ctx_image_table *table, char id[IMAGE_TABLE_ID])
{
    memcpy(id, table->id, sizeof table->id);
    memcpy(id + sizeof table->id, table->more, sizeof table->more);
    id[IMAGE_TABLE_ID - 1] = 0;
}

void image_set_table_id(struct ctx_image_table *table, const char *id)
{
    size_t len = strlen(id), first = MIN(len, sizeof table->id);
    memcpy(table->id, id, first);
    memcpy(table->more, id + first, MIN(len - first, sizeof table->more - 1));
}

/* A descriptor of the image's; NULL: there is none at this place, and *error says so. */
static const struct ctx_interface *interface_at(const struct image *image, uint64_t at,
                                                struct ctx_interface *head,
                                                struct image_error *error)
{
    const struct image_part *all = &image->parts[CTX_IMAGE_INTERFACES];
    struct ctx_interface_error why;
    if (at % 8 != 0 || at > all->len || all->len - at < sizeof *head) {
        image_refuse(error, "service.at", at, "no descriptor lies there");
        return NULL;
    }
    memcpy(head, all->stored + at, sizeof *head);
    if (head->size > all->len - at || !ctx_interface_check(all->stored + at, head->size, &why)) {
        image_refuse(error, "interfaces", at, "not the descriptor of an interface");
        return NULL;
    }
    return head;
}

/* The table of the image's that lies at this offset has this id. */
static bool has_table(const struct image *image, uint64_t offset, const char *id)
{
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_TABLES].count; i++) {
        struct ctx_image_table t;
        char its[IMAGE_TABLE_ID];
        image_entry(image, CTX_IMAGE_TABLES, i, &t, sizeof t);
        image_get_table_id(&t, its);
        if (t.offset == offset) {
            return strcmp(its, id) == 0;
        }
    }
    return false;
}

/*
 * Each descriptor lies behind the one before, as save() writes them: none is looked at twice, so
 * that a list of millions of services of one large descriptor is refused at its second.
 */
bool image_check_services(const struct image *image, struct image_error *error)
{
    uint64_t next = 0, offers = 0;
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SERVICES].count; i++) {
        struct ctx_image_service s;
        struct ctx_interface head;
        image_entry(image, CTX_IMAGE_SERVICES, i, &s, sizeof s);
        if (s.what == CTX_IMAGE_SERVICE_COUNTERS) {
            continue;
        }
        if (s.what != CTX_IMAGE_SERVICE_OFFERS && s.what != CTX_IMAGE_SERVICE_USES) {
            return image_refuse(error, "service.what", s.what, "no such thing");
        }
        if (interface_at(image, s.at, &head, error) == NULL) {
            return false;
        }
        offers += s.what == CTX_IMAGE_SERVICE_OFFERS;
        if (s.at < next || offers > IMAGE_SERVICES_MAX) {
            return image_refuse(error, "service.at", s.at, "over the one before, or too many");
        }
        next = s.at + head.size;
        uint64_t served = image->parts[CTX_IMAGE_SERVED].count;
        if (s.what == CTX_IMAGE_SERVICE_OFFERS &&
            (s.code > served || head.count > served - s.code)) {
            return image_refuse(error, "service.code", s.code, "not as many functions as it has");
        }
        if (s.what == CTX_IMAGE_SERVICE_USES && !has_table(image, s.code, (const char *)head.id)) {
            return image_refuse(error, "service.code", s.code, "no table of this interface");
        }
    }
    for (uint64_t i = 0; i < image->parts[CTX_IMAGE_SERVED].count; i++) {
        uint64_t offset;
        image_entry(image, CTX_IMAGE_SERVED, i, &offset, sizeof offset);
        if (offset < CTX_SLOT_IMAGE || offset >= CTX_SLOT_IMAGE_END) {
            return image_refuse(error, "served", offset, "not in the app's file");
        }
    }
    return true;
}
