# Five verbs: demo, test, check, bench, docs. Each makes what it needs from the hashed locks.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
DATA ?= .data

.PHONY: demo demo-reset test check bench docs
.DEFAULT_GOAL := demo

$(VENV)/.run: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e . \
	  || $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.run
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/.run
	$(BIN)/fieldstone demo --data $(DATA)

demo-reset: $(VENV)/.run
	$(BIN)/fieldstone demo --data $(DATA) --reset

test: check
	$(BIN)/python tests/run.py

check: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/mypy
	PYTHONPATH=src $(BIN)/lint-imports
	$(BIN)/python -m pytest tests/test_architecture.py tests/docs

bench: $(VENV)/.dev
	$(BIN)/python -m benchmarks

docs: $(VENV)/.dev
	$(BIN)/python -m pytest tests/docs
