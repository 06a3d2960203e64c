/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Event loop of a component
 *
 * One turn is one kernel entry in the common cases: what the last event left to do (a reply,
 * or one deferred signal or acknowledgement) is combined with the next receive.
 *
 * Invariant: between two receives exactly one event is handled; entry points never nest.
 */
#include <microkit.h>

#include <runtime/tls.h>

#define INPUT_CAP 1
#define REPLY_CAP 4

#define BADGE_IS_CALL  (1ull << 63)
#define BADGE_IS_FAULT (1ull << 62)
#define BADGE_ID_MASK  0xffffu /* of a child, or of the channel that calls */

/* Kept although unused here: the composer patches all of them by name. */
#define PATCHED __attribute__((used, section(".data.microkit")))

/* Not thread-local: its value is known when the program is built, see microkit.ld. */
seL4_IPCBuffer *__sel4_ipc_buffer =
    (seL4_IPCBuffer *)(seL4_UserVSpaceTop & ~((1ull << seL4_PageBits) - 1));

PATCHED char microkit_name[MICROKIT_PD_NAME_LENGTH] = { 0 };
PATCHED seL4_Bool microkit_passive = seL4_False;
PATCHED seL4_Word microkit_irqs = 0;
PATCHED seL4_Word microkit_notifications = 0;
PATCHED seL4_Word microkit_pps = 0;
PATCHED seL4_Word microkit_ioports = 0;
PATCHED seL4_Word microkit_wide_pps[MICROKIT_WIDE_IDS / 64] = { 0 };

seL4_Bool microkit_have_signal = seL4_False;
seL4_CPtr microkit_signal_cap;
seL4_MessageInfo_t microkit_signal_msg;

typedef void constructor_fn(void);
extern constructor_fn *const __init_array_start[];
extern constructor_fn *const __init_array_end[];

int main(void);

__attribute__((weak)) microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)msginfo;
    microkit_internal_bad_id("protected (not provided)", ch);
    microkit_internal_crash("protected", 0);
    return seL4_MessageInfo_new(0, 0, 0, 0);
}

__attribute__((weak)) seL4_Bool fault(microkit_child child, microkit_msginfo msginfo,
                                      microkit_msginfo *reply_msginfo)
{
    (void)msginfo;
    (void)reply_msginfo;
    microkit_internal_bad_id("fault (not provided)", child);
    microkit_internal_crash("fault", 0);
    return seL4_False;
}

static void constructors_run(void)
{
    for (constructor_fn *const *entry = __init_array_start; entry < __init_array_end; entry++) {
        (*entry)();
    }
}

/* Acknowledge every interrupt once: one that was pending before boot would else stay masked. */
static void interrupts_open(void)
{
    for (seL4_Word id = 0; id <= MICROKIT_MAX_CHANNEL_ID; id++) {
        if ((microkit_irqs & (1ull << id)) != 0) {
            (void)seL4_IRQHandler_Ack(BASE_IRQ_CAP + id);
        }
    }
}

static void notifications_dispatch(seL4_Word badge)
{
    for (microkit_channel id = 0; badge != 0; id++, badge >>= 1) {
        if ((badge & 1u) != 0) {
            notified(id);
        }
    }
}

/* Receive the next event, carrying out first what is due. */
static microkit_msginfo event_receive(seL4_Bool reply_due, microkit_msginfo reply, seL4_Word *badge)
{
    if (reply_due) {
        if (microkit_have_signal) {
            microkit_have_signal = seL4_False;
            seL4_Send(microkit_signal_cap, microkit_signal_msg);
        }
        return seL4_ReplyRecv(INPUT_CAP, reply, badge, REPLY_CAP);
    }
    if (microkit_have_signal) {
        microkit_have_signal = seL4_False;
        return seL4_NBSendRecv(microkit_signal_cap, microkit_signal_msg, INPUT_CAP, badge,
                               REPLY_CAP);
    }
    return seL4_Recv(INPUT_CAP, badge, REPLY_CAP);
}

static _Noreturn void event_loop(void)
{
    seL4_Bool reply_due = seL4_False;
    microkit_msginfo reply = seL4_MessageInfo_new(0, 0, 0, 0);

    for (;;) {
        seL4_Word badge = 0;
        microkit_msginfo message = event_receive(reply_due, reply, &badge);

        if ((badge & BADGE_IS_FAULT) != 0) {
            reply_due = fault((microkit_child)(badge & BADGE_ID_MASK), message, &reply);
        } else if ((badge & BADGE_IS_CALL) != 0) {
            reply = protected((microkit_channel)(badge & BADGE_ID_MASK), message);
            reply_due = seL4_True;
        } else {
            notifications_dispatch(badge);
            reply_due = seL4_False;
        }
    }
}

int main(void)
{
    runtime_tls_init();
    constructors_run();
    init();
    if (microkit_passive) {
        /* The monitor takes the scheduling context back; replaces any deferred action. */
        microkit_have_signal = seL4_True;
        microkit_signal_msg = seL4_MessageInfo_new(0, 0, 0, 0);
        microkit_signal_cap = MONITOR_EP;
    }
    interrupts_open();
    event_loop();
}
