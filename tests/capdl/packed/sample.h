/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A small packed spec with something in every section
 */
#pragma once

#include "packed/builder.h"

/* Numbers of its objects. */
enum sample_object {
    SAMPLE_UT,
    SAMPLE_DEVICE, /* frame at a fixed address */
    SAMPLE_IMAGE,  /* frame from the image */
    SAMPLE_IRQ,
    SAMPLE_SGI,
    SAMPLE_SMC,
    SAMPLE_CNODE, /* from here on: children of SAMPLE_UT */
    SAMPLE_VSPACE,
    SAMPLE_FRAME,
    SAMPLE_PD,
    SAMPLE_PT,
    SAMPLE_VCPU,
    SAMPLE_TCB,
    SAMPLE_KEEP,
    SAMPLE_SC,
    SAMPLE_NOTIFICATION,
    SAMPLE_REPLY,
    SAMPLE_EP,
    SAMPLE_COUNT
};

/* Fresh bytes, from malloc. */
uint8_t *sample_bytes(size_t *length);

/* The record of a section, to be changed. */
void *sample_at(uint8_t *bytes, enum packed_section_id section, uint32_t index);
