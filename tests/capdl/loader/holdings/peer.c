/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * peer: answers calls, so that an endpoint can be told from anything else
 */
#include "record.h"

#include <microkit.h>

void init(void)
{
}

void notified(microkit_channel ch)
{
    (void)ch;
}

microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo)
{
    (void)ch;
    (void)msginfo;
    return microkit_msginfo_new(ANSWER_LABEL, 0);
}
