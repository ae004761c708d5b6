# Everything a newcomer needs is one target: `make demo` shows the product, `make test` proves it.

VENV   ?= .venv
# The first that runs: a name on the PATH alone can be the shim of a version that is not installed.
PYTHON ?= $(shell for name in python3.11 python3; do $$name -c '' 2>/dev/null && { echo $$name; break; }; done)
UV_VERSION ?= 0.13.9
PYTEST_FLAGS ?= -n 2

BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
# Keyed on content, not on time: a checkout touches files, but only another lock or another project needs an install.
STAMP := $(VENV)/.installed-$(shell cat requirements.lock pyproject.toml | cksum | cut -d ' ' -f 1)

.DEFAULT_GOAL := help
.PHONY: help venv demo test soak mutants lint docs bench pictures texts lock clean

help: ## show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

venv: $(STAMP) ## make the virtual environment, exactly as locked

demo: venv ## play the example fund; its book and reports are in demo-out/
	@$(BIN)/mdfm demo --out demo-out

test: lint ## lint, then run every test
	@echo "tests"
	@$(BIN)/python -m pytest $(PYTEST_FLAGS)

soak: venv ## the long run: many more random examples and kills, other ones each time (about an hour)
	@MDFM_TEST_SOAK=1 $(BIN)/python -m pytest $(PYTEST_FLAGS)

mutants: venv ## change MODULE=PATH bit by bit and print what no test notices; TESTS=PATHS instead of its own
	@$(BIN)/python -m tests.support.mutants $(or $(MODULE),$(error name a module: make mutants MODULE=ledger/money.py)) $(TESTS)

lint: venv ## check style, format and types
	@echo "style";  $(BIN)/ruff check --quiet .
	@echo "format"; $(BIN)/ruff format --check --quiet .
	@echo "types";  $(BIN)/mypy --no-error-summary

docs: venv ## build the documentation site in build/site
	@$(BIN)/sphinx-build -q -W --keep-going -c docs -d build/doctrees . build/site

bench: venv ## measure; INSTANCES=FOLDER adds public instances with known answers
	@$(BIN)/python -m benchmarks $(if $(INSTANCES),--instances $(INSTANCES))

pictures: venv ## draw the picture of the README from the demo (needs poppler's pdftoppm)
	@folder=$$(mktemp -d) && $(BIN)/mdfm demo --out $$folder/demo >/dev/null && \
	    pdftoppm -r 80 -png -f 1 -l 1 -singlefile $$folder/demo/statements/CITY-A-en.pdf docs/pictures/statement; \
	    rm -rf $$folder

texts: venv ## collect the texts of reports in reports.pot, from which catalogues of languages are made
	@$(BIN)/pybabel -q extract -k words --omit-header --no-location --sort-output --width 110 \
	    -o reports/words/locale/reports.pot reports

lock: $(BIN)/python ## remake requirements.lock from pyproject.toml
	@echo "locking the dependencies"
	@$(PIP) install uv==$(UV_VERSION)
	@$(BIN)/uv pip compile pyproject.toml --group build --group test --group lint --group docs --quiet --no-config \
	    --universal --python-version 3.11 --fork-strategy fewest \
	    --generate-hashes --no-header --no-emit-index-url --output-file requirements.lock >/dev/null

clean: ## remove the environment, caches, builds and demo-out/
	@rm -rf .venv demo-out build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(BIN)/python:
	@$(or $(PYTHON),false) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo "mdfm needs Python 3.11 or newer: install it, or name it with: make PYTHON=/path/to/python3.11" >&2; exit 1; }
	@echo "making a virtual environment in $(VENV)"
	@$(PYTHON) -m venv $(VENV)

$(STAMP): | $(BIN)/python
	@echo "installing the locked dependencies"
	@$(PIP) install --require-hashes --requirement requirements.lock
	@echo "installing mdfm"
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@rm -f $(VENV)/.installed-* && touch $@
