/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB objects and their invocations
 */
#pragma once

#include <core/decode.h>
#include <core/state.h>

/** First contents of a new thread. Pre: the object is zero. */
void tcb_init(struct tcb *thread);
/** Everything that the deletion of a TCB does before its five slots are emptied (abi/02 §6). */
void tcb_finalise(struct tcb *thread);

enum outcome tcb_decode(struct invocation *inv);

/* Used by tcb.c; each checks one invocation and performs it (tcb_space.c, tcb_registers.c). */
enum outcome tcb_decode_read_registers(struct invocation *inv, struct tcb *thread);
enum outcome tcb_decode_write_registers(struct invocation *inv, struct tcb *thread);
enum outcome tcb_decode_copy_registers(struct invocation *inv, struct tcb *thread);
enum outcome tcb_decode_configure(struct invocation *inv, struct tcb *thread);
enum outcome tcb_decode_set_ipc_buffer(struct invocation *inv, struct tcb *thread);
enum outcome tcb_decode_set_space(struct invocation *inv, struct tcb *thread);
enum outcome tcb_decode_set_sched_params(struct invocation *inv, struct tcb *thread);
enum outcome tcb_decode_set_timeout_endpoint(struct invocation *inv, struct tcb *thread);
