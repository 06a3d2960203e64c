/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Who could come to hold what: the closure of authority
 *
 * A system is cut down to subjects (what runs: threads that share an address space), nodes (what
 * capabilities name) and links between them. A fact says that a holder has a power over a node. The
 * closure is the least set of facts that holds the initial ones and is closed under two sets of
 * rules:
 *
 *   take   what a subject can do of its own will: act through a thread it controls, copy out of a
 *          CNode it holds, run a thread in an address space it holds, carve memory;
 *   give   what needs another's will too: a grant over an endpoint, a grant in a reply, a copy put
 *          into a CNode that another looks into.
 *
 * Facts of the first set have phase 1 (initial ones 0), those that need the second phase 2.
 * Nobody receives a capability who has no CNode capability to name the slot for it.
 *
 * Invariant: a fact is in the list once; what it was derived from stands before it.
 */
#pragma once

#include <model/memory.h>

#include <stdbool.h>

#define AUTHORITY_NONE UINT32_MAX

enum node_kind {
    NODE_ENDPOINT,
    NODE_NOTIFICATION,
    NODE_REPLY,
    NODE_TCB,
    NODE_CNODE,
    NODE_UNTYPED,
    NODE_VSPACE,
    NODE_TABLE,
    NODE_MEMORY,
    NODE_SCHED_CONTEXT,
    NODE_IRQ,
    NODE_VCPU,
    NODE_FIRMWARE,
    NODE_ASID,
    NODE_MASTER, /* irq_control, sched_control and the like */
    NODE_OTHER,
    NODE_KIND_COUNT
};

enum power {
    POWER_READ,    /* memory; receive, wait */
    POWER_WRITE,   /* memory; send, signal */
    POWER_GRANT,   /* send with capabilities; reply with capabilities */
    POWER_CALL,    /* send, and the reply may bring capabilities */
    POWER_FAULT,   /* the kernel sends the faults of the subject there */
    POWER_CONTROL, /* whatever else the object can be asked for */
    POWER_COUNT
};

/* Who holds it at the start. */
struct authority_hold {
    uint32_t holder; /* subject, or holder number of a CNode's contents */
    uint32_t node;
    uint32_t origin; /* capability in the spec */
    uint8_t power;
};

/* Power over the node makes the subject (or gives `target_power` over the node) `target`. */
struct authority_link {
    uint32_t node;
    uint32_t target;
    uint32_t origin;
    uint32_t next;
    uint8_t power;
    uint8_t target_power;
    uint8_t reason;
};

enum link_reason {
    LINK_THREAD,   /* its thread */
    LINK_VCPU,     /* its virtual CPU */
    LINK_CODE,     /* memory it executes */
    LINK_STACK,    /* its stack */
    LINK_BUFFER,   /* its IPC buffer */
    LINK_FAULT,    /* answers its faults */
    LINK_MAPPED,   /* memory mapped in the address space */
    LINK_DEVICE,   /* device memory that the untyped covers */
    LINK_BELOW,    /* objects made from the untyped */
    LINK_SPACE,    /* its address space or a table of it */
    LINK_CSPACE,   /* a CNode it looks into */
    LINK_TIME,     /* its scheduling context */
    LINK_INTERRUPT /* interrupt that signals it */
};

struct links {
    struct authority_link *list;
    uint32_t count, capacity;
    uint32_t *first; /* per node; by authority_seal */
};

struct authority_system {
    uint32_t subject_count;
    uint32_t node_count;
    uint8_t *kinds;   /* of nodes */
    uint8_t *passive; /* by subject: not 0 if it gives nothing and receives nothing; NULL: none */
    struct authority_hold *holds;
    uint32_t hold_count, hold_capacity;
    struct links spaces;   /* CNode -> subject that looks into it */
    struct links controls; /* power over node -> subject controlled */
    struct links views;    /* VSpace, untyped -> memory */
    struct links faults;   /* endpoint -> subject whose faults go there */
};

enum rule {
    RULE_HELD,
    RULE_CONTROL,   /* by control of who has it */
    RULE_COPY_OUT,  /* out of a CNode */
    RULE_VIEW,      /* through an address space or an untyped */
    RULE_PUT,       /* another puts it into the CNode */
    RULE_FIND,      /* found in the CNode it looks into */
    RULE_SEND,      /* sent over the endpoint with grant */
    RULE_RECEIVE,   /* received there */
    RULE_ANSWER,    /* put into a reply with grant */
    RULE_BRING,     /* brought by the reply */
    RULE_CONFIGURE, /* given by who controls it */
};

struct authority_fact {
    uint32_t holder, node;
    uint32_t from;    /* fact it is a copy of, or AUTHORITY_NONE */
    uint32_t because; /* fact that allows the copy, or AUTHORITY_NONE */
    uint32_t origin;  /* capability; of initial facts and of views */
    uint32_t next;    /* of the holder */
    uint8_t power, rule, phase;
};

struct authority_edge {
    uint32_t to, because, next;
    uint8_t rule;
};

struct closure {
    const struct authority_system *system;
    struct authority_fact *facts;
    uint32_t fact_count, fact_capacity;
    uint32_t held_count;              /* facts before are initial */
    uint32_t taken_count;             /* facts before need nobody's help */
    uint32_t *first_fact, *last_fact; /* per holder */
    struct authority_edge *edges;
    uint32_t edge_count, edge_capacity;
    uint32_t *first_edge; /* per holder */
    struct capdl_map fact_map, edge_map, control_map;
    uint32_t *receives, *threads, *replies, *reply_grants; /* per subject: first fact, or none */
    uint32_t cursor;
    uint8_t phase;
};

/* Holders beyond the subjects: what is in a CNode, and what others put there; what is sent over
 * an endpoint, and what replies bring. */
uint32_t authority_contents(const struct authority_system *system, uint32_t cnode);
uint32_t authority_added(const struct authority_system *system, uint32_t cnode);
uint32_t authority_holder_count(const struct authority_system *system);

uint32_t authority_node_add(struct authority_system *system, enum node_kind kind,
                            uint32_t *capacity);
void authority_hold_add(struct authority_system *system, uint32_t holder, uint32_t node,
                        enum power power, uint32_t origin);
void authority_link_add(struct links *links, const struct authority_link *link);
/* Index the links; after this nothing is added. */
void authority_seal(struct authority_system *system);
void authority_free(struct authority_system *system);

/* Pre: sealed. */
struct closure *closure_make(const struct authority_system *system);
void closure_free(struct closure *closure);

/* The fact, or AUTHORITY_NONE. */
uint32_t closure_find(const struct closure *closure, uint32_t holder, uint32_t node,
                      enum power power);
/* The fact by which a subject controls another, or AUTHORITY_NONE. */
uint32_t closure_controls(const struct closure *closure, uint32_t subject, uint32_t other);
