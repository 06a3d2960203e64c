/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Conformance: address spaces (abi/03 §9, abi/05 §3)
 */
#include "conform.h"

#define VSPACE seL4_CapInitThreadVSpace
#define ATTR   seL4_ARM_Default_VMAttributes

static seL4_CPtr endpoint, reply;

/* Reads or writes one word in a thread that faults to us if it may not. */
static volatile seL4_Word word_read;

static void read_word(seL4_Word address, seL4_Word unused)
{
    (void)unused;
    word_read = *(volatile seL4_Word *)address; /* may fault */
}

static void write_word(seL4_Word address, seL4_Word value)
{
    *(volatile seL4_Word *)address = value; /* may fault */
}

static void call_address(seL4_Word address, seL4_Word unused)
{
    (void)unused;
    ((void (*)(void))address)();
}

/* Label of the fault that running `function` raises; 0 if none. */
static seL4_Word fault_label(thread_fn *function, seL4_Word address, seL4_Word value)
{
    struct thread thread = thread_new(MAIN_PRIO + 1);
    seL4_Word badge, label = 0;
    seL4_MessageInfo_t info;

    thread_fault_endpoint(&thread, endpoint);
    thread_run(&thread, function, address, value);
    info = seL4_NBRecv(endpoint, &badge, reply);
    if (badge == 0x44) {
        label = seL4_MessageInfo_get_label(info);
    }
    CHECK_EQ(seL4_TCB_Suspend(thread.tcb), seL4_NoError);
    CHECK_EQ(cap_delete(thread.tcb), seL4_NoError);
    return label;
}

static void check_frames(void)
{
    seL4_Word at = space_new(0x200000);
    seL4_CPtr frame = object_new(seL4_ARM_SmallPageObject, 0);
    seL4_CPtr copy = cap_mint(frame, seL4_AllRights, 0);
    seL4_CPtr read_only = cap_mint(frame, seL4_CanRead, 0);

    CHECK_EQ(fault_label(read_word, at, 0), seL4_Fault_VMFault);
    CHECK_EQ(seL4_ARM_Page_Map(frame, VSPACE, at, seL4_AllRights, ATTR), seL4_NoError);
    *(volatile seL4_Word *)at = 42; /* our own mapping, watched by nobody */
    CHECK_EQ(seL4_ARM_Page_Map(copy, VSPACE, at + 8, seL4_AllRights, ATTR), seL4_AlignmentError);
    CHECK_EQ(seL4_ARM_Page_Map(copy, VSPACE, 1ul << 40, seL4_AllRights, ATTR),
             seL4_InvalidArgument);
    CHECK_EQ(seL4_ARM_Page_Map(copy, VSPACE, 0x8000000000ul, seL4_AllRights, ATTR),
             seL4_FailedLookup);
    CHECK_EQ(seL4_GetMR(2), 30); /* which level is missing */
    /* A mapping is replaced silently; but a capability records one place only. */
    CHECK_EQ(seL4_ARM_Page_Map(copy, VSPACE, at, seL4_AllRights, ATTR), seL4_NoError);
    CHECK_EQ(seL4_ARM_Page_Map(copy, VSPACE, at + PAGE_BYTES, seL4_AllRights, ATTR),
             seL4_InvalidArgument);
    CHECK_EQ(seL4_ARM_Page_Map(read_only, VSPACE, at + PAGE_BYTES, seL4_AllRights,
                               ATTR | seL4_ARM_ExecuteNever),
             seL4_NoError);
    CHECK_EQ(fault_label(read_word, at + PAGE_BYTES, 0), 0);
    CHECK_EQ(word_read, 42);
    CHECK_EQ(fault_label(write_word, at + PAGE_BYTES, 1), seL4_Fault_VMFault);
    CHECK_EQ(fault_label(call_address, at + PAGE_BYTES, 0), seL4_Fault_VMFault);
    /* Remap with more rights, same place: allowed for the capability that maps it. */
    CHECK_EQ(seL4_ARM_Page_Map(frame, VSPACE, at, seL4_CanRead, ATTR), seL4_NoError);
    CHECK_EQ(fault_label(write_word, at, 1), seL4_Fault_VMFault);
    CHECK_EQ(seL4_ARM_Page_Unmap(frame), seL4_NoError);
    CHECK_EQ(fault_label(read_word, at, 0), seL4_Fault_VMFault);
    /* Deleting the capability takes its mapping away. */
    CHECK_EQ(cap_delete(read_only), seL4_NoError);
    CHECK_EQ(fault_label(read_word, at + PAGE_BYTES, 0), seL4_Fault_VMFault);
    CHECK_EQ(cap_revoke(frame), seL4_NoError);
    CHECK_EQ(cap_delete(frame), seL4_NoError);
}

static void check_large(void)
{
    seL4_CPtr frame = object_new(seL4_ARM_LargePageObject, 0);
    seL4_Word at = space_new(0x200000) + 0x40000000; /* next gibibyte: no tables there */
    seL4_CPtr table = object_new(seL4_ARM_PageTableObject, 0);

    at &= ~0x3ffffffful;
    CHECK_EQ(seL4_ARM_Page_Map(frame, VSPACE, at, seL4_AllRights, ATTR), seL4_FailedLookup);
    CHECK_EQ(seL4_ARM_PageTable_Map(table, VSPACE, at, ATTR), seL4_NoError);
    CHECK_EQ(seL4_ARM_Page_Map(frame, VSPACE, at, seL4_AllRights, ATTR), seL4_NoError);
    volatile seL4_Word *words = (volatile seL4_Word *)at;
    words[0] = 1;
    words[0x1ffff8 / 8] = 2;
    CHECK_EQ(words[0] + words[0x1ffff8 / 8], 3);
    CHECK_EQ(seL4_ARM_PageTable_Unmap(table), seL4_NoError);
    CHECK_EQ(fault_label(read_word, at, 0), seL4_Fault_VMFault);
}

/* Another address space, with the same page at another address, and a thread that runs there. */
static void check_other_space(void)
{
    extern const char _text[], _bss_end[];
    seL4_CPtr space = object_new(seL4_ARM_VSpaceObject, 0);
    seL4_CPtr upper = object_new(seL4_ARM_PageTableObject, 0);
    seL4_CPtr lower = object_new(seL4_ARM_PageTableObject, 0);
    struct thread thread = thread_new(MAIN_PRIO + 1);
    bool mapped = true;

    CHECK_EQ(seL4_ARM_PageTable_Map(upper, space, (seL4_Word)_text, ATTR), seL4_InvalidCapability);
    CHECK_EQ(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, space), seL4_NoError);
    CHECK_EQ(seL4_ARM_ASIDPool_Assign(seL4_CapInitThreadASIDPool, space), seL4_InvalidCapability);
    CHECK_EQ(seL4_ARM_PageTable_Map(upper, space, (seL4_Word)_text, ATTR), seL4_NoError);
    CHECK_EQ(seL4_ARM_PageTable_Map(lower, space, (seL4_Word)_text, ATTR), seL4_NoError);
    for (seL4_Word at = (seL4_Word)_text; at < (seL4_Word)_bss_end; at += PAGE_BYTES) {
        seL4_CPtr page = cap_mint(image_frame((const void *)at), seL4_AllRights, 0);
        mapped = mapped && seL4_ARM_Page_Map(page, space, at, seL4_AllRights, ATTR) == seL4_NoError;
    }
    CHECK(mapped);
    CHECK_EQ(seL4_TCB_SetSpace(thread.tcb, endpoint, seL4_CapInitThreadCNode, 0, space, 0),
             seL4_NoError);
    static seL4_Word value = 4711;
    word_read = 0;
    thread_run(&thread, read_word, (seL4_Word)&value, 0);
    CHECK_EQ(word_read, 4711);
    /* Without its address space a thread faults at its first instruction. */
    struct thread lost = thread_new(MAIN_PRIO + 1);
    seL4_Word badge;
    CHECK_EQ(seL4_TCB_SetSpace(lost.tcb, endpoint, seL4_CapInitThreadCNode, 0, space, 0),
             seL4_NoError);
    CHECK_EQ(cap_revoke(space), seL4_NoError);
    CHECK_EQ(cap_delete(space), seL4_NoError);
    thread_run(&lost, read_word, (seL4_Word)&value, 0);
    seL4_MessageInfo_t info = seL4_NBRecv(endpoint, &badge, reply);
    CHECK_EQ(badge, 0x44);
    CHECK_EQ(seL4_MessageInfo_get_label(info), seL4_Fault_VMFault);
    CHECK_EQ(seL4_GetMR(2), 1);
    CHECK_EQ(seL4_TCB_Suspend(lost.tcb), seL4_NoError);
}

/* Code that is written, cleaned and then executed. */
static void check_code(void)
{
    seL4_Word at = space_new(PAGE_BYTES);
    seL4_CPtr frame = object_new(seL4_ARM_SmallPageObject, 0);
    volatile uint32_t *code = (volatile uint32_t *)at;

    CHECK_EQ(seL4_ARM_Page_Map(frame, VSPACE, at, seL4_AllRights, ATTR), seL4_NoError);
    for (uint32_t value = 3; value < 6; value++) {
        code[0] = 0xd2800000u | value << 5; /* mov x0, #value */
        code[1] = 0xd65f03c0u;              /* ret */
        CHECK_EQ(seL4_ARM_Page_Unify_Instruction(frame, 0, PAGE_BYTES), seL4_NoError);
        CHECK_EQ(((seL4_Word(*)(void))at)(), value);
    }
    CHECK_EQ(seL4_ARM_VSpace_Unify_Instruction(VSPACE, at, at + 8), seL4_NoError);
    CHECK_EQ(seL4_ARM_Page_Clean_Data(frame, 0, PAGE_BYTES), seL4_NoError);
    CHECK_EQ(seL4_ARM_Page_CleanInvalidate_Data(frame, 8, 16), seL4_NoError);
    CHECK_EQ(code[1], 0xd65f03c0u);
    CHECK_EQ(seL4_ARM_Page_Clean_Data(frame, 16, 8), seL4_InvalidArgument);
}

void suite_vspace(void)
{
    seL4_CPtr plain = object_new(seL4_EndpointObject, 0);

    endpoint = cap_mint(plain, seL4_AllRights, 0x44);
    reply = object_new(seL4_ReplyObject, 0);
    check_frames();
    check_large();
    check_other_space();
    check_code();
}
