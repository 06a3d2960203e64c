# SPDX-License-Identifier: BSD-2-Clause
#
# What the Makefiles of the examples share. A project sets NAME (of its .system file) and PROGRAMS
# (each NAME.elf is made of NAME.c), and may set TOOLCHAIN=gcc, FILES (other inputs of the tool)
# and RULES_AFTER (what to do to a program once it is linked).
ifeq ($(strip $(MICROKIT_SDK)),)
$(error MICROKIT_SDK must be the path of the SDK)
endif

BUILD_DIR ?= build
MICROKIT_BOARD ?= qemu_virt_aarch64
MICROKIT_CONFIG ?= debug
MICROKIT_TOOL ?= $(MICROKIT_SDK)/bin/microkit
TOOLCHAIN ?= clang
BOARD_DIR := $(MICROKIT_SDK)/board/$(MICROKIT_BOARD)/$(MICROKIT_CONFIG)
ARCH := $(shell grep 'CONFIG_SEL4_ARCH  ' $(BOARD_DIR)/include/kernel/gen_config.h | cut -d' ' -f4)

ifeq ($(TOOLCHAIN),clang)
CC := clang -target $(ARCH)-none-elf
LD := ld.lld
OBJCOPY := llvm-objcopy
else
CC := $(ARCH)-linux-gnu-gcc -fno-pic -fno-pie -fno-stack-protector
LD := $(ARCH)-linux-gnu-ld
OBJCOPY := $(ARCH)-linux-gnu-objcopy
endif

CFLAGS := -mcpu=cortex-a53 -mstrict-align -ffreestanding -nostdlib -g3 -O2 -Wall -Wextra -Werror \
	-Wno-unused-parameter -I$(BOARD_DIR)/include
LDFLAGS := -L$(BOARD_DIR)/lib
LIBS := --start-group -lmicrokit -Tmicrokit.ld --end-group
IMAGES := $(addprefix $(BUILD_DIR)/,$(PROGRAMS))
IMAGE := $(BUILD_DIR)/loader.img

all: $(IMAGE)

$(BUILD_DIR):
	mkdir -p $@

$(BUILD_DIR)/%.o: %.c Makefile | $(BUILD_DIR)
	$(CC) -c $(CFLAGS) $< -o $@

$(BUILD_DIR)/%.o: %.S Makefile | $(BUILD_DIR)
	$(CC) -c $(CFLAGS) $< -o $@

$(BUILD_DIR)/%.elf: $(BUILD_DIR)/%.o
	$(LD) $(LDFLAGS) $^ $(LIBS) -o $@

$(IMAGE): $(IMAGES) $(FILES) $(NAME).system
	$(MICROKIT_TOOL) $(NAME).system --search-path $(BUILD_DIR) . --board $(MICROKIT_BOARD) \
		--config $(MICROKIT_CONFIG) -o $@ -r $(BUILD_DIR)/report.txt

run: $(IMAGE)
	qemu-system-aarch64 -machine virt,virtualization=on -cpu cortex-a53 -serial mon:stdio \
		-device loader,file=$(IMAGE),addr=0x70000000,cpu-num=0 -m size=2G -nographic

.PHONY: all run
.SECONDARY:
