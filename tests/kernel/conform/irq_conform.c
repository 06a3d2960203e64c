/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: interrupts (abi/03 §6, abi/05 §8)
 *
 * The EL1 physical timer (interrupt 30) is a source that a native thread can program itself.
 */
#include "conform.h"

#define TIMER_IRQ 30
#define SGI       3
#define CONTROL   seL4_CapIRQControl

static void timer_arm(seL4_Word us)
{
    __asm__ volatile("msr cntp_tval_el0, %0\n\tmsr cntp_ctl_el0, %1\n\tisb"
                     :
                     : "r"(us * 125 / 2), "r"(1ul)
                     : "memory");
}

static void timer_stop(void)
{
    __asm__ volatile("msr cntp_ctl_el0, xzr\n\tisb" : : : "memory");
}

static void check_errors(seL4_CPtr handler)
{
    seL4_CPtr slot = slot_new();

    CHECK_EQ(seL4_IRQControl_Get(CONTROL, 160, ROOT, slot, DEPTH), seL4_RangeError);
    CHECK_EQ(seL4_GetMR(1), 159);
    CHECK_EQ(seL4_IRQControl_Get(CONTROL, 26, ROOT, slot, DEPTH), seL4_RevokeFirst);
    CHECK_EQ(seL4_IRQControl_Get(CONTROL, 25, ROOT, slot, DEPTH), seL4_RevokeFirst);
    CHECK_EQ(seL4_IRQControl_Get(CONTROL, 27, ROOT, slot, DEPTH), seL4_RevokeFirst);
    CHECK_EQ(seL4_IRQControl_Get(CONTROL, TIMER_IRQ, ROOT, slot, DEPTH), seL4_RevokeFirst);
    CHECK_EQ(seL4_IRQControl_Get(CONTROL, 40, ROOT, handler, DEPTH), seL4_DeleteFirst);
    CHECK_EQ(seL4_IRQControl_GetTrigger(CONTROL, 41, 1, ROOT, slot, DEPTH), seL4_NoError);
    CHECK_EQ(cap_delete(slot), seL4_NoError);
    CHECK_EQ(seL4_IRQControl_GetTrigger(CONTROL, 41, 0, ROOT, slot, DEPTH), seL4_NoError);
}

static void check_delivery(seL4_CPtr handler)
{
    seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    seL4_CPtr badged = cap_mint(notification, seL4_CanWrite, 0x80);
    seL4_Word badge, start;

    CHECK_EQ(seL4_IRQHandler_SetNotification(handler, badged), seL4_NoError);
    for (unsigned round = 0; round < 3; round++) {
        start = time_now();
        timer_arm(2000);
        (void)seL4_Wait(notification, &badge);
        CHECK_EQ(badge, 0x80);
        CHECK(time_us(time_now() - start) >= 1990);
        /* Still pending at the device, but silent until it is acknowledged. */
        spin_us(100);
        (void)seL4_Poll(notification, &badge);
        CHECK_EQ(badge, 0);
        timer_stop();
        CHECK_EQ(seL4_IRQHandler_Ack(handler), seL4_NoError);
        spin_us(100);
        (void)seL4_Poll(notification, &badge);
        CHECK_EQ(badge, 0);
    }
    /* Acknowledged while the device still asks: it comes again. */
    timer_arm(0);
    (void)seL4_Wait(notification, &badge);
    CHECK_EQ(seL4_IRQHandler_Ack(handler), seL4_NoError);
    (void)seL4_Wait(notification, &badge);
    CHECK_EQ(badge, 0x80);
    timer_stop();
    CHECK_EQ(seL4_IRQHandler_Ack(handler), seL4_NoError);
    CHECK_EQ(seL4_IRQHandler_Clear(handler), seL4_NoError);
}

/* A handler that goes and comes again. */
static void check_reissue(seL4_CPtr handler)
{
    CHECK_EQ(cap_delete(handler), seL4_NoError);
    CHECK_EQ(seL4_IRQControl_Get(CONTROL, TIMER_IRQ, ROOT, handler, DEPTH), seL4_NoError);
    check_delivery(handler);
}

static void check_sgi(void)
{
    seL4_CPtr handler = slot_new();
    seL4_CPtr sender = slot_new();
    seL4_CPtr notification = object_new(seL4_NotificationObject, 0);
    seL4_CPtr badged = cap_mint(notification, seL4_CanWrite, 0x10);
    seL4_Word badge;

    CHECK_EQ(seL4_IRQControl_Get(CONTROL, SGI, ROOT, handler, DEPTH), seL4_NoError);
    CHECK_EQ(seL4_IRQHandler_SetNotification(handler, badged), seL4_NoError);
    CHECK_EQ(seL4_IRQControl_IssueSGISignal(CONTROL, 16, 0, ROOT, sender, DEPTH), seL4_RangeError);
    CHECK_EQ(seL4_IRQControl_IssueSGISignal(CONTROL, SGI, 0, ROOT, sender, DEPTH), seL4_NoError);
    for (unsigned round = 0; round < 2; round++) {
        seL4_Signal(sender);
        (void)seL4_Wait(notification, &badge);
        CHECK_EQ(badge, 0x10);
        CHECK_EQ(seL4_IRQHandler_Ack(handler), seL4_NoError);
    }
}

void suite_irq(void)
{
    seL4_CPtr handler = slot_new();

    CHECK_EQ(seL4_IRQControl_Get(CONTROL, TIMER_IRQ, ROOT, handler, DEPTH), seL4_NoError);
    check_errors(handler);
    check_delivery(handler);
    check_reissue(handler);
    check_sgi();
}
