/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The root task's thread and its fixed capabilities (abi/05 §2, §4)
 */
#include "boot.h"

#include <core/cap.h>
#include <core/cdt.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/tcb.h>

#define NAME         "rootserver"
#define ROOT_REFILLS 2

void boot_fixed_caps(struct boot *boot)
{
    const struct root_objects *objects = &boot->objects;
    word_t bits = boot->table->root_cnode_bits;

    cdt_insert_root(boot_slot(boot, ROOT_SLOT_CNODE),
                    cap_cnode_new(objects->cnode, bits, CPTR_DEPTH - bits, 0));
    cdt_insert_root(boot_slot(boot, ROOT_SLOT_VSPACE),
                    cap_vspace_new(objects->vspace, true, ROOT_ASID));
    cdt_insert_root(boot_slot(boot, ROOT_SLOT_IRQ_CONTROL), cap_irq_control_new());
    cdt_insert_root(boot_slot(boot, ROOT_SLOT_ASID_CONTROL), cap_asid_control_new());
    cdt_insert_root(boot_slot(boot, ROOT_SLOT_ASID_POOL), cap_asid_pool_new(objects->asid_pool, 0));
    cdt_insert_root(boot_slot(boot, ROOT_SLOT_DOMAIN), cap_domain_new());
    if ((boot->table->flags & BOOT_SMC) != 0) {
        cdt_insert_root(boot_slot(boot, ROOT_SLOT_SMC), cap_smc_new(0));
    }
}

/* The thread holds copies of what is in the root CNode. */
static void give_copy(struct boot *boot, struct tcb *thread, enum tcb_slot to, word_t from)
{
    struct slot *source = boot_slot(boot, from);
    struct cap copy = cap_null_new();

    if (cap_derive(source, source->cap, &copy) == ERR_NONE) {
        cdt_insert(copy, source, &thread->slots[to]);
    }
}

void boot_thread(struct boot *boot)
{
    struct root_objects *objects = &boot->objects;
    struct tcb *thread = tcb_at((struct tcb_ref){ objects->tcb });
    struct sched_context *context =
        sched_context_at((struct sched_context_ref){ objects->sched_context });

    tcb_init(thread);
    thread->context.regs[CONTEXT_X0] = boot_info_vaddr(boot);
    thread->context.regs[CONTEXT_NEXT_IP] = boot->table->user_entry;
    thread->context.regs[CONTEXT_FAULT_IP] = boot->table->user_entry;
    thread->priority = ROOT_PRIORITY;
    thread->mcp = ROOT_PRIORITY;
    thread->ipc_buffer = boot->image_end;
    give_copy(boot, thread, TCB_SLOT_CSPACE, ROOT_SLOT_CNODE);
    give_copy(boot, thread, TCB_SLOT_VSPACE, ROOT_SLOT_VSPACE);
    give_copy(boot, thread, TCB_SLOT_BUFFER, ROOT_SLOT_IPC_BUFFER);
    for (word_t i = 0; i < sizeof(NAME); i++) {
        thread->name[i] = NAME[i];
    }
    cdt_insert_root(boot_slot(boot, ROOT_SLOT_TCB), cap_tcb_new(objects->tcb));
    cdt_insert_root(boot_slot(boot, ROOT_SLOT_SCHED_CONTEXT),
                    cap_sched_context_new(objects->sched_context, SCHED_CONTEXT_MIN_BITS));

    sched_context_init(context, ROOT_REFILLS, ticks_from_us(boot->table->boot_slice_us), 0);
    thread->state = THREAD_RUNNING;
    sched_context_bind_tcb(context, thread);
    scheduler_append(thread);
    scheduler_reschedule();
    scheduler_run();
}
