/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: virtual CPUs (abi/03 §10, abi/06)
 */
#pragma once

#include "invoke.h"

struct answer spec_vcpu_invoke(const struct call *call);
struct spec_vcpu *spec_vcpu_new(word_t id);
struct spec_vcpu *spec_vcpu_by_id(word_t id);
/** The VCPU of a thread, or NULL. */
struct spec_vcpu *spec_vcpu_of(const struct spec_thread *thread);
/** Part it from its thread; what is in hardware only is lost. */
void spec_vcpu_dissociate(struct spec_vcpu *vcpu);
void spec_vcpu_end(struct spec_vcpu *vcpu);
/** Hardware fits the current thread. */
void spec_vcpu_switch(void);
/** The maintenance interrupt (number 25) with what the hardware says, or the virtual timer's. */
void spec_vcpu_maintenance(word_t index);
void spec_vcpu_timer(void);
bool spec_vcpu_field_is_lazy(word_t field);
