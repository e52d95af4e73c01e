# Two commands do everything on a fresh machine: `make run` and `make test`. Each makes its own .venv from pinned files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501

.PHONY: run test quick lint format benchmarks screenshot clean

run: $(VENV)/.run
	$(BIN)/python -m gptviz.ui.serve --server.port $(PORT)

test: $(VENV)/.dev lint
	$(BIN)/python -m pytest

# While working: without browser, whole pages and what is slow. `make test` runs these too.
quick: $(VENV)/.dev
	$(BIN)/python -m pytest -m "not browser and not slow" --ignore=tests/app

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

benchmarks: $(VENV)/.dev
	$(BIN)/python -m benchmarks

screenshot: $(VENV)/.dev
	$(BIN)/python assets/screenshot.py

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.txt -c constraints.txt
	touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt -c constraints.txt
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
