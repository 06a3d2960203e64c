/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The short cuts do what the general path does
 *
 * Random programs of clients and servers are played twice from the same start, once with the
 * short cuts and once without; after every step the whole state and all objects must be equal.
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/cdt.h>
#include <core/notification.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/thread.h>
#include <core/vcpu.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAMS  400
#define STEPS     60
#define CLIENTS   3
#define SERVERS   3
#define ENDPOINTS 2

static word_t endpoints[ENDPOINTS], replies[SERVERS], bound;
static struct tcb *servers[SERVERS], *clients[CLIENTS];

static void make_servers(void)
{
    for (word_t i = 0; i < SERVERS; i++) {
        const word_t endpoint = endpoints[random_below(ENDPOINTS)];

        replies[i] = scene_reply();
        servers[i] = scene_runner(250);
        SYSCALL(servers[i], SYS_RECV, .cap = endpoint, .reply = replies[i]);
        if (random_below(3) != 0) {
            sched_context_unbind_tcb(sched_context_at(servers[i]->sched_context));
        } else if (random_below(2) == 0) {
            scene_configure(scene_put(cap_sched_context_new(servers[i]->sched_context.raw, 10)),
                            100 + random_below(100), 1000, random_below(3), random_below(2));
        }
        if (random_below(8) == 0) {
            scene_drop_buffer(servers[i]);
        }
    }
}

static void make_guest(struct tcb *thread)
{
    struct vcpu *vcpu = vcpu_at((struct vcpu_ref){ world_alloc(VCPU_BITS) });

    vcpu_init(vcpu);
    vcpu->tcb = tcb_ref_of(thread);
    thread->vcpu = vcpu_ref_of(vcpu);
    thread->hardware |= THREAD_HAS_VCPU;
}

/* The start of a program: everything random about it comes from `seed`. */
static void make_scene(uint64_t seed)
{
    scene_setup(NULL);
    random_state = seed;
    world.root->priority = 1;
    for (word_t i = 0; i < ENDPOINTS; i++) {
        endpoints[i] = scene_endpoint();
    }
    bound = scene_notification();
    make_servers();
    for (word_t i = 0; i < CLIENTS; i++) {
        clients[i] = scene_runner(100 + random_below(3) * 10);
        if (random_below(2) == 0) {
            scene_configure(scene_put(cap_sched_context_new(clients[i]->sched_context.raw, 10)),
                            100 + random_below(100), 1000, random_below(3), random_below(2));
        }
    }
    for (word_t i = 0; i < SERVERS; i++) {
        thread_set_priority(servers[i], 90 + random_below(5) * 10);
    }
    if (random_below(3) == 0) {
        notification_bind_tcb(scene_notification_at(bound), servers[0]);
    }
    if (random_below(3) == 0) {
        make_guest(clients[0]);
    }
    for (word_t i = 0; i < CLIENTS; i++) {
        /* One in three cannot be answered. */
        const word_t rights = random_below(3) == 0 ? 1 : 15;

        cdt_insert(cap_mask_rights(rights, world_slot(endpoints[0])->cap), world_slot(endpoints[0]),
                   &clients[i]->slots[TCB_SLOT_FAULT_HANDLER]);
    }
    scheduler_run();
}

static word_t reply_of(const struct tcb *thread)
{
    for (word_t i = 0; i < SERVERS; i++) {
        if (servers[i] == thread) {
            return replies[i];
        }
    }
    return SLOT_NULL;
}

/* What the current thread does next. */
static word_t make_request(struct tcb *thread)
{
    static const word_t lengths[] = { 0, 1, 4, 5, 10, 120 };
    word_t *regs = thread->context.regs;
    const word_t length = lengths[random_below(6)];
    const word_t endpoint = endpoints[random_below(ENDPOINTS)];
    const word_t reply = reply_of(thread);

    for (word_t i = 0; i < MESSAGE_REGISTERS; i++) {
        regs[CONTEXT_MESSAGE + i] = random_below(1000);
    }
    regs[CONTEXT_INFO] =
        msginfo_new(random_below(2) * random_below(100), 0, random_below(20) == 0, length);
    regs[CONTEXT_CAP] = random_below(30) == 0 ? SLOT_NULL : endpoint;
    regs[CONTEXT_REPLY] = random_below(30) == 0 ? replies[random_below(SERVERS)] : reply;
    if (random_below(12) == 0) {
        regs[CONTEXT_CAP] = bound;
        return (word_t)SYS_SEND;
    }
    if (random_below(15) == 0) {
        return (word_t)SYS_YIELD;
    }
    return reply != SLOT_NULL && random_below(4) != 0 ? (word_t)SYS_REPLY_RECV : (word_t)SYS_CALL;
}

/* The current thread does what it cannot do. */
static void make_fault(struct tcb *thread)
{
    static const enum event_kind kinds[] = { EVENT_VCPU_FAULT, EVENT_VM_FAULT, EVENT_USER_EXCEPTION,
                                             EVENT_UNKNOWN_SYSCALL };
    const struct event event = { .kind = kinds[random_below(4)],
                                 .is_fetch = random_below(2),
                                 .number = random_below(1000),
                                 .address = random_below(1000),
                                 .syndrome = random_below(100) };

    thread->context.regs[CONTEXT_FAULT_IP] = thread->context.regs[CONTEXT_NEXT_IP];
    kernel_step(&event);
}

/* A thread that waits for an answer will not be ready when it comes. */
static void delay_client(struct tcb *client)
{
    struct sched_context *context = sched_context_at(client->sched_context);

    if (client->state == THREAD_BLOCKED_ON_REPLY && context != NULL) {
        refill_head(context)->time = host.now + 2000;
    }
}

static void play_step(bool short_cuts)
{
    struct tcb *thread = scene_current();

    host.now += random_below(5000);
    if (random_below(10) == 0) {
        delay_client(clients[random_below(CLIENTS)]);
    }
    if (random_below(10) == 0) {
        host.irq_pending[TIMER_IRQ] = true;
        kernel_step_interrupt();
    } else if (scene_is_idle()) {
        kernel_step_interrupt();
    } else if (random_below(4) == 0) {
        make_fault(thread);
    } else {
        const word_t number = make_request(thread);

        thread->context.regs[CONTEXT_NEXT_IP] += 4;
        thread->context.regs[CONTEXT_FAULT_IP] = thread->context.regs[CONTEXT_NEXT_IP] - 4;
        if (short_cuts) {
            kernel_step_syscall(number);
        } else {
            kernel_step_syscall_general(number);
        }
    }
    /* Not reset when it has lost its meaning. */
    this_cpu()->candidate.raw = 0;
}

struct record {
    struct kernel_state kernel;
    struct host_model host;
    unsigned char memory[1ul << 18];
};

static void play(uint64_t seed, word_t steps, bool short_cuts, struct record *record)
{
    word_t fast_budget;

    make_scene(seed);
    fast_budget = kernel.config.fast_budget;
    if (!short_cuts) {
        kernel.config.fast_budget = UINT64_MAX / 2;
    }
    for (word_t i = 0; i < steps; i++) {
        play_step(short_cuts);
    }
    kernel.config.fast_budget = fast_budget;
    record->kernel = kernel;
    record->host = host;
    assert_true(world.used - HOST_MEMORY <= sizeof(record->memory));
    memcpy(record->memory, machine_pointer(HOST_MEMORY), sizeof(record->memory));
}

static void programs_end_alike(void **state)
{
    struct record *general = calloc(1, sizeof(*general));
    struct record *fast = calloc(1, sizeof(*fast));

    (void)state;
    for (uint64_t program = 1; program <= PROGRAMS; program++) {
        const uint64_t seed = program * 0x9e3779b97f4a7c15ul;
        const word_t steps = 1 + program % STEPS;

        play(seed, steps, false, general);
        play(seed, steps, true, fast);
        assert_memory_equal(&general->kernel, &fast->kernel, sizeof(fast->kernel));
        assert_memory_equal(&general->host, &fast->host, sizeof(fast->host));
        assert_memory_equal(general->memory, fast->memory, sizeof(fast->memory));
    }
    free(general);
    free(fast);
}

/* The comparison above would be worth nothing if the short cuts were never taken: they do not
 * name a candidate, the general path does. */
static void short_cuts_are_taken(void **state)
{
    struct tcb *server = scene_runner(255);
    const word_t endpoint = scene_endpoint();
    const word_t reply = scene_reply();

    (void)state;
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    SYSCALL(server, SYS_RECV, .cap = endpoint, .reply = reply);
    sched_context_unbind_tcb(sched_context_at(server->sched_context));
    this_cpu()->candidate.raw = 0;
    SYSCALL(world.root, SYS_CALL, .cap = endpoint);
    assert_running(server);
    SYSCALL(server, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
    assert_running(world.root);
    assert_int_equal(this_cpu()->candidate.raw, 0);
}

/* A handler on its own time, and one on that of the thread. */
static void short_cuts_for_faults_are_taken(void **state)
{
    for (int is_passive = 0; is_passive < 2; is_passive++) {
        scene_setup(state);
        struct tcb *server = scene_runner(255);
        const word_t endpoint = scene_endpoint();
        const word_t reply = scene_reply();

        SYSCALL(world.root, SYS_YIELD, .cap = 0);
        SYSCALL(server, SYS_RECV, .cap = endpoint, .reply = reply);
        if (is_passive != 0) {
            sched_context_unbind_tcb(sched_context_at(server->sched_context));
        }
        cdt_insert(world_slot(endpoint)->cap, world_slot(endpoint),
                   &world.root->slots[TCB_SLOT_FAULT_HANDLER]);
        this_cpu()->candidate.raw = 0;
        kernel_step(&(struct event){ .kind = EVENT_VM_FAULT, .address = 77 });
        assert_running(server);
        assert_int_equal(scene_word(server, VM_FAULT_ADDRESS), 77);
        SYSCALL(server, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
        assert_running(world.root);
        assert_int_equal(this_cpu()->candidate.raw, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(programs_end_alike),
        cmocka_unit_test_setup(short_cuts_are_taken, scene_setup),
        cmocka_unit_test_setup(short_cuts_for_faults_are_taken, scene_setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
