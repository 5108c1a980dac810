# The front door. `make` alone lists the targets; PRESET picks one of CMakePresets.json (release, debug, ci).
PRESET ?= release
BUILD := $(if $(filter release,$(PRESET)),build,build-$(PRESET))
JOBS ?= $(shell nproc)
SUITE ?= all
OUT ?= $(BUILD)/bench-$(SUITE).json
PREFIX ?= /usr/local
# Looked up when a recipe runs: the environment may have been made by `setup` a moment before.
PYTHON = $(shell test -x .venv/bin/python && echo .venv/bin/python || echo python3)
CTEST = ctest --output-on-failure --no-tests=error -j $(JOBS)
# ThreadSanitizer cannot start under some kernels' address randomization; without it, it always can.
FIXED_ADDRESSES = $(shell setarch -R true 2>/dev/null && echo setarch -R)

# The compiler cache sees paths relative to the checkout, so that one checkout finds what another compiled.
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1

.DEFAULT_GOAL := help
.PHONY: help setup build demo test check bench asan tsan install clean format

help:  ## list the targets
	@echo "Rondo. Targets:"
	@awk -F':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo "Variables: PRESET=$(PRESET) JOBS=$(JOBS) PREFIX=$(PREFIX); for bench: SUITE=$(SUITE) OUT=$(OUT)"

setup:  ## install the Debian packages that are missing, make .venv
	@tools/setup.sh

build: setup  ## configure and compile everything
	@cmake --preset $(PRESET)
	@cmake --build $(BUILD) -j $(JOBS)

demo: build  ## run the samples, show a graph before and after the passes, time each
	@$(PYTHON) tools/demo.py --build-dir $(BUILD)

test: build  ## all tests
	@$(CTEST) --test-dir $(BUILD) --output-junit results/test.xml

check: build  ## format, layers, sizes, names, constraints, fast tests
	@status=0; \
	for check in format layers sizes names constraints; do $(PYTHON) tools/check_$$check.py || status=1; done; \
	$(CTEST) --test-dir $(BUILD) -L fast --output-junit results/check.xml || status=1; \
	exit $$status

bench: build  ## time Rondo beside its rivals: SUITE=loops OUT=file.json
	@tools/setup.sh --bench
	@.venv-bench/bin/python bench/run.py --suite $(SUITE) --out $(OUT) --build-dir $(BUILD)

asan: setup  ## fast tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@cmake --preset asan
	@cmake --build build-asan -j $(JOBS) --target rondo_fast_tests
	@ctest --preset asan -j $(JOBS) --output-junit results/asan.xml

tsan: setup  ## thread and runtime tests under ThreadSanitizer
	@cmake --preset tsan
	@cmake --build build-tsan -j $(JOBS) --target rondo_thread_tests
	@$(FIXED_ADDRESSES) ctest --preset tsan -j $(JOBS) --output-junit results/tsan.xml

install: build  ## install to PREFIX, for find_package(rondo)
	@cmake --install $(BUILD) --prefix $(PREFIX)

format:  ## rewrite all C++ files with clang-format
	@$(PYTHON) tools/check_format.py --fix

clean:  ## remove the build folders (the Python environments stay)
	rm -rf build build-debug build-ci build-asan build-tsan
