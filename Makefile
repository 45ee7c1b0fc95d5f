# What can be done here. `make` alone lists it. Paths stay relative, so the checkout may stand anywhere.
PYTHON ?= python3
UV ?= uv
DOSSIER ?= data/campagnes-artois

# Compiled modules are kept, whatever the surroundings say: a command starts twice as fast.
unexport PYTHONDONTWRITEBYTECODE

PY := .venv/bin/python
PIP := $(PY) -m pip --disable-pip-version-check --no-input
# Every package is pinned with its hashes; the project itself is linked in without touching them.
PINNED := $(PIP) install -qq --progress-bar off --require-hashes -r
ITSELF := $(PIP) install -qq --progress-bar off --no-deps --no-build-isolation --editable .
LOCK := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate pyproject.toml requirements/build.in

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.SUFFIXES:
.PHONY: help install report test lint format bench lab notebooks pictures lock clean distclean

help: ## cette liste | this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install: .venv/.report-installed ## installer dans .venv | install into .venv

report: .venv/.report-installed ## les rapports du dossier dans reports/ | the reports of a case (DOSSIER=data/…)
	.venv/bin/conseiller report "$(DOSSIER)"

test: .venv/.test-installed ## style, types et tests | style, types and tests
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m pytest -n 2 --dist loadfile --no-loadscope-reorder --nbmake --nbmake-timeout=300 tests conseiller $(wildcard notebooks)

lint: .venv/.test-installed ## style et types seulement | style and types only
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy

format: .venv/.test-installed ## mettre le code en forme | format the code
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

bench: .venv/.notebook-installed ## mesurer les temps de calcul | measure the running times
	$(PY) -m benchmarks

lab: .venv/.notebook-installed ## ouvrir les carnets dans JupyterLab | open the notebooks in JupyterLab
	$(PY) -m jupyterlab notebooks

notebooks: .venv/.notebook-installed ## réexécuter les carnets sur place | run the committed notebooks again, in place
	$(PY) docs/notebooks.py

pictures: .venv/.test-installed ## refaire les images de la documentation | redraw the pictures of the documentation
	$(PY) docs/pictures.py

lock: ## recalculer requirements/*.txt (demande uv) | pin again (needs uv; LOCK_ARGS=--upgrade for newer versions)
	$(LOCK) $(LOCK_ARGS) --all-extras -o requirements/test.txt
	$(LOCK) -c requirements/test.txt --extra brief -o requirements/report.txt
	$(LOCK) -c requirements/test.txt --extra notebook --extra brief -o requirements/notebook.txt

clean: ## effacer les rapports et les caches | remove reports and caches
	rm -rf reports build .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -path ./.venv -prune -o -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) -exec rm -rf {} +

distclean: clean ## et aussi .venv | and .venv as well
	rm -rf .venv *.egg-info

# --- the environment, one stamp per layer --------------------------------------------------------------------

.venv/.created:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Il faut Python 3.11 ou plus récent ; « $(PYTHON) » ne l'est pas ou manque. Par exemple : make PYTHON=python3.12 install" >&2; \
	  echo "Python 3.11 or newer is needed; '$(PYTHON)' is older or missing. For example: make PYTHON=python3.12 install" >&2; \
	  exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "« $(PYTHON) » ne sait pas créer d'environnement (module venv ou ensurepip absent). Debian, Ubuntu : apt install python3-venv" >&2; \
	  echo "'$(PYTHON)' cannot create an environment (module venv or ensurepip missing). Debian, Ubuntu: apt install python3-venv" >&2; \
	  exit 1; }
	$(PYTHON) -m venv .venv
	@touch $@

.venv/.report-installed: .venv/.created requirements/report.txt pyproject.toml
	@echo "Installation dans .venv (une minute environ)… | Installing into .venv (about a minute)…"
	$(PINNED) requirements/report.txt
	$(ITSELF)
	@touch $@

.venv/.test-installed: .venv/.report-installed requirements/test.txt
	$(PINNED) requirements/test.txt
	@touch $@

# JupyterLab would otherwise ask its makers' site for news when it opens.
.venv/.notebook-installed: .venv/.report-installed requirements/notebook.txt
	$(PINNED) requirements/notebook.txt
	@$(PY) -m jupyter labextension disable --level=sys_prefix "@jupyterlab/apputils-extension:announcements" 2>/dev/null
	@touch $@
