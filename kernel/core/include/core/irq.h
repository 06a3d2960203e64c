/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Interrupts as capabilities
 */
#pragma once

#include <core/decode.h>

enum outcome irq_control_decode(struct invocation *inv);
enum outcome irq_handler_decode(struct invocation *inv);
enum outcome sgi_decode(struct invocation *inv);

/** Deliver interrupt `irq`, taken by machine_irq_take; not one that the kernel keeps. */
void irq_handle(word_t irq);
/** One bounded step of removing the notification bound to `irq`. True: there is none. */
bool irq_unbind_step(word_t irq);
/** The last handler capability has gone: silence the interrupt; it can be issued again. */
void irq_release(word_t irq);
