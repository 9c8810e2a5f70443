# How the kernel is compiled, and of what. Included by the Makefile; paths are from the top folder.

# A student's kit has been cut for one address: its folder in reference/.
KERNEL_BASE ?= $(or $(notdir $(firstword $(wildcard reference/0x*))),0xC0000000)
# However it is spelled: 0xc0000000 is the same place.
override KERNEL_BASE := $(or $(shell base=$$(printf '0x%08X' '$(KERNEL_BASE)' 2>&1) && echo "$$base"),$(KERNEL_BASE))

CROSS   ?= i686-linux-gnu-
CXX     := $(CROSS)g++
LD      := $(CROSS)ld

# Where everything goes that is made.
BUILD_FOLDER ?= build
BUILD        := $(BUILD_FOLDER)/$(KERNEL_BASE)
ifneq ($(words $(BUILD_FOLDER)),1)
$(error BUILD_FOLDER=$(BUILD_FOLDER): make takes a name without spaces)
endif
,       := ,

# What C++ leaves undefined does here what it looks like: an endless loop is endless, null is an address like any other
# (there is a page fault), and who gets to the end of a function without the `return` it should have goes no further.
AS_WRITTEN := -fno-finite-loops -fno-delete-null-pointer-checks -fsanitize=return -fsanitize-undefined-trap-on-error

# Plain objects: nothing that a freestanding kernel lacks the run-time support for, and all systems' compilers do the
# same (the third line; with -fstack-clash-protection a frame of whatever size meets the stack's guard).
# -fno-builtin makes the same code as -ffreestanding, and leaves the C++ library whole
# (docs/decisions/17-the-whole-library.md).
CPPFLAGS := -Ikernel -DKERNEL_BASE=$(KERNEL_BASE)
CXXFLAGS := -m32 -march=i686 -std=c++20 -fno-builtin -O2 -g -Wall -Wextra -Wno-psabi \
	-fno-exceptions -fno-rtti -fno-pic -fno-pie -mgeneral-regs-only -fno-stack-protector \
	-U_FORTIFY_SOURCE -fcf-protection=none -fstack-clash-protection \
	-fno-omit-frame-pointer -fno-optimize-sibling-calls -fno-asynchronous-unwind-tables \
	-fno-threadsafe-statics -fno-use-cxa-atexit -fno-gnu-unique -fno-ident \
	-freg-struct-return $(AS_WRITTEN)
LDFLAGS  := -m elf_i386 -nostdlib -z max-page-size=4096 -z noexecstack --no-warn-rwx-segments \
	--defsym=KERNEL_BASE=$(KERNEL_BASE) -T kernel/kernel.ld \
	--wrap=_Z8kvmallocj --wrap=_Z6kvfreePvj --wrap=_Z7map_memP7pagedirjjji \
	--wrap=_Z10flush_pagej --wrap=_Z14load_directory16physical_address
# Asked when they are needed: `make setup grade` installs the compiler first.
LIBGCC    = $(shell $(CXX) -m32 -print-libgcc-file-name 2>/dev/null)
COMPILER  = $(CXX) $(shell $(CXX) -dumpfullversion 2>/dev/null)

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

# A file half written is worse than none: on a full disk, say.
.DELETE_ON_ERROR:

# Nothing that a student writes is compiled here.
CANT_COMPILE = { echo "kernel: $(CXX) $$($(CXX) -dumpfullversion) can't compile $<, which is the kit's own: no fault of a" \
	"submission. \`make doctor\` says what is wrong here" >&2; exit 1; }

$(BUILD)/%.o: %.cpp $(BUILD)/compiler
	@mkdir -p $(@D)
	@echo "  C++  $<"
	@$(CXX) $(CPPFLAGS) $(CXXFLAGS) $(PRELUDE) -MMD -MP -c $< -o $@ || $(CANT_COMPILE)

# The standard headers that most files include take longer to read than all else that is compiled: they are read once
# (GCC's manual, 3.22). Each file includes what it needs all the same: `make kernel PRELUDE=` makes the same code, and
# so does a GCC that does not take what is precompiled.
PRELUDE = -include $(BUILD)/prelude.h
$(BUILD)/kernel/lib/%.o: PRELUDE =

$(BUILD)/prelude.h: kernel/kernel.mk
	$(call SAYS,'#include <algorithm>' '#include <span>' '#include <string_view>')

$(BUILD)/prelude.h.gch: $(BUILD)/prelude.h $(BUILD)/compiler
	@$(CXX) $(CPPFLAGS) $(CXXFLAGS) -x c++-header $< -o $@ || $(CANT_COMPILE)

$(filter-out $(BUILD)/kernel/lib/%,$(patsubst %.cpp,$(BUILD)/%.o,$(filter %.cpp,$(KIT) $(REFERENCE)))): $(BUILD)/prelude.h.gch

$(BUILD)/%.o: %.S $(BUILD)/compiler
	@mkdir -p $(@D)
	@echo "  AS   $<"
	@$(CXX) $(CPPFLAGS) -m32 -g -MMD -MP -c $< -o $@ || $(CANT_COMPILE)

# What has to be made anew when it says something else: then only is it written, in one piece.
define SAYS
@printf '%s\n' $1 | cmp -s - $@ || { mkdir -p $(@D) && printf '%s\n' $1 > $@.new && mv $@.new $@; }
endef

# An object of another compiler, or with other flags, is not this one's.
$(BUILD)/compiler: FORCE
	$(call SAYS,'$(COMPILER)' '$(CPPFLAGS) $(CXXFLAGS)')

# What the grader must know to compile a submission and link it with the rest.
$(BUILD)/toolchain.json: FORCE
	$(call SAYS,'{"compiler": "$(COMPILER)"$(,)' '"compile": "$(CXX) $(CPPFLAGS) $(CXXFLAGS)"$(,)' \
		'"link": "$(LD) $(LDFLAGS)"$(,) "libraries": "$(LIBGCC)"$(,)' \
		'"kit": "$(KIT_OBJECTS)"$(,)' '"reference": "$(REFERENCE_OBJECTS)"}')

.PHONY: FORCE
FORCE:

.PHONY: objects
objects: $(KIT_OBJECTS) $(REFERENCE_OBJECTS) $(BUILD)/toolchain.json
	@:

# As many compilers at a time as there are processors, if no -j says how many; and nobody else's in this folder.
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(or $(shell nproc 2>/dev/null),2))

# Where these are asked for, too, nothing is compiled before everything is installed, or removed, with -j, too.
.PHONY: kernel
kernel: | $(filter setup clean,$(MAKECMDGOALS))
	@mkdir -p $(BUILD) 2>/dev/null && [ -w $(BUILD) ] || { echo "kernel: $(BUILD) can't be written to:" \
		"BUILD_FOLDER=folder builds elsewhere, /tmp/marionette for one" >&2; exit 1; }
	@flock -n $(BUILD)/.lock true || echo "  WAIT another make is compiling here"
	@flock $(BUILD)/.lock $(MAKE) $(PARALLEL) objects

-include $(KIT_OBJECTS:.o=.d) $(REFERENCE_OBJECTS:.o=.d)
