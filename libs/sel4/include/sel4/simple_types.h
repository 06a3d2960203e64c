/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Scalar types of the API
 */
#pragma once

#include <stdint.h>

typedef uint8_t seL4_Uint8;
typedef uint16_t seL4_Uint16;
typedef uint32_t seL4_Uint32;
typedef uint64_t seL4_Uint64;
typedef int8_t seL4_Int8;
typedef int16_t seL4_Int16;
typedef int32_t seL4_Int32;
typedef int64_t seL4_Int64;

typedef uint64_t seL4_Word;
typedef _Bool seL4_Bool;
typedef seL4_Word seL4_NodeId;
typedef seL4_Word seL4_PAddr;
typedef seL4_Word seL4_Domain;
typedef seL4_Uint64 seL4_Time; /* microseconds */

#define seL4_True    1
#define seL4_False   0
#define seL4_Null    ((void *)0)
#define seL4_NilData 0
