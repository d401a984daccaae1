# Two commands matter: `make demo` and `make test`.  Nothing is needed but make and a
# Python >= 3.11 with venv; the packages come from requirements.lock, checked by hash.

PORT ?= 8000
WORKSPACE ?= data/belarus-2024
SEED ?= 1
WORKERS ?= auto
PYTHON ?=

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTEST = $(BIN)/python -m pytest -n $(WORKERS) --dist loadscope -p randomly --randomly-seed=$(SEED)
MEASURED = --cov --cov-config=pyproject.toml --cov-report=term

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test test-full lint types architecture check wheel bench lock format clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | \
	  while IFS="$$(printf '\t')" read -r name what; do printf '  make %-13s %s\n' "$$name" "$$what"; done
	@echo "  Settings: PORT=$(PORT) WORKSPACE=$(WORKSPACE) SEED=$(SEED) WORKERS=$(WORKERS) PYTHON=..."

demo: $(READY) ## Build a demo workspace and serve it on PORT
	$(BIN)/casegraph demo --workspace "$(WORKSPACE)" --folder build/demo --port "$(PORT)"

test: $(READY) ## Run every test, expensive ones as a seeded sample
	$(PYTEST) --durations=25 $(MEASURED)

test-full: $(READY) ## Run every test at full size (long)
	HYPOTHESIS_PROFILE=full $(PYTEST) -m ""

lint: $(READY) ## Check style
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(READY) ## Mend style where that is mechanical
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

types: $(READY) ## Check types
	$(BIN)/mypy

architecture: $(READY) ## Check the walls between rooms, and budgets
	$(BIN)/python -m pytest -p no:randomly -q tests/architecture

check: lint types test ## What a change must pass

wheel: $(READY) ## Build the wheel and the sdist into dist/
	$(BIN)/python -m build --no-isolation --outdir dist .

bench: $(READY) ## Time the build of generated workspaces, stage by stage
	$(BIN)/python bench/build.py

# uv is fetched for this one step: pip cannot lock for systems other than its own.
lock: ## Make requirements.lock anew (needs uv on PATH)
	sed '/^[^#]/,$$d' requirements.lock > requirements.lock.new
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --quiet \
	  --output-file requirements.lock.pins >&2
	cat requirements.lock.pins >> requirements.lock.new
	mv requirements.lock.new requirements.lock
	rm requirements.lock.pins

clean: ## Remove everything that was made here, the environment included
	rm -rf $(VENV) build dist htmlcov .coverage .coverage.* .hypothesis .import_linter_cache \
	  .mypy_cache .pytest_cache .ruff_cache requirements.lock.new requirements.lock.pins
	find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true

# The recipe tries several names, since `python3` is older than 3.11 on many systems.
$(BIN)/python:
	@set -e; \
	for candidate in $(PYTHON) python3 python3.13 python3.12 python3.11 python3.14 python; do \
	  if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
	    2>/dev/null; then \
	    echo "$$candidate -m venv $(VENV)"; \
	    exec "$$candidate" -m venv $(VENV); \
	  fi; \
	done; \
	echo "No Python >= 3.11 with venv was found." >&2; \
	echo "Debian, Ubuntu: apt-get install python3-venv. Or: make PYTHON=/path/to/python3 ..." >&2; \
	exit 1

$(READY): requirements.lock pyproject.toml | $(BIN)/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
	  -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps \
	  --no-build-isolation --editable .
	@touch $@
