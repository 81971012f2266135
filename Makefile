# `make` alone lists what there is. Needs GNU make and Python 3.11 or later; nothing needs root.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

PYTHON ?= python3
# One more than there are processors: tests wait for servers and browsers now and then.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/requirements-installed
DEVELOPMENT := $(VENV)/requirements-dev-installed
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

# The checks run on the settings' defaults, whatever the shell exports, and leave no data folder in the tree.
CHECK_DATA := $(CURDIR)/$(VENV)/check-data
DEFAULTS := env -u DATABASE_URL -u REDIS_URL -u ARCHIVE_S3_BUCKET -u ARCHIVE_PUBLIC_URL ARCHIVE_DATA_DIR=$(CHECK_DATA)
PRODUCTION := $(DEFAULTS) ARCHIVE_PUBLIC_URL=https://archive.example.org ARCHIVE_TRUSTED_PROXIES=10.0.0.0/8 \
	DATABASE_URL=postgres://archive@database.example.org/archive REDIS_URL=redis://redis.example.org \
	ARCHIVE_S3_BUCKET=archive ARCHIVE_S3_ENDPOINT_URL=https://s3.example.org

heading = @printf '\n== %s ==\n' '$(1)'

.PHONY: help run viewer test static ruff-check ruff-format types imports checks deployment migrations \
	test-embedded test-hospital dcm2json format conformance screenshots clean

help: ## List these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: $(RUNTIME) viewer ## Start the archive; the first time it installs what it needs into .venv
	@exec $(BIN)/python manage.py serve

VIEWER := .viewer/fetched

# Without it the archive runs all the same: what cannot be fetched now is tried again with the next start.
viewer: $(RUNTIME) ## Fetch the viewer; needs npm
	@[ $(VIEWER) -nt viewer/package-lock.json ] && [ $(VIEWER) -nt archive/viewer/patch.py ] \
		|| { $(BIN)/python manage.py fetch_viewer && touch $(VIEWER); } || true

# -- tests -----------------------------------------------------------------------

test: dcm2json chromium $(DEVELOPMENT) ## Everything that must hold: static checks, then all tests on both sets of backends
	@$(MAKE) --jobs=$(WORKERS) --output-sync=target static
	@$(MAKE) test-embedded
	@$(MAKE) test-hospital

static: types ruff-check ruff-format imports checks deployment migrations ## The checks that run no test

types: $(DEVELOPMENT)
	$(call heading,mypy: types)
	@$(DEFAULTS) $(BIN)/mypy

ruff-check: $(DEVELOPMENT)
	$(call heading,ruff check: rules)
	@$(BIN)/ruff check --quiet --output-format=concise .

ruff-format: $(DEVELOPMENT)
	$(call heading,ruff format: layout (`make format` mends it))
	@$(BIN)/ruff format --check --quiet --output-format=concise .

imports: $(DEVELOPMENT)
	$(call heading,lint-imports: who may import whom)
	@$(BIN)/lint-imports --no-logo

checks: $(DEVELOPMENT)
	$(call heading,manage.py check: the default set-up)
	@$(DEFAULTS) $(BIN)/python manage.py check --fail-level WARNING

deployment: $(DEVELOPMENT)
	$(call heading,manage.py check --deploy: a hospital set-up)
	@$(PRODUCTION) $(BIN)/python manage.py check --deploy --fail-level WARNING

migrations: $(DEVELOPMENT)
	$(call heading,makemigrations --check: models and migrations agree)
	@$(DEFAULTS) $(BIN)/python manage.py makemigrations --check --dry-run

test-embedded: dcm2json chromium $(DEVELOPMENT) ## Tests on SQLite and files
	$(call heading,pytest: SQLite and files)
	@$(BIN)/pytest --numprocesses=$(WORKERS) --dist=worksteal --backends=embedded

# Pure modules know neither database nor storage, nor do pages in a browser: once is enough for them.
test-hospital: dcm2json $(DEVELOPMENT) ## Tests on PostgreSQL and S3
	$(call heading,pytest: PostgreSQL and S3)
	@$(BIN)/pytest --numprocesses=$(WORKERS) --dist=worksteal --backends=hospital --ignore=tests/archive/dicom --ignore=tests/dicomweb/http --ignore=tests/browser

# The viewer is tested in a browser, with the files that npm fetches.
chromium:
	@command -v chromium >/dev/null && command -v npm >/dev/null || { \
		echo "The tests look at pages with Chromium, and fetch the viewer with npm: one is not installed." >&2; \
		echo "Debian: apt-get install chromium npm" >&2; exit 1; }

# The tests hold our DICOM JSON against DCMTK's, and our zip archives against Info-ZIP's unzip.
dcm2json:
	@command -v dcm2json >/dev/null && command -v unzip >/dev/null || { \
		echo "The tests compare with dcm2json of DCMTK, and with unzip; one of them is not installed." >&2; \
		echo "Debian, Ubuntu: apt-get install dcmtk unzip     macOS: brew install dcmtk" >&2; exit 1; }

# -- housekeeping ----------------------------------------------------------------

format: $(DEVELOPMENT) ## Lay out the code and mend what ruff can mend
	@$(BIN)/ruff check --fix --quiet . || true
	@$(BIN)/ruff format .

conformance: $(DEVELOPMENT) ## Bring the tables of docs/conformance.md up to date
	@$(DEFAULTS) $(BIN)/python manage.py conformance_statement

screenshots: chromium $(DEVELOPMENT) ## Make the pictures of the README again, of the demo
	@$(BIN)/python -m tests.browser.screenshots

clean: ## Remove the environment and the tools' caches; stored data stays
	rm -rf $(VENV) .viewer .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# -- environment -----------------------------------------------------------------

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
		echo "The archive needs Python 3.11 or later; $(PYTHON) is $$($(PYTHON) --version 2>&1 || true)" >&2; \
		echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.12" >&2; exit 1; }
	@echo "Creating $(VENV) ..."
	@$(PYTHON) -m venv --clear $(VENV) || { \
		rm -rf $(VENV); \
		echo "$(PYTHON) cannot make virtual environments. Debian, Ubuntu: apt-get install python3-venv" >&2; exit 1; }

$(RUNTIME): requirements.txt | $(BIN)/python
	@echo "Installing requirements.txt ..."
	@$(PIP) install --requirement requirements.txt
	@touch $@

$(DEVELOPMENT): requirements-dev.txt requirements.txt | $(BIN)/python
	@echo "Installing requirements-dev.txt ..."
	@$(PIP) install --requirement requirements-dev.txt
	@touch $@ $(RUNTIME)
