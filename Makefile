# denoscope: `make demo` runs the main job, `make test` passes the tests. Both make .venv first if needed.

PYTHON ?= python3
MODEL ?= digits-edm
CORES ?= $(shell nproc 2>/dev/null || echo 2)
VENV := .venv
# Let Python keep what it compiles, also where the environment says otherwise: nothing was compiled on installing.
export PYTHONDONTWRITEBYTECODE :=
BIN := $(VENV)/bin
# uv installs in 15 seconds what takes pip a minute and a half; it reads none of pip's settings, so they are passed on.
pip = $(shell $(BIN)/python -m pip config get $(if $(PIP_$(2)),:env:,global).$(1) 2>/dev/null)
UV = $(BIN)/uv pip install --quiet \
	$(addprefix --find-links ,$(call pip,find-links,FIND_LINKS)) $(addprefix --default-index ,$(call pip,index-url,INDEX_URL))
INSTALL = $(UV) --python $(BIN)/python -c constraints.txt
WEB := build/web/node_modules/.bin
PEERS := build/peers
PAGE := denoscope/report/page/assets
BUNDLE := $(WEB)/esbuild --bundle --format=iife --target=es2022 --charset=utf8 --log-level=warning

.DEFAULT_GOAL := help

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

.PHONY: demo
demo: $(VENV)/run.stamp ## install, run config/config.yaml, print the report's path
	@$(BIN)/snakemake --cores $(CORES) --quiet rules
	@echo "report: $(CURDIR)/results/report.html"

.PHONY: test
test: $(VENV)/dev.stamp ## install, run all tests
	@$(BIN)/python -m pytest

.PHONY: check
check: $(VENV)/dev.stamp $(WEB)/esbuild ## lint, types, workflow lint, page script
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/snakefmt --check Snakefile rules workflow
	$(BIN)/snakemake --lint
	$(WEB)/tsc -p $(PAGE)/tsconfig.json
	$(BUNDLE) $(PAGE)/main.js | cmp - $(PAGE)/page.bundle.js
	$(BUNDLE) $(PAGE)/umap/worker.js | cmp - $(PAGE)/umap.bundle.js

.PHONY: bench
bench: $(VENV)/dev.stamp ## measure against the alternatives, print a table
	@$(MAKE) --no-print-directory --keep-going peers || echo "without the peers that could not be installed"
	@$(BIN)/python -m benchmarks

.PHONY: peers
peers: $(PEERS)/attention-map-diffusers/installed $(PEERS)/daam/installed

.PHONY: train
train: $(VENV)/run.stamp ## train a bundled model again from its recipe: MODEL=digits-edm
	@$(BIN)/snakemake --cores $(CORES) --quiet rules --forcerun train_model train_pipeline -- results/training/$(MODEL)/README.md
	@echo "trained: $(CURDIR)/results/training/$(MODEL); copy its files to models/$(MODEL) to bundle them"

.PHONY: page
page: $(VENV)/dev.stamp $(WEB)/esbuild ## bundle the page's script and its worker from their modules
	$(BUNDLE) $(PAGE)/main.js --outfile=$(PAGE)/page.bundle.js
	$(BUNDLE) $(PAGE)/umap/worker.js --outfile=$(PAGE)/umap.bundle.js

.PHONY: schema
schema: $(VENV)/run.stamp ## write config/schema.json and docs/reference.md from the settings
	$(BIN)/denoscope schema > config/schema.json
	$(BIN)/denoscope schema --markdown > docs/reference.md

.PHONY: clean
clean: ## remove results and the virtual environment
	rm -rf results/* .snakemake build $(VENV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info < (3, 14) else "denoscope needs Python 3.11 to 3.13, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 ...")'
	@$(PYTHON) -m venv $(VENV)

$(BIN)/uv: | $(BIN)/python
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt uv

$(VENV)/run.stamp: pyproject.toml constraints.txt | $(BIN)/uv
	@echo "installing into $(VENV) ..."
	@$(INSTALL) -e '.[models,workflow]'
	@touch $@

$(VENV)/dev.stamp: $(VENV)/run.stamp
	@echo "installing the tests' tools into $(VENV) ..."
	@$(INSTALL) -e '.[models,workflow,cluster,dev]'
	@touch $@

# One peer is imported into .venv's Python; the other needs an old diffusers and has an environment of its own.
$(PEERS)/attention-map-diffusers/installed: benchmarks/peers/attention-map-diffusers.txt | $(BIN)/uv
	@$(UV) --python $(BIN)/python --no-deps --target $(@D) -r $<
	@touch $@

$(PEERS)/daam/installed: benchmarks/peers/daam.txt | $(BIN)/uv
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python $(@D)
	@$(UV) --python $(@D)/bin/python -r $<
	@$(UV) --python $(@D)/bin/python --no-deps daam==0.2.0
	@touch $@

# The page's script is committed; node is only needed to change it or to check it.
$(WEB)/esbuild: $(VENV)/dev.stamp
	@mkdir -p build/web
	@PATH="$(CURDIR)/$(BIN):$$PATH" npm install --silent --no-audit --no-fund --prefix build/web esbuild@0.28.2 typescript@7.0.2
	@touch $@
