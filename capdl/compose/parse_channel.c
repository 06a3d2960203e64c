/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Channels and domains
 */
#include "parse.h"

#include <inttypes.h>
#include <string.h>

static bool parse_end(struct composer *composer, const struct xml_node *node,
                      struct channel_end *end)
{
    const char *name = NULL;
    end->at = node->at;
    end->notify = true;
    node_is_leaf(composer, node);
    if (!node_allow(composer, node, "pd id pp notify setvar_id", "") ||
        !need_string(composer, node, "pd", &name) ||
        !need_id(composer, node, "id", WIDE_ID_LIMIT, &end->id)) {
        return false;
    }
    end->pd = system_pd(&composer->system, name);
    if (end->pd == NULL) {
        return diag_error(&composer->diag, node->at,
                          "this end names the protection domain '%s', which does not exist\n"
                          "correct the name, or add the protection_domain",
                          name);
    }
    return read_flag(composer, node, "pp", &end->call) &&
           read_flag(composer, node, "notify", &end->notify) &&
           setvar_add(composer, node, "setvar_id", end->pd,
                      (struct setvar){ .kind = SETVAR_VALUE, .value = end->id });
}

/* The bits of a notification end at ID_LIMIT; calls do not need one. */
static bool check_wide_ends(struct composer *composer, struct channel *channel)
{
    bool notifies = channel->ends[0].notify || channel->ends[1].notify;
    for (size_t i = 0; i < 2; i++) {
        const struct channel_end *end = &channel->ends[i];
        if (end->id < ID_LIMIT) {
            continue;
        }
        if (notifies) {
            return diag_error(
                &composer->diag, end->at,
                "id %" PRIu64 " of 'end' is too large\n"
                "use 0 to %d, or make it a channel for calls only: notify=\"false\" on "
                "both ends",
                end->id, ID_LIMIT - 1);
        }
        if (end->call && end->pd->wide_end <= end->id) {
            end->pd->wide_end = end->id + 1;
        }
    }
    return true;
}

bool parse_channel(struct composer *composer, const struct xml_node *node)
{
    struct diag *diag = &composer->diag;
    struct channel *channel = arena_alloc(&composer->arena, sizeof(*channel));
    channel->at = node->at;
    node_has_no_text(composer, node);
    if (!node_allow(composer, node, "", "")) {
        return false;
    }
    for (size_t i = 0; i < node->children.count; i++) {
        const struct xml_node *child = node->children.items[i];
        if (child->space == XML_TESSERA || !text_equal(child->name, "end")) {
            return node_unknown_child(composer, node, child, "end");
        }
    }
    if (node->children.count != 2) {
        return diag_error(diag, node->at,
                          "a channel with %zu end%s\n"
                          "give it exactly two end elements",
                          node->children.count, node->children.count == 1 ? "" : "s");
    }
    bool good = parse_end(composer, node->children.items[0], &channel->ends[0]);
    if (!parse_end(composer, node->children.items[1], &channel->ends[1]) || !good) {
        return false;
    }
    const struct channel_end *ends = channel->ends;
    if (ends[0].call && ends[1].call) {
        return diag_error(diag, node->at,
                          "both ends of this channel may call\n"
                          "keep pp=\"true\" on the end of lower priority");
    }
    if (!check_wide_ends(composer, channel)) {
        return false;
    }
    if (!ends[0].call && !ends[1].call && !ends[0].notify && !ends[1].notify) {
        diag_warning(diag, node->at,
                     "this channel gives neither end any right\n"
                     "remove it, or allow notify or pp on an end");
    }
    for (size_t i = 0; i < 2; i++) {
        channel->ends[1 - i].pd->called |= ends[i].call;
    }
    list_add(&composer->arena, &composer->system.channels, channel);
    return true;
}

static struct domain *domain_find(const struct system *system, const char *name)
{
    for (size_t i = 0; i < system->domains.count; i++) {
        struct domain *domain = system->domains.items[i];
        if (text_equal(domain->name, name)) {
            return domain;
        }
    }
    return NULL;
}

static bool domain_id_taken(const struct system *system, uint64_t id)
{
    for (size_t i = 0; i < system->domains.count; i++) {
        const struct domain *domain = system->domains.items[i];
        if (domain->has_id && domain->id == id) {
            return true;
        }
    }
    return false;
}

static bool parse_one_domain(struct composer *composer, const struct xml_node *node)
{
    struct system *system = &composer->system;
    struct domain *domain = arena_alloc(&composer->arena, sizeof(*domain));
    domain->at = node->at;
    node_is_leaf(composer, node);
    if (!node_allow(composer, node, "name id", "") ||
        !need_string(composer, node, "name", &domain->name)) {
        return false;
    }
    bool has_id = xml_attribute(node, XML_PLAIN, "id") != NULL;
    if (has_id && !need_id(composer, node, "id", DOMAIN_LIMIT, &domain->id)) {
        return false;
    }
    if (domain_find(system, domain->name) != NULL) {
        return diag_error(&composer->diag, node->at,
                          "domain '%s' is declared twice\n"
                          "remove one of the two declarations",
                          domain->name);
    }
    if (has_id && domain_id_taken(system, domain->id)) {
        return diag_error(&composer->diag, node->at,
                          "domain id %" PRIu64 " is taken\n"
                          "use another id, or leave it out",
                          domain->id);
    }
    domain->has_id = has_id;
    list_add(&composer->arena, &system->domains, domain);
    return true;
}

/* Domains without id get the smallest unused ones, in document order. */
static bool number_domains(struct composer *composer)
{
    struct system *system = &composer->system;
    for (size_t i = 0; i < system->domains.count; i++) {
        struct domain *domain = system->domains.items[i];
        if (domain->has_id) {
            continue;
        }
        while (domain_id_taken(system, domain->id)) {
            domain->id++;
        }
        domain->has_id = true;
        if (domain->id >= DOMAIN_LIMIT) {
            return diag_error(&composer->diag, domain->at,
                              "more than %d domains\n"
                              "remove some",
                              DOMAIN_LIMIT);
        }
    }
    return true;
}

/* A duration is a number, one blank and a unit. */
static bool parse_duration(struct composer *composer, const struct xml_node *node,
                           struct schedule_entry *entry)
{
    const char *duration = NULL;
    if (!need_string(composer, node, "duration", &duration)) {
        return false;
    }
    const char *blank = strchr(duration, ' ');
    bool good = blank != NULL;
    if (good) {
        char *number = arena_copy(&composer->arena, duration, (size_t)(blank - duration));
        entry->microseconds = text_equal(blank + 1, "us");
        good = number_parse(number, &entry->duration) && entry->duration != 0 &&
               entry->duration < 1ull << 56 &&
               (entry->microseconds || text_equal(blank + 1, "ticks"));
    }
    return good || diag_error(&composer->diag, node->at,
                              "'%s' is no duration\n"
                              "write a number that is not 0, one blank, and us or ticks",
                              duration);
}

static bool parse_entry(struct composer *composer, const struct xml_node *parent,
                        const struct xml_node *node)
{
    struct schedule_entry *entry = arena_alloc(&composer->arena, sizeof(*entry));
    entry->at = node->at;
    node_is_leaf(composer, node);
    if (node->space != XML_TESSERA && text_equal(node->name, "schedule_end_marker")) {
        entry->end_marker = true;
        if (!node_allow(composer, node, "", "")) {
            return false;
        }
    } else if (node->space != XML_TESSERA && text_equal(node->name, "schedule_entry")) {
        if (!node_allow(composer, node, "domain duration", "") ||
            !need_string(composer, node, "domain", &entry->domain_name) ||
            !parse_duration(composer, node, entry)) {
            return false;
        }
    } else {
        return node_unknown_child(composer, parent, node, "schedule_entry schedule_end_marker");
    }
    list_add(&composer->arena, &composer->system.schedule, entry);
    return true;
}

static bool parse_schedule(struct composer *composer, const struct xml_node *node)
{
    struct system *system = &composer->system;
    system->has_index_shift = xml_attribute(node, XML_PLAIN, "index_shift") != NULL;
    node_has_no_text(composer, node);
    if (!node_allow(composer, node, "start_index index_shift", "") ||
        !read_number(composer, node, "start_index", &system->start_index) ||
        !read_number(composer, node, "index_shift", &system->index_shift)) {
        return false;
    }
    bool good = true;
    for (size_t i = 0; i < node->children.count; i++) {
        good &= parse_entry(composer, node, node->children.items[i]);
    }
    if (!good) {
        return false;
    }
    size_t count = system->schedule.count;
    if (count == 0 || count >= SCHEDULE_LIMIT || system->index_shift >= SCHEDULE_LIMIT - count) {
        return diag_error(&composer->diag, node->at,
                          "the domain schedule has %zu entries, shifted by %" PRIu64 "\n"
                          "use at least one entry, and less than %d with the shift",
                          count, system->index_shift, SCHEDULE_LIMIT);
    }
    const struct schedule_entry *start =
        system->start_index < count ? system->schedule.items[system->start_index] : NULL;
    if (start == NULL || start->end_marker) {
        return diag_error(&composer->diag, node->at,
                          "start_index %" PRIu64 " is no entry of the domain schedule\n"
                          "use the place of a schedule_entry, counted from 0",
                          system->start_index);
    }
    return true;
}

static bool resolve_schedule(struct composer *composer)
{
    struct system *system = &composer->system;
    bool good = true;
    for (size_t i = 0; i < system->schedule.count; i++) {
        struct schedule_entry *entry = system->schedule.items[i];
        if (entry->end_marker) {
            continue;
        }
        const struct domain *domain = domain_find(system, entry->domain_name);
        if (domain == NULL) {
            good = diag_error(&composer->diag, entry->at,
                              "the schedule names the domain '%s', which does not exist\n"
                              "declare it with <domain name=.../>",
                              entry->domain_name);
        } else {
            entry->domain = domain->id;
        }
    }
    return good;
}

bool parse_domain_list(struct composer *composer, const struct xml_node *node)
{
    struct diag *diag = &composer->diag;
    size_t schedules = 0;
    if (composer->system.has_domains) {
        return diag_error(diag, node->at,
                          "a second domains element\n"
                          "put all domains into one");
    }
    if (composer->cores > 1) {
        return diag_error(diag, node->at,
                          "domains are for one core only\n"
                          "remove them, or compose for one core");
    }
    node_has_no_text(composer, node);
    composer->system.has_domains = true;
    bool good = node_allow(composer, node, "", "");
    for (size_t i = 0; i < node->children.count; i++) {
        const struct xml_node *child = node->children.items[i];
        bool ours = child->space == XML_TESSERA;
        if (!ours && text_equal(child->name, "domain")) {
            good &= parse_one_domain(composer, child);
        } else if (!ours && text_equal(child->name, "domain_schedule")) {
            schedules++;
            good &= schedules > 1 || parse_schedule(composer, child);
        } else {
            good = node_unknown_child(composer, node, child, "domain domain_schedule");
        }
    }
    composer->system.domains_broken = !good;
    if (!good) {
        return false;
    }
    composer->system.domains_broken = composer->system.domains.count == 0 || schedules != 1;
    if (composer->system.domains_broken) {
        return diag_error(diag, node->at,
                          "domains has %zu domain and %zu domain_schedule elements\n"
                          "give at least one domain and exactly one schedule",
                          composer->system.domains.count, schedules);
    }
    return number_domains(composer) && resolve_schedule(composer);
}
