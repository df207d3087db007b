# make demo   the whole way with our sample documents (DEMO_EXIT=1: end when they are done)
# make up     the same without samples, for daily use
# make test   linters, types, import rules and tests
# make check  the same without tests
#
# PYTHON=python3.12  another interpreter; PIP="..." another installer, for example "uv pip";
# PIP_FLAGS="..."    for example --extra-index-url of a CPU-only torch on Linux: 0.2 instead of 3 GB

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP ?= $(BIN)/python -m pip
PIP_FLAGS ?=
DEMO_EXIT ?=

.PHONY: help demo up test check clean
.DEFAULT_GOAL := help

help:
	@sed -n 's/^# \?//p' Makefile

# One stamp for each set of packages: installed again only when pyproject.toml changes.
$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(PIP) install -q $(PIP_FLAGS) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(PIP) install -q $(PIP_FLAGS) -e '.[dev]'
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/doctally up --demo $(if $(DEMO_EXIT),--once)

up: $(VENV)/.installed
	@$(BIN)/doctally up

test: check
	$(BIN)/python -m pytest

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
