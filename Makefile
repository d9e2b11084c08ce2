# The front door. `make corpus` and `make test` set themselves up in .venv; nothing else is needed but Python 3.11+.

PYTHON ?= python3
VENV   ?= .venv
RAW    ?= raw
WORK   ?= work
CLEAN  ?= clean
FORMAT ?= text
CLEANER := $(VENV)/bin/cleaner
PIP    := $(VENV)/bin/python -m pip --disable-pip-version-check --quiet
BYTES  := $(VENV)/bin/python -m compileall -qq -j 0 $(VENV)/lib cleaner || :  # by all cores, where pip would use one

.DEFAULT_GOAL := help
.PHONY: help setup corpus decode normalize simplify repair dedup publish data-check test lint types check bench tidy

help:  ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

# Setting up. A stamp is newer than what was installed from; the versions are those of constraints.txt.

$(VENV)/corpus.stamp: pyproject.toml constraints.txt
	$(PYTHON) -c 'import sys; sys.version_info >= (3, 11) or sys.exit("cleaner needs Python 3.11 or newer; set PYTHON=…")'
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install --no-compile --constraint constraints.txt --editable .
	$(BYTES)
	touch $@

$(VENV)/dev.stamp: $(VENV)/corpus.stamp
	$(PIP) install --no-compile --constraint constraints.txt --editable '.[dev]'
	$(BYTES)
	touch $@

setup: $(VENV)/dev.stamp  ## install everything for development

# The corpus

corpus: $(VENV)/corpus.stamp  ## clean RAW (raw/) into a new version in CLEAN (clean/)
	$(CLEANER) run $(RAW) $(CLEAN) --work $(WORK)

decode: $(VENV)/corpus.stamp  ## stage 1: bytes become text
	$(CLEANER) decode $(RAW) $(WORK)/1-decode

normalize: $(VENV)/corpus.stamp  ## stage 2: one way to write each character and mark
	$(CLEANER) normalize $(WORK)/1-decode $(WORK)/2-normalize

simplify: $(VENV)/corpus.stamp  ## stage 3: traditional becomes simplified
	$(CLEANER) simplify $(WORK)/2-normalize $(WORK)/3-simplify

repair: $(VENV)/corpus.stamp  ## stage 4: jump lines go, cut paragraphs are joined
	$(CLEANER) repair $(WORK)/3-simplify $(WORK)/4-repair

dedup: $(VENV)/corpus.stamp  ## stage 5: one of every text stays
	$(CLEANER) dedup $(WORK)/4-repair $(WORK)/5-dedup

publish: $(VENV)/corpus.stamp  ## check the last stage and make a version of it
	$(CLEANER) publish $(WORK)/5-dedup $(CLEAN)

data-check: $(VENV)/corpus.stamp  ## examine the claims that must hold of the newest version
	$(CLEANER) check $(CLEAN) --format $(FORMAT)

# The code

test: $(VENV)/dev.stamp  ## run the tests
	$(VENV)/bin/python -m pytest -n auto --dist worksteal

lint: $(VENV)/dev.stamp  ## ruff: rules and format
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .

types: $(VENV)/dev.stamp  ## mypy --strict
	$(VENV)/bin/mypy

check: lint types test  ## everything that CI runs on the code

bench: $(VENV)/dev.stamp  ## speed and quality, as ratios measured in one run
	$(VENV)/bin/python bench/whole.py --peers --plot docs/speed.svg
	$(VENV)/bin/python bench/stages.py
	$(VENV)/bin/python bench/decoding.py --peers
	$(VENV)/bin/python bench/conversion.py --peers
	$(VENV)/bin/python bench/breaks.py
	$(VENV)/bin/python bench/furniture.py
	$(VENV)/bin/python bench/linking.py
	$(VENV)/bin/python bench/dedup.py
	$(VENV)/bin/python bench/dedup_scale.py
	$(VENV)/bin/python bench/boilerplate.py --speed
	$(VENV)/bin/python bench/passages.py
	$(VENV)/bin/python bench/across.py

tidy:  ## remove work/ and caches; never raw/ or clean/
	rm -rf $(WORK) .bench .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
	find cleaner tests bench -name __pycache__ -type d -prune -exec rm -rf {} +
