/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Canonical order and sizes of objects
 */
#pragma once

#include "model/model.h"

/*
 * Log2 of the memory an object takes (AArch64 sizes, from the kernel's description); 0 for objects
 * made of none and for untypeds without stated size.
 */
uint32_t capdl_object_size_bits(const struct capdl_spec *spec, uint32_t object);

/*
 * The order in which siblings are placed in memory: with paddr first, ascending; then larger
 * before smaller; then by name (bytes), elements after plain names, by index.
 */
int capdl_placement_compare(const struct capdl_spec *spec, uint32_t a, uint32_t b);

/* Order by name, then index. */
int capdl_name_compare(const struct capdl_spec *spec, uint32_t a, uint32_t b);

/* All objects by name: a fresh array, to be freed. */
uint32_t *capdl_sorted_by_name(const struct capdl_spec *spec);

/* Sort object numbers by one of the above. */
typedef int (*capdl_compare_fn)(const struct capdl_spec *spec, uint32_t a, uint32_t b);
void capdl_sort(const struct capdl_spec *spec, uint32_t *objects, uint32_t count,
                capdl_compare_fn compare);
