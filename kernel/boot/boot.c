/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * From the first C line with the MMU on to the first user instruction
 *
 * The boot table has been checked (table.c, before the MMU was on). Nothing here runs twice, and
 * memory that becomes untyped is not touched.
 */
#include "boot.h"

#include <arch/layout.h>
#include <config.h>
#include <core/asid.h>
#include <core/cdt.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <machine/parts.h>

#define VTIMER_IRQ   27
#define HZ_PER_KHZ   1000
#define DOMAIN_TICKS ((1ul << 56) - 1) /* longest time an entry of the domain schedule can have */
#define IDLE_REFILLS 2

/* The idle thread: it has no capabilities and never enters a queue. */
static _Alignas(1 << TCB_BITS) struct tcb idle_thread;
static _Alignas(16) word_t
    idle_context[(sizeof(struct sched_context) + IDLE_REFILLS * sizeof(struct refill)) /
                 sizeof(word_t)];

void boot_slot_fill(struct boot *boot, struct cap cap)
{
    if (boot->next_slot == 1ul << boot->table->root_cnode_bits) {
        machine_panic("the root CNode is too small for the image; build the image with a larger "
                      "--root-cnode-bits");
    }
    cdt_insert_root(boot_slot(boot, boot->next_slot), cap);
    boot->next_slot++;
}

static void configure(const struct boot_table *table)
{
    struct kernel_config *config = &kernel.config;

    config->max_irq = table->max_irq;
    config->domain_count = table->domains;
    config->timer_irq = table->timer_irq;
    config->maintenance_irq = table->maintenance_irq;
    config->vtimer_irq = VTIMER_IRQ;
    config->ticks_per_ms = table->timer_hz / HZ_PER_KHZ;
    config->counter_access = table->counter_access;
    config->extensions = (table->flags & BOOT_EXTENSIONS) != 0;
    config->is_debug = CONFIG_DEBUG != 0;

    kernel.irq_state[table->timer_irq] = IRQ_TIMER;
    kernel.irq_state[table->maintenance_irq] = IRQ_RESERVED;
    kernel.irq_state[VTIMER_IRQ] = IRQ_RESERVED;

    kernel.domain_schedule[0] = (struct domain_entry){ 0, DOMAIN_TICKS };
    kernel.domain_time_left = DOMAIN_TICKS;
}

static void start_scheduler(const struct boot_table *table)
{
    struct sched_context *idle = (struct sched_context *)idle_context;
    word_t slice = ticks_from_us(table->boot_slice_us);

    this_cpu()->idle = tcb_ref_of(&idle_thread);
    this_cpu()->idle_sc = sched_context_ref_of(idle);
    scheduler_init();
    sched_context_init(idle, IDLE_REFILLS, slice, 0);
    idle->tcb = this_cpu()->idle;
    idle_thread.sched_context = this_cpu()->idle_sc;
    machine_irq_unmask(table->timer_irq);
    machine_irq_unmask(table->maintenance_irq);
}

static void build_root_task(struct boot *boot)
{
    struct root_objects *objects = &boot->objects;

    boot_space_measure(boot);
    boot_objects_place(boot);
    boot->info = machine_pointer(objects->boot_info);
    boot->next_slot = ROOT_SLOT_FIRST_FREE;
    boot_fixed_caps(boot);
    asid_boot(machine_pointer(objects->asid_pool), objects->vspace);
    boot_space_tables(boot);

    boot->info->schedcontrol.start = boot->next_slot;
    boot_slot_fill(boot, cap_sched_control_new(0));
    boot->info->schedcontrol.end = boot->next_slot;

    boot_space_frames(boot);
    boot_untyped_create(boot);

    boot->info->empty.start = boot->next_slot;
    boot->info->empty.end = 1ul << boot->table->root_cnode_bits;
}

static void describe(struct boot *boot)
{
    struct boot_info *info = boot->info;

    info->extra_len = boot->extra_bytes;
    info->num_nodes = boot->table->core_count;
    info->ipc_buffer = boot->image_end;
    info->init_thread_cnode_size_bits = boot->table->root_cnode_bits;
}

void boot_main(const struct boot_table *table)
{
    struct boot boot = { .table = table };

    console_init(table);
    gic_init(table);
    cpu_init(table);
    timer_init();
    configure(table);
    start_scheduler(table);
    build_root_task(&boot);
    describe(&boot);
    boot_thread(&boot);
    if (kernel.config.is_debug) {
        print_text("KERNEL|INFO: root task starts at ");
        print_hex(table->user_entry);
        print_text("\n");
    }
}
