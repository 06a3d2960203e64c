/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a Tessera component can do beyond the Microkit interface
 */
#pragma once

/* Label of the message by which a component tells its fault handler that it ends. */
#define TESSERA_EXIT_LABEL 0x7e55

/*
 * End this component with `code`: 0 means success. The monitor (for a child: the parent) is
 * told; the system powers off if this component is marked main.
 * Post: does not return. Output given to libs/console before is written out first.
 */
_Noreturn void tessera_exit(int code);

/* Called by tessera_exit first; a library that holds unwritten output defines it. */
void tessera_exit_flush(void);
