# One venv, made once; everything else is a target that uses it. `make help` lists them.

PYTHON ?= python3.11
VENV   ?= .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

# What the editable install was built from: its list of Python files, and the C++ sources.
NATIVE := $(shell find native -name '*.cpp' -o -name '*.h' -o -name '*.inc' -o -name CMakeLists.txt)

.DEFAULT_GOAL := help
.PHONY: help demo test test-cuda sanitize-cuda lint format docs bench clean FORCE
.PRECIOUS: $(VENV)/extra-%

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/extra-demo ## run on a photograph and real tables: filter, softmax, matmul, a second start
	$(BIN)/tilewright demo

test: $(VENV)/extra-dev ## run all tests (ARGS= goes to pytest)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal $(ARGS)

test-cuda: $(VENV)/extra-dev ## run what needs a GPU: its own tests, then those of the language on it
	$(BIN)/python -m pytest --numprocesses 4 --dist worksteal -m cuda --ignore tests/language \
	  --ignore tests/conformance $(ARGS)
	$(BIN)/python -m pytest --numprocesses 4 --dist worksteal -m cuda --device cuda:0 \
	  tests/language tests/conformance $(ARGS)

sanitize-cuda: $(VENV)/extra-dev ## look for faults and races on a GPU with compute-sanitizer
	$(BIN)/python tools/sanitize.py memcheck racecheck -- tests/language $(ARGS)

lint: $(VENV)/extra-dev build/typed ## check style and types of Python and C++
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	MYPYPATH=build/typed $(BIN)/mypy -p tilewright
	$(BIN)/clang-format --dry-run --Werror $(filter %.cpp %.h,$(NATIVE))

format: $(VENV)/extra-dev ## rewrite Python and C++ in the house's style
	$(BIN)/ruff check --fix-only --quiet .
	$(BIN)/ruff format .
	$(BIN)/clang-format -i $(filter %.cpp %.h,$(NATIVE))

docs: $(VENV)/extra-docs ## build the documentation into docs/_build
	$(BIN)/python -m sphinx --fail-on-warning --keep-going --quiet -b html docs docs/_build

bench: $(VENV)/extra-bench ## measure against the peers that are installed (ARGS= goes to the runner)
	$(BIN)/python benchmarks/run.py $(ARGS)

clean: ## remove what was built, the venv included
	rm -rf build dist docs/_build demo-output .mypy_cache .ruff_cache .pytest_cache $(VENV)

# --- how the venv comes about -------------------------------------------------------------------

# The build's own tools live in the venv, so a second build is incremental and needs no network.
$(VENV)/tools:
	$(PYTHON) -m venv $(VENV)
	$(PIP) 'scikit-build-core>=0.11' 'pybind11>=3.0' 'cmake>=3.26' ninja
	@touch $@

# Rewritten only when a Python file came or went.
$(VENV)/files: FORCE | $(VENV)/tools
	@find tilewright dsl codegen runtime -name '*.py' -o -name '*.pyi' -o -name '*.lark' | sort > $@.new
	@if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

# An editable install leaves no bytecode, and where Python may write none every import would pay.
$(VENV)/installed: pyproject.toml $(NATIVE) $(VENV)/files | $(VENV)/tools
	PATH="$(abspath $(BIN)):$$PATH" $(PIP) --no-build-isolation --editable .
	$(BIN)/python -m compileall -q dsl codegen runtime tilewright
	@touch $@

$(VENV)/extra-%: $(VENV)/installed
	PATH="$(abspath $(BIN)):$$PATH" $(PIP) --no-build-isolation --editable '.[$*]'
	@touch $@

# The packages as the import system sees them, for mypy, which follows no import hooks.
build/typed: FORCE
	@mkdir -p $@/tilewright
	@for name in $$(ls tilewright | grep -E '\.(py|pyi|typed)$$'); do \
	  ln -sfn ../../../tilewright/$$name $@/tilewright/$$name; done
	@for name in dsl codegen runtime; do ln -sfn ../../../$$name $@/tilewright/$$name; done
