/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The domain capability (abi/03 §7)
 */
#include <core/domain.h>

#include <abi/labels.h>
#include <core/cap.h>
#include <core/scheduler.h>

/* Entries of the schedule; the last one always is an end marker. */
static word_t domain_schedule_length(void)
{
    return kernel.config.domain_count == 1 ? DOMAIN_SCHEDULE_LENGTH_SINGLE : DOMAIN_ENTRIES;
}

static enum outcome domain_decode_set(struct invocation *inv)
{
    word_t domain = invocation_arg(inv, 0) & 0xff;

    if (inv->length == 0) {
        return error_truncated();
    }
    if (domain >= kernel.config.domain_count) {
        return error_argument(0);
    }
    if (inv->extra_count < 1) {
        return error_truncated();
    }
    if (cap_type(inv->extra[0]->cap) != CAP_TCB) {
        return error_argument(1);
    }
    scheduler_set_domain(cap_tcb_object(inv->extra[0]->cap), domain);
    return OUTCOME_DONE;
}

static enum outcome domain_decode_configure(struct invocation *inv)
{
    word_t index = invocation_arg(inv, 0);
    word_t domain = invocation_arg(inv, 1) & 0xff;
    word_t duration = invocation_arg(inv, 2);

    if (inv->length < 3) {
        return error_truncated();
    }
    if (index >= domain_schedule_length() - 1) {
        return error_range(0, domain_schedule_length() - 2);
    }
    if (domain >= kernel.config.domain_count) {
        return error_range(0, kernel.config.domain_count - 1);
    }
    if (duration > DOMAIN_DURATION_MAX) {
        return error_argument(2);
    }
    if (duration == 0 && domain != 0) {
        return error_argument(1);
    }
    if (index == kernel.domain_start && duration == 0) {
        return error_argument(2);
    }
    kernel.domain_schedule[index] = (struct domain_entry){ domain, duration };
    return OUTCOME_DONE;
}

static enum outcome domain_decode_start(struct invocation *inv)
{
    word_t index = invocation_arg(inv, 0);

    if (inv->length < 1) {
        return error_truncated();
    }
    if (index >= domain_schedule_length()) {
        return error_range(0, domain_schedule_length() - 1);
    }
    if (kernel.domain_schedule[index].duration == 0) {
        return error_argument(0);
    }
    kernel.domain_start = index;
    scheduler_restart_domains();
    return OUTCOME_DONE;
}

enum outcome domain_decode(struct invocation *inv)
{
    switch (inv->label) {
    case LABEL_DOMAIN_SET_SET: return domain_decode_set(inv);
    case LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE: return domain_decode_configure(inv);
    case LABEL_DOMAIN_SET_SCHEDULE_SET_START: return domain_decode_start(inv);
    default: return error_illegal();
    }
}
