/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The vCPU's registers
 *
 * General registers live in the vCPU thread's TCB, EL1 system registers in the VCPU object. The
 * kernel reads and writes the first so many registers of the API's order (abi/03 §4), so what one
 * exit has read is kept for its write.
 *
 * Exceptions: DDI 0487 D1.10 (vectors), pseudocode AArch64.TakeException (PSTATE).
 */
#include <vmm/vmm.h>

#define VCPU_TCB (BASE_VM_TCB_CAP + VMM_VCPU)
#define WORDS    (sizeof(seL4_UserContext) / sizeof(seL4_Word))

#define PC_WORD   0u
#define SPSR_WORD 2u
#define ISS_IL    (1ul << 25) /* the trapped instruction has 32 bits, not 16 */

#define SPSR_EL1H_MASKED 0x3c5u /* EL1 with its own stack pointer; D, A, I, F masked */
#define SPSR_AARCH32     0x10u
#define SPSR_SSBS        (1ul << 12)
#define SPSR_PAN         (1ul << 22)
#define SPSR_KEPT        (0xful << 28 | 1ul << 24 | SPSR_PAN) /* N, Z, C, V; DIT; PAN */
#define SCTLR_SPAN       (1ul << 23)                          /* PAN stays as it is */
#define SCTLR_DSSBS      (1ul << 44)

#define SCTLR_RESET 0x34d58820u /* abi/06 §2: translation and caches off */

#define ESR_IL          (1ul << 25)
#define EC_SHIFT        26
#define EC_FETCH_ABORT  0x20ul
#define EC_DATA_ABORT   0x24ul
#define ISS_EXTERNAL    0x10ul      /* synchronous external abort, not on a table walk */
#define ISS_NO_FAR      (1ul << 10) /* FAR is not valid */
#define TIMER_IS_ON     1u          /* CNTV_CTL: enabled, ... */
#define TIMER_IS_MASKED 2u          /* ... interrupt masked */

/* The present exit: the first `known` registers hold what the vCPU holds. */
static struct {
    union {
        seL4_UserContext context;
        seL4_Word words[WORDS];
    };
    unsigned known;
    unsigned step; /* bytes of the trapped instruction */
} current;

static uint64_t timer_offset;

/* Where x0..x30 are in a user context. */
static const uint8_t word_of[31] = { 3,  4,  5,  6,  7,  8,  9,  10, 11, 17, 18, 19, 20, 21, 22, 23,
                                     12, 13, 14, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 15, 16 };

static void registers_need(unsigned count)
{
    if (current.known < count) {
        (void)seL4_TCB_ReadRegisters(VCPU_TCB, 0, 0, count, &current.context);
        current.known = count;
    }
}

static void registers_write(unsigned count, bool start)
{
    (void)seL4_TCB_WriteRegisters(VCPU_TCB, start, 0, count, &current.context);
}

void vcpu_exit(uint64_t esr)
{
    current.known = 0;
    current.step = (esr & ISS_IL) != 0 ? 4 : 2;
}

void vcpu_exit_at(uint64_t esr, uint64_t pc)
{
    vcpu_exit(esr);
    current.words[PC_WORD] = pc;
    current.known = PC_WORD + 1;
}

uint64_t vcpu_register(unsigned number)
{
    if (number >= 31) {
        return 0;
    }
    registers_need(word_of[number] + 1u);
    return current.words[word_of[number]];
}

bool vcpu_can_complete(unsigned number)
{
    if (number >= 31) {
        return true;
    }
    registers_need(word_of[number] + 1u);
    return (current.words[SPSR_WORD] & SPSR_AARCH32) == 0;
}

void vcpu_complete(unsigned number, uint64_t value)
{
    unsigned count = number < 31 ? word_of[number] + 1u : PC_WORD + 1;

    registers_need(count);
    current.words[PC_WORD] += current.step;
    if (number < 31) {
        current.words[word_of[number]] = value;
    }
    registers_write(count, false);
}

void vcpu_skip(void)
{
    vcpu_complete(31, 0);
}

/* The vector table's part for an exception taken to EL1 from where `spsr` says. */
static uint64_t vector_offset(uint64_t spsr)
{
    if ((spsr & SPSR_AARCH32) != 0) {
        return 0x600;
    }
    switch (spsr & 0xf) {
    case 4: return 0x000; /* EL1 with SP_EL0 */
    case 5: return 0x200; /* EL1 with SP_EL1 */
    default: return 0x400;
    }
}

/* What PSTATE becomes: DAIF masked, flags kept, the rest as SCTLR_EL1 wants. */
static uint64_t exception_state(uint64_t spsr)
{
    uint64_t sctlr = microkit_vcpu_arm_read_reg(VMM_VCPU, seL4_VCPUReg_SCTLR);
    uint64_t state = (spsr & SPSR_KEPT) | SPSR_EL1H_MASKED;

    if ((sctlr & SCTLR_SPAN) == 0) {
        state |= SPSR_PAN;
    }
    return (sctlr & SCTLR_DSSBS) != 0 ? state | SPSR_SSBS : state;
}

void vcpu_raise(uint64_t esr, bool aborts)
{
    uint64_t spsr;
    uint64_t vector;

    registers_need(SPSR_WORD + 1);
    spsr = current.words[SPSR_WORD];
    vector = vector_offset(spsr);
    if (aborts && vector < 0x400) {
        esr += 1ul << EC_SHIFT; /* the class "without a change in exception level" */
    }
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_ELR_EL1, current.words[PC_WORD]);
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_SPSR_EL1, spsr);
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_ESR, esr);
    current.words[PC_WORD] = microkit_vcpu_arm_read_reg(VMM_VCPU, seL4_VCPUReg_VBAR) + vector;
    current.words[SPSR_WORD] = exception_state(spsr);
    registers_write(SPSR_WORD + 1, false);
}

void vcpu_raise_undefined(void)
{
    vcpu_raise(ESR_IL, false); /* class 0: unknown reason */
}

void vcpu_raise_external_abort(bool is_fetch)
{
    uint64_t class = is_fetch ? EC_FETCH_ABORT : EC_DATA_ABORT;

    vcpu_raise(class << EC_SHIFT | ESR_IL | ISS_EXTERNAL | ISS_NO_FAR, true);
}

void vcpu_start(uint64_t entry, uint64_t x0, uint64_t x1)
{
    for (seL4_Word field = 0; field < seL4_VCPUReg_Num; field++) {
        microkit_vcpu_arm_write_reg(VMM_VCPU, field, 0);
    }
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_SCTLR, SCTLR_RESET);
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_VMPIDR_EL2, 0x80000000);
    /* The guest's time starts now. */
    timer_offset = guest_time();
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_CNTVOFF, timer_offset);
    /* A timer interrupt of an earlier life may still be masked until it is acknowledged. */
    microkit_vcpu_arm_ack_vppi(VMM_VCPU, GUEST_IRQ_TIMER);
    current.context =
        (seL4_UserContext){ .pc = entry, .spsr = SPSR_EL1H_MASKED, .x0 = x0, .x1 = x1 };
    registers_write(WORDS, true);
}

void vcpu_stop(void)
{
    microkit_vcpu_stop(VMM_VCPU);
}

void vcpu_resume(void)
{
    (void)seL4_TCB_Resume(VCPU_TCB);
}

bool vcpu_timer_deadline(uint64_t *deadline)
{
    uint64_t control = microkit_vcpu_arm_read_reg(VMM_VCPU, seL4_VCPUReg_CNTV_CTL);

    if ((control & (TIMER_IS_ON | TIMER_IS_MASKED)) != TIMER_IS_ON) {
        return false;
    }
    *deadline = microkit_vcpu_arm_read_reg(VMM_VCPU, seL4_VCPUReg_CNTV_CVAL) + timer_offset;
    return true;
}

uint64_t vcpu_timer_offset(void)
{
    return timer_offset;
}

bool vcpu_inject(unsigned irq, unsigned priority, unsigned group, unsigned index)
{
    return seL4_ARM_VCPU_InjectIRQ(BASE_VCPU_CAP + VMM_VCPU, (seL4_Uint16)irq, (seL4_Uint8)priority,
                                   (seL4_Uint8)group, (seL4_Uint8)index) == seL4_NoError;
}
