# What an instructor asks for; a student's kit does not have this file.

UPDATE ?=
DATE   ?=
KIT_FOLDER ?= build/kit
NAME   ?=
FROM   ?=
MISTAKE ?=
LIKE   ?=
MEASURE ?=
SUBMISSIONS ?=
REPO   ?=
REFS   ?=
JOBS   ?=
SCHEDULER ?=
COMPARE ?=
TIMES  ?=
SHARD  ?=
RUNS   ?=
CLASS  ?=
INTO   ?=
COLUMN ?=
FIGURE ?=
ARCHIVE ?=
AREA   ?=
TRACES ?=
ROUNDS ?=
SEEDS  ?=
KIND   ?=
PER_LAB ?=
PORT   ?=
SYSTEM ?= debian-13
PROMISES ?=

# As grader/marionette: the system's own, which has its packages, whatever the caller's PATH says.
PYTHON = $(or $(wildcard /usr/bin/python3),python3)

WHOSE  = --submissions="$(SUBMISSIONS)" --repo="$(REPO)" --refs="$(REFS)"

.PHONY: class
class: kernel ## grade everybody: SUBMISSIONS=folder, or REPO=repository REFS='names', TIMES=csv COMPARE=folder JOBS=n SHARD=i/n SCHEDULER=address (docs/class.md)
	@$(MARIONETTE) class $(COMMON) $(WHOSE) --jobs="$(JOBS)" --seed="$(SEED)" --secret="$(SECRET)" \
		--attempt="$(ATTEMPT)" --out="$(OUT)" --scheduler="$(SCHEDULER)" --compare="$(COMPARE)" \
		--times="$(TIMES)" --shard="$(SHARD)"

.PHONY: gradebook
gradebook: ## one gradebook of several class runs: RUNS='folder …'; into a site's table: INTO=csv COLUMN=name FIGURE=column
	@$(MARIONETTE) gradebook $(COMMON) --runs="$(RUNS)" --into="$(INTO)" --column="$(COLUMN)" --figure="$(FIGURE)" \
		--out="$(OUT)"

.PHONY: feedback
feedback: ## a zip of reports to hand back, without seeds: CLASS=folder (build/class)
	@$(MARIONETTE) feedback $(COMMON) --run-folder="$(CLASS)" --out="$(OUT)"

.PHONY: similarity
similarity: ## everybody's files without names, for programs that look for copies: SUBMISSIONS=folder ARCHIVE='term=folder …'
	@$(MARIONETTE) similarity $(COMMON) $(WHOSE) --archive="$(ARCHIVE)" --out="$(OUT)"

.PHONY: site
site: kernel ## the lab in the browser, as static files: build/site; PORT=number serves it here (docs/browser.md)
	@$(MAKE) -C web setup
	@$(MARIONETTE) site $(COMMON) --out="$(OUT)" --port="$(PORT)"

.PHONY: kit
kit: kernel ## cut a student's kit: KIT_FOLDER=folder DATE=moment; or bring one up to date: UPDATE=folder
	@$(MARIONETTE) kit $(COMMON) --kit="$(KIT_FOLDER)" --update="$(UPDATE)" --date="$(DATE)"

.PHONY: package-gradescope package-autolab package-prairielearn
package-gradescope: kernel ## an autograder to upload: build/packages/gradescope.zip; all labs, or LAB=slug
	@$(MARIONETTE) package $(COMMON) --out="$(OUT)" gradescope
package-autolab: kernel ## the same for Autolab: build/packages/autolab
	@$(MARIONETTE) package $(COMMON) --out="$(OUT)" autolab
package-prairielearn: kernel ## the same for PrairieLearn: build/packages/prairielearn
	@$(MARIONETTE) package $(COMMON) --out="$(OUT)" prairielearn

.PHONY: mutant
mutant: kernel ## a wrong solution, as a submission: LAB=slug NAME=name, into OUT=folder; or a new one, into grader/mutants or OUT=folder: FROM=submission MISTAKE='words' LIKE=name
	@$(MARIONETTE) mutant $(COMMON) --name="$(NAME)" --out="$(OUT)" --from="$(FROM)" --mistake="$(MISTAKE)" --like="$(LIKE)"

.PHONY: diagnosis
diagnosis: kernel ## play the known mistakes once, for diagnoses (docs/mutants.md): LAB=slug; MEASURE=1 says how good they are; told by make grade DIAGNOSIS=1
	@$(MARIONETTE) diagnosis $(COMMON) --measure="$(MEASURE)"

.PHONY: emulators
emulators: kernel ## grade every hand-written mutant in QEMU and the others, and compare; LAB=slug EMULATOR=name
	@$(MARIONETTE) emulators $(COMMON) --seed="$(SEED)" --emulator="$(EMULATOR)"

.PHONY: mutants
mutants: kernel ## what the tests catch of wrong solutions: LAB=slug SEEDS=n KIND=kind PER_LAB=n OUT=folder
	@$(MARIONETTE) mutants $(COMMON) --seeds="$(SEEDS)" --kind="$(KIND)" --per-lab="$(PER_LAB)" \
		--out="$(OUT)"

# On any host as on one that executes no 32-bit programs.
.PHONY: test all-tests test-grader test-programs
test: ## the kit's own tests
	@$(PYTHON) tests/native_only.py $(MAKE) all-tests

# Two more than there are processors: some tests wait, for a worker that is frozen, say.
TEST_WORKERS = $(shell expr $$(nproc) + 2)

# Side by side: a browser alone does not keep two processors busy.
all-tests: kernel
	@$(MAKE) -j2 test-grader test-programs

# Its own makes share nothing with this one, which has two jobs.
test-grader:
	@echo "  TEST  the grader (some minutes)"
	@MAKEFLAGS="$(filter-out -j% --jobserver%,$(MAKEFLAGS))" \
		$(PYTHON) -m pytest -q -p no:cacheprovider -n $(TEST_WORKERS) tests

# What they say comes in one piece, when they are done.
PROGRAMS = tests/host tests/malloc tests/browser web
test-programs:
	@mkdir -p build
	@(for folder in $(PROGRAMS); do $(MAKE) -C $$folder test || exit; done) >build/programs.log 2>&1; \
		status=$$?; cat build/programs.log; exit $$status

.PHONY: fresh
fresh: ## the kit on a system with nothing installed: SYSTEM=debian-12, debian-13, sid, ubuntu-24.04 or ubuntu-26.04, PROMISES='readme kit …' (root)
	@SYSTEM="$(SYSTEM)" tests/fresh/run.sh $(PROMISES)

.PHONY: attacks
attacks: kernel ## grade the corpus of hostile submissions, all of it; writes docs/attacks.md
	@$(PYTHON) -B tests/grader/attack_table.py

.PHONY: bench
bench: kernel ## measure the reference and grading, beside others: AREA=name TRACES=folder ROUNDS=n
	@$(MARIONETTE) bench $(COMMON) --area="$(AREA)" --traces="$(TRACES)" --rounds="$(ROUNDS)" --out="$(OUT)"
