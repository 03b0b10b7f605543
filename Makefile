# Everything a person does here, one command each; `make` alone lists them.

PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3)
BIN := .venv/bin
TRACKS ?= 100000
SCALE ?= 100k
AGAINST ?= $(shell git rev-parse --verify --quiet origin/main || echo HEAD)

.DEFAULT_GOAL := help
.PHONY: help run doctor postgres test check format gen lock clean \
	bench-start bench-import bench-catalog bench-index bench-search bench-relevance bench-rpc bench-edge bench-flags \
	bench-kill bench-install prove-takedown prove-swap prove-fuzz prove-flags

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/run ## Start everything: makes a catalogue if there is none, then http://127.0.0.1:8080
	@$(BIN)/backline import generate --tracks $(TRACKS) --if-empty
	@$(BIN)/backline up

doctor: .venv/run ## Say what is missing or misconfigured here, and what to do
	@$(BIN)/backline doctor

postgres: .venv/run requirements-postgres.lock ## Install what a catalogue in PostgreSQL needs beside the rest
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-postgres.lock

test: check ## Check everything: style, types, contracts, then all tests
	$(BIN)/python -m pytest

check: .venv/dev ## Check style, types, layers, protos and the repository's own promises; no other test
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/buf lint
	$(BIN)/buf breaking --against '.git#ref=$(AGAINST)'
	$(BIN)/deptry .
	$(BIN)/codespell
	$(BIN)/python -m pytest --quiet tests/repo

format: .venv/dev ## Put the code into its form
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

gen: .venv/dev ## Make what is generated: gen/ from protos/, docs/settings.md from the settings
	$(BIN)/python -m tests.repo.generated

lock: .venv/dev ## Find new versions of all dependencies, with hashes
	$(BIN)/uv pip compile $(LOCK) --extra build pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile $(LOCK) --extra build --extra postgres -c requirements.lock pyproject.toml -o requirements-postgres.lock
	$(BIN)/uv pip compile $(LOCK) --extra build --extra postgres --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-emit-find-links --no-annotate --custom-compile-command 'make lock'

clean: ## Remove the environment and caches; state in .backline stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist

bench-start: .venv/dev ## Measure first and warm start, and the memory of all processes
	$(BIN)/python -m benchmarks.start

bench-import: .venv/dev ## Measure imports: invented ones against a bare loop, tables, MusicBrainz' data
	$(BIN)/python -m benchmarks.imports --scale $(SCALE)

bench-catalog: .venv/dev ## Measure reads of twenty items from memory, and from each store
	$(BIN)/python -m benchmarks.catalog

prove-takedown: .venv/dev ## Prove that a takedown is gone from every replica within a second
	$(BIN)/python -m benchmarks.takedown

prove-swap: .venv/dev ## Prove that nobody notices twenty new indexes and three rollbacks; five minutes
	$(BIN)/python -m benchmarks.swap

prove-fuzz: .venv/dev ## Prove that nothing typed or sent breaks search: twenty minutes of hostile input
	$(BIN)/python -m benchmarks.fuzz

bench-index: .venv/dev ## Measure building an index of a million tracks, its size and its memory
	$(BIN)/python -m benchmarks.index

bench-search: .venv/dev ## Measure what a search costs, beside tantivy and PostgreSQL, in a million tracks
	$(BIN)/python -m benchmarks.search

bench-relevance: .venv/dev ## Measure how often what was meant is found; MUSIC_ROUTES=DIR adds the hand-made queries
	$(BIN)/python -m benchmarks.relevance

bench-rpc: .venv/dev ## Measure the kit's gRPC server against a bare one
	$(BIN)/python -m benchmarks.rpc

bench-edge: .venv/dev ## Measure the edge's hot route against a bare one, and its hop to search
	$(BIN)/python -m benchmarks.edge

bench-flags: .venv/dev ## Measure evaluating flags, beside flagd's, GrowthBook's and Unleash's evaluators, and OFREP
	$(BIN)/python -m benchmarks.flags

bench-kill: .venv/dev ## Measure how fast a kill reaches a hundred processes
	$(BIN)/python -m benchmarks.kill

prove-flags: .venv/dev ## Prove that no flag is read torn, no storm breaks the service, and nobody needs it to serve
	$(BIN)/python -m benchmarks.prove_flags

bench-install: .venv/dev ## Measure the default installation
	$(BIN)/python -m benchmarks.install

# The environment: `run` holds what the services need, `dev` also what checks them. Made anew when a lock changes.
.venv/run: requirements.lock pyproject.toml | .venv/made
	@echo "Installing into .venv …"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

.venv/dev: requirements-dev.lock .venv/run
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

.venv/made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "Backline needs Python 3.11 or newer, and $(PYTHON) is not; name one: make $(MAKECMDGOALS) PYTHON=python3.11" >&2; \
		exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || { \
		echo "This Python cannot make virtual environments; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }
	@$(PYTHON) -m venv --clear .venv
	@touch $@
