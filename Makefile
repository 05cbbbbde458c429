# make run TREE=path/to/linux   lint a kernel (without TREE: the bundled small one)
# make test                     all checks that need no kernel and no network
# make man                      the manual page anew, after a change of --help
# make test-kernel              the checks on real kernels, fetched from Debian's archive, and true
#                               installations from a package index

PYTHON ?= python3
TREE   ?= fixtures/minikernel
ARGS   ?=
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test test-kernel lint format man clean

run: $(VENV)/installed
	@$(BIN)/klplint check --exit-zero $(ARGS) $(TREE)

test: lint
	$(BIN)/pytest -q -n auto --dist loadscope

test-kernel: $(VENV)/developing
	$(BIN)/pytest -q -m 'kernel or network' -rs tests/kernel tests/integrations

lint: $(VENV)/developing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

format: $(VENV)/developing
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "klplint needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python cannot make a virtual environment: apt install python3-venv" >&2; exit 1; }

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/developing: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check -U 'pip>=25.1'
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e . --group dev
	@touch $@ $(VENV)/installed

man: $(VENV)/developing
	$(BIN)/python man/make_page.py man/klplint.1

clean:
	rm -rf $(VENV) dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
