# Five verbs: demo, test, check, bench, docs; and fuzz, for an hour, and interop, for a minute. Each makes what it needs from the hashed locks.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= .data
MINUTES ?= 60
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo demo-reset test check style types contracts papers bench docs fuzz interop
.DEFAULT_GOAL := demo

$(BIN)/python:
	@command -v $(PYTHON) >/dev/null || { echo "Fieldstone needs Python 3.11 or newer, and '$(PYTHON)' was not found."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Fieldstone needs Python 3.11 or newer. '$(PYTHON)' is $$($(PYTHON) -c 'import sys; print(sys.version.split()[0])')."; \
	  echo "If a newer one is installed, name it: make PYTHON=python3.12"; exit 1; }
	@echo "Making a Python environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock requirements-build.lock pyproject.toml | $(BIN)/python
	@echo "Installing what Fieldstone runs on, each package checked by its hash (a minute or two the first time)"
	@$(PIP) --require-hashes -r requirements-build.lock -r requirements.lock
	@$(PIP) --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	@echo "Installing the tools for tests and checks"
	@$(PIP) --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run
	@echo "The demonstration: four programs with invented people, kept in $(DATA). Stop it with Ctrl+C."
	@$(BIN)/fieldstone demo --data $(DATA)

demo-reset: $(VENV)/.run
	@echo "Starting the demonstration over in $(DATA)"
	@$(BIN)/fieldstone demo --data $(DATA) --reset

test: $(VENV)/.dev
	$(MAKE) --no-print-directory -j2 check
	$(BIN)/python tests/run.py

check: types style contracts papers

types: $(VENV)/.dev
	$(BIN)/mypy

style: $(VENV)/.dev
	$(BIN)/ruff check .

contracts: $(VENV)/.dev
	PYTHONPATH=src $(BIN)/lint-imports

papers: $(VENV)/.dev
	$(BIN)/python -m pytest tests/test_architecture.py tests/docs

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

fuzz: $(VENV)/.dev
	nice -n 15 $(BIN)/python -m tests.fuzz --minutes $(MINUTES)

interop: $(VENV)/.dev
	$(BIN)/python -W ignore -m tests.interop

docs: $(VENV)/.dev
	$(BIN)/python -m pytest tests/docs
