# Thang: every command a person needs. `make` alone lists them.
PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
MANAGE := $(BIN)/python manage.py
WORKERS ?= 2
# The processes share the cores: numpy in one does not spread over them.
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
# A file's tests stay in one process and in order; the files of the browser tests are in order too.
TOGETHER := -n $(WORKERS) --dist loadfile
E2E := $(TOGETHER) --no-loadscope-reorder tests/e2e

.DEFAULT_GOAL := help
.PHONY: help setup demo run stop test e2e lint types style fix bench bench-measurement bench-adaptive bench-delivery bench-web bench-reports faults screenshots clean setup-dev browser assets

help:  ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^[a-z0-9-]+:.*## / {printf "  make %-19s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/.runtime: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] < (3, 11))' || (echo "Python 3.11 or newer is needed; set PYTHON=/path/to/python3.11"; exit 1)
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		( test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq python3-venv && $(PYTHON) -m venv --clear $(VENV) ) || \
		( echo "Python cannot make a virtual environment: install the package python3-venv"; rm -rf $(VENV); exit 1 )
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.dev: $(VENV)/.runtime requirements-dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

assets: $(VENV)/.runtime
	@$(BIN)/python frontend/build/build.py
	@$(MANAGE) catalogue compile

browser:
	@command -v chromium >/dev/null || ( test "$$(id -u)" = 0 && apt-get update -qq && apt-get install -y -qq chromium ) || \
		( echo "The browser tests need Debian's Chromium: apt-get install chromium"; exit 1 )

setup: $(VENV)/.runtime assets  ## Install what running needs (virtual environment, front-end packages)
setup-dev: $(VENV)/.dev assets

demo: setup  ## Set everything up, load the demo province and serve it
	@$(MANAGE) services start
	@$(MANAGE) demo

run: setup  ## Bring the database up to this version and serve it (web, worker and beat; Ctrl-C stops them)
	@$(MANAGE) services start
	@$(MANAGE) migrate --noinput --verbosity 1
	@$(MANAGE) run

stop:  ## Stop the site and the embedded PostgreSQL and Valkey
	@$(MANAGE) services stop

lint: setup-dev  ## Style, types, import contract, templates
	@$(MAKE) --no-print-directory --output-sync --jobs 2 types style

types:
	$(BIN)/mypy .

style:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python manage.py catalogue check
	$(BIN)/python frontend/build/build.py check

fix: setup-dev  ## Repair style where a tool can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

test: lint browser  ## Everything: lint, unit, integration and end-to-end tests
	@$(MANAGE) services start
	$(BIN)/pytest --ignore tests/e2e $(TOGETHER)
	$(BIN)/pytest $(E2E)

e2e: setup-dev browser  ## The browser tests alone
	@$(MANAGE) services start
	$(BIN)/pytest $(E2E)

bench: bench-measurement bench-adaptive bench-delivery bench-web bench-reports  ## All benches

bench-measurement: setup-dev  ## Speed of the measurement engine beside its peers
	$(BIN)/python -m bench.measurement

bench-adaptive: setup-dev  ## Efficiency of the adaptive test beside its peers
	$(BIN)/python -m bench.adaptive

bench-delivery: setup-dev  ## Answers saved and pages opened per second, beside bare PostgreSQL and 50,000,000 answers (ROWS=2000000 for fewer)
	@$(MANAGE) services start
	$(BIN)/python -m bench.delivery --rows $(or $(ROWS),50000000)

bench-web: setup-dev  ## Pages per second of the web server beside gunicorn
	@$(MANAGE) services start
	$(BIN)/python -m bench.web_server

bench-reports: setup-dev  ## Gap reports over a generated nation of 2,000,000 people (PEOPLE=50000 for a small one)
	@$(MANAGE) services start
	$(BIN)/python -m bench.reports --people $(or $(PEOPLE),2000000)

faults: setup-dev browser  ## Kill servers, cut networks and fill disks while people answer; count what is lost
	@$(MANAGE) services start
	$(BIN)/python -m tests.faults

screenshots: setup-dev browser  ## Remake the README's pictures from the demo
	@$(MANAGE) services start
	$(BIN)/python -m tests.e2e.screenshots

clean:  ## Stop the services and remove everything that was made here
	-@$(MANAGE) services stop
	rm -rf $(VENV) .thang node_modules frontend/dist staticfiles build
