# Short names for what people do often. Everything runs in .venv, which ./run makes.

PYTHON := .venv/bin/python
BIN := .venv/bin
PATHS := .

.DEFAULT_GOAL := help
.PHONY: help setup demo test bench check lint types imports migrations templates format messages lock

help:  ## List the commands
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup:  ## Make or renew .venv
	@./run setup

demo:  ## Run the application with demo data
	@./run demo

test:  ## Run the whole test suite
	@./run test

bench:  ## Run the benchmarks
	@./run bench

check: lint types imports migrations templates  ## Run all the checks that need no database

lint: setup  ## Check style and format
	$(BIN)/ruff check $(PATHS)
	$(BIN)/ruff format --check $(PATHS)

types: setup  ## Check the types
	$(BIN)/mypy

imports: setup  ## Check who imports whom
	$(BIN)/lint-imports

migrations: setup  ## Check that no migration is missing
	FMIS_TESTING=1 $(PYTHON) -W ignore manage.py makemigrations --check --dry-run

templates: setup  ## Check the templates
	$(BIN)/djlint templates --lint --quiet

format: setup  ## Format the code
	$(BIN)/ruff check --fix $(PATHS)
	$(BIN)/ruff format $(PATHS)

messages: setup  ## Collect new texts into the translation catalogues
	$(PYTHON) -m scripts.messages

lock:  ## Lock the requirements again (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade requirements-dev.in -o requirements-dev.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --upgrade --no-deps requirements-local.in -o requirements-local.txt
