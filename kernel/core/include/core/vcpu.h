/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual CPUs
 *
 * A thread with a VCPU is a guest's processor. Its EL1 state is kept in hardware as long as no
 * other VCPU needs the place: group B stays loaded while native threads run, group A (what would
 * be felt by native code) is changed on each switch between native and guest (abi/06 §2).
 *
 * Invariant: vcpu.tcb and tcb.vcpu name each other; tcb.hardware has THREAD_HAS_VCPU then.
 * Invariant: cpu.vcpu_active implies cpu.vcpu_current, and that its thread runs.
 */
#pragma once

#include <core/decode.h>
#include <core/state.h>

/** First contents of a new VCPU. Pre: the object is zero. */
void vcpu_init(struct vcpu *vcpu);
/** Make hardware fit a thread with this VCPU, NULL for native threads. */
void vcpu_switch(struct vcpu *vcpu);
/** Part the VCPU from its thread, if it has one; live hardware state is dropped. */
void vcpu_dissociate(struct vcpu *vcpu);
void vcpu_finalise(struct vcpu *vcpu);

/** The VGIC maintenance interrupt, and the virtual timer's. */
void vcpu_maintenance_interrupt(void);
void vcpu_timer_interrupt(void);

enum outcome vcpu_decode(struct invocation *inv);
