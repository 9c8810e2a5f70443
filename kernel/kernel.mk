# How the kernel is compiled, and of what. Included by the Makefile; paths are from the top folder.

# A student's kit has been cut for one address: its folder in reference/.
KERNEL_BASE ?= $(or $(notdir $(firstword $(wildcard reference/0x*))),0xC0000000)

CROSS   ?= i686-linux-gnu-
CXX     := $(CROSS)g++
LD      := $(CROSS)ld

BUILD   := build/$(KERNEL_BASE)

# Plain objects: nothing that a freestanding kernel lacks the run-time support for.
CPPFLAGS := -Ikernel -DKERNEL_BASE=$(KERNEL_BASE)
CXXFLAGS := -m32 -march=i686 -std=c++20 -ffreestanding -O2 -g -Wall -Wextra -Wno-psabi \
	-fno-exceptions -fno-rtti -fno-pic -fno-pie -mgeneral-regs-only -fno-stack-protector \
	-fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-asynchronous-unwind-tables \
	-fno-threadsafe-statics -fno-use-cxa-atexit -fno-gnu-unique -fno-ident \
	-freg-struct-return
LDFLAGS  := -m elf_i386 -nostdlib -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
	--defsym=KERNEL_BASE=$(KERNEL_BASE) -T kernel/kernel.ld \
	--wrap=_Z8kvmallocj --wrap=_Z6kvfreePvj
# Asked when it is needed: `make setup grade` installs the compiler first.
LIBGCC    = $(shell $(CXX) -m32 -print-libgcc-file-name)

# A file of the same name in solutions/mm/ (in a student's kit: an object) makes a file of kernel/mm/
# a stub.
REFERENCE         := $(wildcard solutions/mm/*.cpp)
REFERENCE_OBJECTS := $(or $(REFERENCE:%.cpp=$(BUILD)/%.o),$(wildcard reference/$(KERNEL_BASE)/*.o))
STUBS             := $(patsubst %,kernel/mm/%.cpp,$(basename $(notdir $(REFERENCE_OBJECTS))))
ifeq ($(REFERENCE_OBJECTS),)
$(error This kit was cut for KERNEL_BASE=$(notdir $(wildcard reference/0x*)), not for $(KERNEL_BASE))
endif
KIT       := $(filter-out $(STUBS), $(wildcard kernel/*.S kernel/*.cpp kernel/*/*.S kernel/*/*.cpp)) \
	$(wildcard labs/*/player.cpp)

KIT_OBJECTS := $(patsubst %,$(BUILD)/%.o,$(basename $(KIT)))

# Where both are asked for, nothing is compiled before everything is installed, with -j, too.
ifneq ($(filter setup,$(MAKECMDGOALS)),)
$(KIT_OBJECTS) $(REFERENCE_OBJECTS) $(BUILD)/toolchain.json: | setup
endif

$(BUILD)/%.o: %.cpp kernel/kernel.mk
	@mkdir -p $(@D)
	@echo "  C++  $<"
	@$(CXX) $(CPPFLAGS) $(CXXFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/%.o: %.S kernel/kernel.mk
	@mkdir -p $(@D)
	@echo "  AS   $<"
	@$(CXX) $(CPPFLAGS) -m32 -g -MMD -MP -c $< -o $@

# What the grader must know to compile a submission and link it with the rest.
$(BUILD)/toolchain.json: kernel/kernel.mk $(KIT) $(REFERENCE)
	@mkdir -p $(@D)
	@printf '{"compile": "%s", "link": "%s", "libraries": "%s",\n "kit": "%s",\n "reference": "%s"}\n' \
		"$(CXX) $(CPPFLAGS) $(CXXFLAGS)" "$(LD) $(LDFLAGS)" "$(LIBGCC)" \
		"$(KIT_OBJECTS)" "$(REFERENCE_OBJECTS)" > $@

.PHONY: kernel
kernel: $(KIT_OBJECTS) $(REFERENCE_OBJECTS) $(BUILD)/toolchain.json

-include $(KIT_OBJECTS:.o=.d) $(REFERENCE_OBJECTS:.o=.d)
