# Two commands do everything on a fresh machine: `make run` and `make test`. Each makes its own .venv from pinned files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Where torch alone is taken from, such as https://download.pytorch.org/whl/cpu; empty: where pip takes all the rest.
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Torch comes first and by itself, so that no other package is looked for in its index; what it needs comes with the rest.
define install
$(if $(TORCH_INDEX),$(PIP) install --no-deps --index-url $(TORCH_INDEX) -c constraints.txt torch)
$(PIP) install -r $(1) -c constraints.txt
endef

.PHONY: run test lint format benchmarks screenshot package clean

run: $(VENV)/.run
	$(BIN)/python -m gptviz.ui.serve --server.port $(PORT)

test: $(VENV)/.dev lint
	$(BIN)/python -m pytest

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

package: $(VENV)/.dev
	$(BIN)/python -m hatchling build -d dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt constraints.txt | $(VENV)/bin/python
	$(call install,requirements.txt)
	touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt constraints.txt | $(VENV)/bin/python
	$(call install,requirements-dev.txt)
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
