# make run TREE=path/to/linux   lint a kernel (without TREE: the bundled small one)
# make test                     all checks that need no kernel and no network
# make test-kernel              the tests on real kernels, fetched from Debian's archive, and real
#                               installations from a package index
# make test-browser             the HTML pages in Chromium, which is installed if that is possible
# make test-editors             the tests that start an editor (Neovim, which it installs with apt-get)
# make test-properties          the tests of properties again, with many more examples for each
# make fuzz RUNS=100000           random variations of real inputs for what reads them, with atheris
#                               (HARNESS=... for one, SEED=... for other inputs)
# make kill-test RUNS=300       runs of klplint that are killed at random times (TREE=... ARGS=... for
#                               others, SEED=... for other times)
# make test-random-edits        trees that change at random, linted with a cache and without
# make coverage                 the tests of `make test`, and which code they run
# make lint                     the checks that run nothing; each is a target: lint-ruff, lint-mypy, ...
# make format                   format the code, and fix what ruff can fix
# make man                      rebuild the manual page, after a change of --help
# make screenshots              take the pictures in docs/html-report.md again
# make docs                     build the site of the documentation into site/; broken links fail
# make package                  build the distributions, and check them
# make hooks                    check each commit with pre-commit
# make repository NAME=o/r      change where klplint's repository is, wherever it is mentioned

PYTHON ?= python3
TREE   ?= fixtures/minikernel
ARGS   ?=
# What is installed with klplint; `make EXTRAS= test` tests it as `pip install klplint` does.
EXTRAS ?= [fast]
GROUP  ?= dev
RUNS   ?= 100000
SEED   ?= 1
HARNESS ?=
VENV   := .venv
BIN    := $(VENV)/bin

.PHONY: run test test-kernel test-browser test-editors test-properties fuzz kill-test \
	test-random-edits coverage coverage-data lint lint-format lint-ruff lint-mypy lint-spelling \
	lint-pyproject lint-workflows lint-repository lint-paths lint-imports lint-words format man schemas screenshots docs package hooks \
	repository clean

run: $(VENV)/installed
	@$(BIN)/klplint check --exit-zero $(ARGS) $(TREE)

# The environments are made first, one after the other: pip does not share one with another pip.
test: $(VENV)/developing $(VENV)/docs
	$(MAKE) -j2 --output-sync=target lint
	$(BIN)/pytest -q -n auto --dist worksteal

test-kernel: $(VENV)/developing
	$(BIN)/pytest -q -n 2 --dist loadgroup -m 'kernel or network' -rs tests/kernel tests/integrations

test-browser: $(VENV)/browser
	@sh tools/chromium.sh
	$(BIN)/pytest -q -n0 -m browser tests/browser

screenshots: $(VENV)/browser
	@sh tools/chromium.sh
	$(BIN)/python tools/html_screenshots.py

docs: $(VENV)/docs
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

test-editors: $(VENV)/developing
	@command -v nvim >/dev/null || apt-get install -y neovim || \
		{ echo "install Neovim: its program nvim has to be on the PATH" >&2; exit 1; }
	$(BIN)/pytest -q -m editors tests/editors

test-properties: $(VENV)/developing
	$(BIN)/pytest -q -n auto -m hypothesis --hypothesis-profile nightly

fuzz: $(VENV)/fuzzing
	$(BIN)/python -m tests.fuzz.run --runs $(RUNS) --seed $(SEED) $(HARNESS)

# RUNS has a default for `make fuzz`.
kill-test: $(VENV)/developing
	$(BIN)/python -m tests.kills.run --seed $(SEED) --tree $(TREE) \
		$(if $(filter command% environment%,$(origin RUNS)),--runs $(RUNS)) $(ARGS)

test-random-edits: $(VENV)/developing
	$(BIN)/python -m tests.random_edits.run --trees 100 --steps 10 --seed $(SEED)

coverage: coverage-data
	$(BIN)/coverage report

coverage-data: $(VENV)/developing
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -n auto --dist worksteal
	$(BIN)/coverage combine -q

# The hooks in .pre-commit-config.yaml call these targets, so that both check the same.
lint: lint-format lint-ruff lint-mypy lint-imports lint-spelling lint-pyproject lint-workflows \
	lint-repository lint-paths lint-words docs

lint-format: $(VENV)/developing
	$(BIN)/ruff format --check .

lint-ruff: $(VENV)/developing
	$(BIN)/ruff check .

lint-mypy: $(VENV)/developing
	$(BIN)/mypy
	$(BIN)/mypy tools

lint-spelling: $(VENV)/developing
	$(BIN)/codespell

lint-pyproject: $(VENV)/developing
	$(BIN)/validate-pyproject pyproject.toml

lint-workflows: $(VENV)/developing
	$(BIN)/zizmor --offline --quiet --persona pedantic --strict-collection .

lint-repository: $(VENV)/developing
	$(BIN)/python tools/repository.py

lint-paths: $(VENV)/developing
	$(BIN)/python tools/mentioned_paths.py CONTRIBUTING.md docs/architecture.md

lint-imports: $(VENV)/developing
	$(BIN)/lint-imports --no-logo

lint-words: $(VENV)/developing
	$(BIN)/python tools/retired_words.py

format: $(VENV)/developing
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "klplint needs Python 3.11 or newer: make PYTHON=python3.11 ..." >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV) || \
		{ echo "Python cannot make a virtual environment: apt install python3-venv" >&2; exit 1; }

$(VENV)/installed: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.$(EXTRAS)' || \
		$(BIN)/python -m pip install -q --disable-pip-version-check -e .
	@touch $@

$(VENV)/developing: pyproject.toml | $(VENV)/bin/python
	@$(BIN)/python -m pip install -q --disable-pip-version-check -U 'pip>=25.1'
	@$(BIN)/python -m pip install -q --disable-pip-version-check -e '.$(EXTRAS)' --group $(GROUP)
	@touch $@ $(VENV)/installed

$(VENV)/browser: pyproject.toml $(VENV)/developing
	@$(BIN)/python -m pip install -q --disable-pip-version-check --group browser
	@touch $@

$(VENV)/docs: pyproject.toml $(VENV)/installed
	@$(BIN)/python -m pip install -q --disable-pip-version-check -U 'pip>=25.1'
	@$(BIN)/python -m pip install -q --disable-pip-version-check --group docs
	@touch $@

$(VENV)/fuzzing: pyproject.toml $(VENV)/installed
	@$(BIN)/python -m pip install -q --disable-pip-version-check -U 'pip>=25.1'
	@$(BIN)/python -m pip install -q --disable-pip-version-check --group fuzz
	@touch $@

man: $(VENV)/developing
	$(BIN)/python man/make_page.py man/klplint.1

schemas: $(VENV)/developing
	$(BIN)/klplint config --isolated --schema > docs/schema.part
	mv docs/schema.part docs/klplint.schema.json
	for form in report pairs changed-pairs comparison livepatch; do \
		$(BIN)/python -m klplint.report.json_schema $$form > docs/schema.part || exit 1; \
		mv docs/schema.part docs/$$form.schema.json; \
	done

package: $(VENV)/developing
	rm -rf dist
	$(BIN)/python -m build
	$(BIN)/twine check --strict dist/*
	$(BIN)/check-wheel-contents dist/*.whl

hooks: $(VENV)/developing
	$(BIN)/pre-commit install

repository: $(VENV)/developing
	$(BIN)/python tools/repository.py --set $(NAME)

clean:
	rm -rf $(VENV) dist site .coverage .coverage.* .hypothesis .import_linter_cache .mypy_cache \
		.pytest_cache .ruff_cache fuzz-findings
