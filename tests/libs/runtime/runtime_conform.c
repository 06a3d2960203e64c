/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * On-target test of libs/runtime: a root task that looks at what the start code gave it
 *
 * Prints one line for each check and the count; needs the debug kernel, which prints.
 */
#include <runtime/root_task.h>

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static __thread int thread_zero;
static __thread int thread_value = 1234;
static __thread _Alignas(64) char thread_aligned[3] = "ab";
static int constructed;
static int data = 77;
static int zero;

static unsigned passed;
static unsigned failed;

__attribute__((constructor)) static void construct(void)
{
    constructed = thread_value;
}

static void check(const char *what, int holds)
{
    printf("%s %s\n", holds ? "ok   " : "WRONG", what);
    *(holds ? &passed : &failed) += 1;
}

int main(seL4_BootInfo *bootinfo)
{
    char text[32];

    check("initialised data", data == 77 && zero == 0);
    check("thread-local zero", thread_zero == 0);
    check("thread-local value", thread_value == 1234);
    check("thread-local alignment",
          (uintptr_t)thread_aligned % 64 == 0 && strcmp(thread_aligned, "ab") == 0);
    check("constructors ran", constructed == 1234);
    errno = ERANGE;
    check("errno", errno == ERANGE);
    check("stack alignment", (uintptr_t)__builtin_frame_address(0) % 16 == 0);
    snprintf(text, sizeof(text), "%5.2f %lx", 3.14159, 0xabcdul);
    check("printf with floating point", strcmp(text, " 3.14 abcd") == 0);
    check("boot information", bootinfo == seL4_GetBootInfo() && bootinfo->numNodes >= 1);
    check("IPC buffer", seL4_GetIPCBuffer() == bootinfo->ipcBuffer);
    seL4_Error error =
        seL4_CNode_Copy(seL4_CapInitThreadCNode, bootinfo->empty.start, 64, seL4_CapInitThreadCNode,
                        seL4_CapInitThreadTCB, 64, seL4_AllRights);
    check("invocation with extra capabilities", error == seL4_NoError);
    error = seL4_CNode_Copy(seL4_CapInitThreadCNode, bootinfo->empty.start, 64,
                            seL4_CapInitThreadCNode, seL4_CapInitThreadTCB, 64, seL4_AllRights);
    check("invocation that is refused", error == seL4_DeleteFirst);
    printf("runtime: %u passed, %u failed\n", passed, failed);
    return 0;
}
