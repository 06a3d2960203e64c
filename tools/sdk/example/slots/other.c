/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Only there to be named by capabilities
 */
#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    return msginfo;
}
