# Marionette Labs. `make help` lists what can be asked for.

.DEFAULT_GOAL := help
MAKEFLAGS     += --no-builtin-rules --no-print-directory
.SUFFIXES:

include kernel/kernel.mk
-include instructor.mk

# What the targets take on the command line: make grade LAB=buddy SUBMISSION=solutions
LAB        ?=
SUBMISSION ?=
EMULATOR   ?= qemu
SEED       ?=
OUT        ?=
SEARCH     ?=
ANEW       ?=
EXAMPLES   ?=
CHECK      ?=
DIAGNOSIS  ?=
REQUIRE    ?=
FORMATS    ?=
FORMAT     ?=
RESULTS    ?=
STUDENT    ?=
ATTEMPT    ?=
SECRET     ?=
SUBMITTED  ?=
TEST       ?=
SCENARIO   ?=
AT         ?=
STAGE      ?=
OPTIMIZE   ?=
N          ?=
RUN        ?=
# Between double quotes, where the shell is handed them, these mean something. (RUN is a line of the shell's itself.)
define SPECIAL
" ` \ $$
endef
$(foreach name,$(filter-out RUN,$(.VARIABLES)),$(if $(filter command,$(origin $(name))),$(foreach letter,$(SPECIAL),\
	$(if $(findstring $(letter),$(value $(name))),\
		$(error $(name)=$(value $(name)): there can be no $(letter) in it. A link with a plainer name may help)))))
ENGINE      = $(notdir $(shell command -v podman || command -v docker))

MARIONETTE = grader/marionette
COMMON     = --build="$(BUILD)" --submission="$(SUBMISSION)" --lab="$(LAB)"
# What a gradebook asks for.
GRADEBOOK  = --student="$(STUDENT)" --submitted="$(SUBMITTED)"
# One moment of a test, or of a scenario.
MOMENT     = --test="$(TEST)" --scenario="$(SCENARIO)" --at="$(AT)" --seed="$(SEED)" --stage="$(STAGE)" \
	--optimize="$(OPTIMIZE)" --checks="$(CHECK)"

.PHONY: help
help: ## this list
	@echo "make TARGET [NAME=value ...]"
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14
	@echo
	@echo "Names: LAB=slug (or its number)  SUBMISSION=folder  SEED=n  OUT=folder  REQUIRE=points"
	@echo "       STUDENT=id  ATTEMPT=n  SECRET=file (an official run: docs/trust.md)"
	@echo "       TEST=lab/name  SCENARIO=file  AT=operation  (run, gdb, bochs:) STAGE=integrated (all of the student's files)"
	@echo "       OPTIMIZE=g (gdb, bochs: compiled for debugging, no variable is optimized out)"
	@echo "       SEARCH=1 (grade: look for mistakes beyond the tests)  FORMATS=gradescope,… (grade: for other programs, too)"
	@echo "       ANEW=1 (grade: labs are played again, too, of which nothing has changed since they were)"
	@echo "       SUBMITTED=moment (grade, format: when it was handed in)  CROSS=prefix (of the compiler's name)"
	@echo "       CHECK=1 (grade, gdb, bochs: your own NAME_check() of NAME.cpp is called after each operation)"
	@test -d reference || \
		echo "       KERNEL_BASE=0xC0000000 (where the kernel's half of the address space begins)"
	@echo "       BUILD_FOLDER=folder (where everything is made that has no OUT=, instead of build)"

.PHONY: setup
setup: ## install what the kit needs (Debian: apt-get; as root or with sudo)
	@./setup.sh all

.PHONY: doctor
doctor: ## which tools are missing here, and how to get them
	@$(MARIONETTE) doctor $(COMMON) --cross="$(CROSS)"

.PHONY: container
container: ## a shell where everything is installed: Debian 13, by podman or docker; or RUN='make grade'
	@$(if $(ENGINE),,$(error podman or docker is missing: one of them makes the container))$(ENGINE) build -q -t marionette-labs --target tools -f Containerfile .
	@$(ENGINE) run --rm $(if $(RUN),,-it) -v "$$PWD:/kit" -w /kit marionette-labs $(or $(RUN),bash)

.PHONY: grade
grade: kernel ## grade this tree, or SUBMISSION=folder; all labs, or LAB=slug
	@$(MARIONETTE) grade $(COMMON) --emulator="$(EMULATOR)" --seed="$(SEED)" --out="$(OUT)" \
		--search="$(SEARCH)" --diagnosis="$(DIAGNOSIS)" --checks="$(CHECK)" --require="$(REQUIRE)" --formats="$(FORMATS)" $(GRADEBOOK) \
		--attempt="$(ATTEMPT)" --secret="$(SECRET)" --remember="$(if $(ANEW),,1)"

.PHONY: format
format: ## results for other programs: FORMAT=gradescope,junit,… RESULTS=results.json OUT=file
	@$(MARIONETTE) format "$(FORMAT)" --results="$(RESULTS)" --out="$(OUT)" $(GRADEBOOK)

.PHONY: explain
explain: kernel ## why a test has its points: TEST=lab/name (with SUBMISSION=, SEED=); COST=1 counts instructions, too
	@$(MARIONETTE) explain $(COMMON) --test="$(TEST)" --seed="$(SEED)" --stage="$(STAGE)" --cost="$(COST)"

.PHONY: run
run: kernel ## boot to a prompt where a lab's operations can be typed: LAB=slug; or play SCENARIO=file
	@$(MARIONETTE) run $(COMMON) --scenario="$(SCENARIO)" --stage="$(STAGE)"

.PHONY: gdb
gdb: kernel ## a failed test in GDB, just before it fails: TEST=lab/name; or SCENARIO=file AT=number
	@$(MARIONETTE) gdb $(COMMON) $(MOMENT)

.PHONY: bochs
bochs: kernel ## the same in Bochs's own debugger
	@$(MARIONETTE) bochs $(COMMON) $(MOMENT)

.PHONY: examples
examples: kernel ## try your examples of a lab, on right designs and on impostors: LAB=slug
	@$(MARIONETTE) examples $(COMMON)

.PHONY: hint
hint: ## one hint for a lab: LAB=slug N=number
	@$(MARIONETTE) hint $(COMMON) --number="$(N)"

.PHONY: watch
watch: kernel ## grade a lab again whenever it is saved: LAB=slug; or try its examples again: EXAMPLES=1
	@$(MARIONETTE) watch $(COMMON) --examples="$(EXAMPLES)"

.PHONY: editor
editor: kernel ## tell editors how the kernel is compiled: compile_commands.json, for clangd
	@$(MARIONETTE) editor $(COMMON)

.PHONY: submit
submit: kernel ## pack what is handed in, and say whether it would be taken
	@$(MARIONETTE) submit $(COMMON) --out="$(OUT)"

.PHONY: iso
iso: kernel ## a GRUB image that boots anywhere: build/marionette.iso
	@$(MARIONETTE) iso $(COMMON) --scenario="$(SCENARIO)"

.PHONY: handouts
handouts: ## the assignments as HTML and PDF: build/handouts/index.html; all, or LAB=slug
	@$(MARIONETTE) handouts $(COMMON) --out="$(OUT)"

.PHONY: clean
clean: ## remove everything that was built
	@rm -rf build
	@find grader handouts labs $(wildcard tests) -name __pycache__ -type d -prune -exec rm -rf {} +
