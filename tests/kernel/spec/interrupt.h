/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: interrupts as capabilities (abi/03 §6, abi/02 §7)
 */
#pragma once

#include "invoke.h"

struct answer spec_irq_control_invoke(const struct call *call);
struct answer spec_irq_handler_invoke(const struct call *call);
struct answer spec_sgi_invoke(const struct call *call);

/** The interrupt has come. */
void spec_irq_handle(word_t irq);
/** The last handler capability goes. */
void spec_irq_handler_end(word_t irq);
