/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The guest's device tree
 *
 * Says exactly what this monitor offers. Bindings: the Devicetree Specification 0.4 and the
 * kernel's binding documents for GIC, architected timer, PSCI, PL011 and virtio-mmio.
 */
#include <libfdt.h>
#include <string.h>
#include <vmm/vmm.h>

#define PHANDLE_GIC   1u
#define PHANDLE_CLOCK 2u

enum { IRQ_SPI = 0, IRQ_PPI = 1, IRQ_EDGE = 1, IRQ_LEVEL_HIGH = 4 };

/* libfdt's sequential writer reports each failure; the first one is kept in `error`. */
struct writer {
    void *tree;
    int error;
};

static void keep(struct writer *writer, int result)
{
    if (writer->error == 0) {
        writer->error = result;
    }
}

static void begin(struct writer *writer, const char *name)
{
    keep(writer, fdt_begin_node(writer->tree, name));
}

static void end(struct writer *writer)
{
    keep(writer, fdt_end_node(writer->tree));
}

static void put_string(struct writer *writer, const char *name, const char *value)
{
    keep(writer, fdt_property(writer->tree, name, value, (int)strlen(value) + 1));
}

static void put_bytes(struct writer *writer, const char *name, const void *bytes, size_t count)
{
    keep(writer, fdt_property(writer->tree, name, bytes, (int)count));
}

static void put_cell(struct writer *writer, const char *name, uint32_t value)
{
    keep(writer, fdt_property_u32(writer->tree, name, value));
}

static void put_cells(struct writer *writer, const char *name, const uint32_t *cells,
                      unsigned count)
{
    fdt32_t big_endian[16];

    for (unsigned i = 0; i < count; i++) {
        big_endian[i] = cpu_to_fdt32(cells[i]);
    }
    put_bytes(writer, name, big_endian, count * sizeof big_endian[0]);
}

static void put_empty(struct writer *writer, const char *name)
{
    put_bytes(writer, name, NULL, 0);
}

/* A `reg` of one or two {address, size} pairs, each number two cells. */
static void put_reg(struct writer *writer, const uint64_t *numbers, unsigned count)
{
    uint32_t cells[16];

    for (unsigned i = 0; i < count; i++) {
        cells[2 * i] = (uint32_t)(numbers[i] >> 32);
        cells[2 * i + 1] = (uint32_t)numbers[i];
    }
    put_cells(writer, "reg", cells, 2 * count);
}

static void put_interrupt(struct writer *writer, uint32_t spi, uint32_t trigger)
{
    put_cells(writer, "interrupts", (const uint32_t[]){ IRQ_SPI, spi, trigger }, 3);
}

static void add_chosen(struct writer *writer, const struct device_tree_request *request)
{
    begin(writer, "chosen");
    put_string(writer, "bootargs", request->append);
    put_string(writer, "stdout-path", "/pl011@9000000");
    if (request->initrd_end != 0) {
        keep(writer, fdt_property_u64(writer->tree, "linux,initrd-start", request->initrd_start));
        keep(writer, fdt_property_u64(writer->tree, "linux,initrd-end", request->initrd_end));
    }
    end(writer);
}

static void add_memory_and_cpu(struct writer *writer, const struct device_tree_request *request)
{
    begin(writer, "memory@40000000");
    put_string(writer, "device_type", "memory");
    put_reg(writer, (const uint64_t[]){ GUEST_RAM_BASE, request->ram_bytes }, 2);
    end(writer);

    begin(writer, "cpus");
    put_cell(writer, "#address-cells", 1);
    put_cell(writer, "#size-cells", 0);
    begin(writer, "cpu@0");
    put_string(writer, "device_type", "cpu");
    put_string(writer, "compatible", "arm,armv8");
    put_string(writer, "enable-method", "psci");
    put_cell(writer, "reg", 0);
    end(writer);
    end(writer);

    /* SMC, not HVC: HVC with a number of the kernel's range is a system call of ours. */
    begin(writer, "psci");
    put_bytes(writer, "compatible", "arm,psci-1.0\0arm,psci-0.2", 26);
    put_string(writer, "method", "smc");
    end(writer);
}

static void add_timer(struct writer *writer, unsigned gic_version)
{
    /* GICv2 bindings carry the CPU mask in bits 15..8 of the third cell. */
    uint32_t flags = IRQ_LEVEL_HIGH | (gic_version == 2 ? 1u << 8 : 0u);

    begin(writer, "timer");
    put_bytes(writer, "compatible", "arm,armv8-timer", 16);
    put_empty(writer, "always-on");
    /* secure, non-secure, virtual, hypervisor: only the virtual timer works */
    put_cells(writer, "interrupts",
              (const uint32_t[]){ IRQ_PPI, 13, flags, IRQ_PPI, 14, flags, IRQ_PPI, 11, flags,
                                  IRQ_PPI, 10, flags },
              12);
    end(writer);
}

static void add_interrupt_controller(struct writer *writer, unsigned gic_version)
{
    begin(writer, "intc@8000000");
    put_string(writer, "compatible", gic_version == 3 ? "arm,gic-v3" : "arm,cortex-a15-gic");
    put_empty(writer, "interrupt-controller");
    put_cell(writer, "#interrupt-cells", 3);
    put_cell(writer, "#address-cells", 0);
    put_cell(writer, "phandle", PHANDLE_GIC);
    if (gic_version == 3) {
        put_reg(writer,
                (const uint64_t[]){ GUEST_GICD_BASE, GUEST_GICD_BYTES, GUEST_GICR_BASE,
                                    GUEST_GICR_BYTES },
                4);
    } else {
        put_reg(writer,
                (const uint64_t[]){ GUEST_GICD_BASE, GUEST_GICD_BYTES, GUEST_GICC_BASE,
                                    GUEST_GICC_BYTES },
                4);
    }
    end(writer);
}

static void add_devices(struct writer *writer)
{
    begin(writer, "apb-pclk");
    put_string(writer, "compatible", "fixed-clock");
    put_cell(writer, "#clock-cells", 0);
    put_cell(writer, "clock-frequency", 24000000);
    put_cell(writer, "phandle", PHANDLE_CLOCK);
    end(writer);

    begin(writer, "pl011@9000000");
    put_bytes(writer, "compatible", "arm,pl011\0arm,primecell", 24);
    put_reg(writer, (const uint64_t[]){ GUEST_UART_BASE, GUEST_PAGE }, 2);
    put_interrupt(writer, GUEST_IRQ_UART - 32, IRQ_LEVEL_HIGH);
    put_cells(writer, "clocks", (const uint32_t[]){ PHANDLE_CLOCK, PHANDLE_CLOCK }, 2);
    put_bytes(writer, "clock-names", "uartclk\0apb_pclk", 17);
    end(writer);

    begin(writer, "virtio_mmio@a000000");
    put_string(writer, "compatible", "virtio,mmio");
    put_reg(writer, (const uint64_t[]){ GUEST_VIRTIO_BASE, 0x200 }, 2);
    put_interrupt(writer, GUEST_IRQ_VIRTIO - 32, IRQ_LEVEL_HIGH);
    end(writer);
}

int device_tree_make(void *buffer, int bytes, const struct device_tree_request *request)
{
    struct writer writer = { buffer, 0 };

    keep(&writer, fdt_create(buffer, bytes));
    keep(&writer, fdt_finish_reservemap(buffer));
    begin(&writer, "");
    put_cell(&writer, "#address-cells", 2);
    put_cell(&writer, "#size-cells", 2);
    put_string(&writer, "compatible", "linux,dummy-virt");
    put_string(&writer, "model", "Tessera virtual machine");
    put_cell(&writer, "interrupt-parent", PHANDLE_GIC);
    add_chosen(&writer, request);
    add_memory_and_cpu(&writer, request);
    add_timer(&writer, request->gic_version);
    add_interrupt_controller(&writer, request->gic_version);
    add_devices(&writer);
    end(&writer);
    keep(&writer, fdt_finish(buffer));
    return writer.error;
}
