/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Object invocations, by the name of the header they have elsewhere
 */
#pragma once

#include <sel4/sel4.h>
