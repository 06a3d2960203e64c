/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The vCPU's registers
 *
 * General registers live in the vCPU thread's TCB, EL1 system registers in the VCPU object. A
 * fault's handler reads or writes only as many registers as it needs: their order in the API
 * (abi/03 §4) puts PC first.
 */
#include <vmm/vmm.h>

#define VCPU_TCB (BASE_VM_TCB_CAP + VMM_VCPU)
#define WORDS    (sizeof(seL4_UserContext) / sizeof(seL4_Word))

#define PC_WORD   0u
#define SPSR_WORD 2u

#define SPSR_EL1H_MASKED 0x3c5u /* EL1 with its own stack pointer; D, A, I, F masked */
#define ESR_IL           (1ul << 25)
#define EC_SHIFT         26
#define EC_FETCH_ABORT   0x20ul
#define EC_DATA_ABORT    0x24ul
#define ISS_EXTERNAL     0x10ul      /* synchronous external abort, not on a table walk */
#define ISS_NO_FAR       (1ul << 10) /* FAR is not valid */

union user_registers {
    seL4_UserContext context;
    seL4_Word words[WORDS];
};

/* Where x0..x30 are in a user context. */
static const uint8_t word_of[31] = { 3,  4,  5,  6,  7,  8,  9,  10, 11, 17, 18, 19, 20, 21, 22, 23,
                                     12, 13, 14, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 15, 16 };

static void registers_read(union user_registers *registers, unsigned count)
{
    (void)seL4_TCB_ReadRegisters(VCPU_TCB, 0, 0, count, &registers->context);
}

static void registers_write(union user_registers *registers, unsigned count)
{
    (void)seL4_TCB_WriteRegisters(VCPU_TCB, 0, 0, count, &registers->context);
}

uint64_t vcpu_register(unsigned number)
{
    union user_registers registers;

    if (number >= 31) {
        return 0;
    }
    registers_read(&registers, word_of[number] + 1u);
    return registers.words[word_of[number]];
}

void vcpu_complete(unsigned number, uint64_t value)
{
    union user_registers registers;
    unsigned count = number < 31 ? word_of[number] + 1u : 1u;

    registers_read(&registers, count);
    registers.words[PC_WORD] += 4;
    if (number < 31) {
        registers.words[word_of[number]] = value;
    }
    registers_write(&registers, count);
}

void vcpu_skip(void)
{
    vcpu_complete(31, 0);
}

void vcpu_raise(uint64_t esr, bool aborts)
{
    union user_registers registers;
    uint64_t vector;

    registers_read(&registers, SPSR_WORD + 1);
    /* Vector table of DDI 0487 D1.10.2: current level with SP_EL0, with SP_ELx, lower level. */
    switch (registers.words[SPSR_WORD] & 0xf) {
    case 4: vector = 0x000; break;
    case 5: vector = 0x200; break;
    default: vector = 0x400; break;
    }
    if (aborts && vector != 0x400) {
        esr += 1ul << EC_SHIFT; /* the class "without a change in exception level" */
    }
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_ELR_EL1, registers.words[PC_WORD]);
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_SPSR_EL1, registers.words[SPSR_WORD]);
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_ESR, esr);
    registers.words[PC_WORD] = microkit_vcpu_arm_read_reg(VMM_VCPU, seL4_VCPUReg_VBAR) + vector;
    registers.words[SPSR_WORD] = SPSR_EL1H_MASKED;
    registers_write(&registers, SPSR_WORD + 1);
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

void vcpu_start(const struct guest_start *start)
{
    union user_registers registers = { 0 };

    for (seL4_Word field = 0; field < seL4_VCPUReg_Num; field++) {
        microkit_vcpu_arm_write_reg(VMM_VCPU, field, 0);
    }
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_SCTLR, 0x34d58820); /* abi/06 §2 */
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_VMPIDR_EL2, 0x80000000);
    /* The guest's time starts now. */
    microkit_vcpu_arm_write_reg(VMM_VCPU, seL4_VCPUReg_CNTVOFF, guest_time());
    registers.context.pc = start->entry;
    registers.context.spsr = SPSR_EL1H_MASKED;
    registers.context.x0 = start->device_tree;
    (void)seL4_TCB_WriteRegisters(VCPU_TCB, 1, 0, WORDS, &registers.context);
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

    if ((control & 3) != 1) { /* bit 0 enable, bit 1 mask */
        return false;
    }
    *deadline = microkit_vcpu_arm_read_reg(VMM_VCPU, seL4_VCPUReg_CNTV_CVAL) +
                microkit_vcpu_arm_read_reg(VMM_VCPU, seL4_VCPUReg_CNTVOFF);
    return true;
}

bool vcpu_inject(unsigned irq, unsigned priority, unsigned group, unsigned index)
{
    return seL4_ARM_VCPU_InjectIRQ(BASE_VCPU_CAP + VMM_VCPU, (seL4_Uint16)irq, (seL4_Uint8)priority,
                                   (seL4_Uint8)group, (seL4_Uint8)index) == seL4_NoError;
}
