# Everything starts here, from Python 3.11 or newer, make and a package registry.
# What is done already is not done again: .venv/ready says which lock is installed, and
# pwa/build.py compares the phone app's sources with those of its last build.

PYTHON ?= python3
PORT ?= 8000
RUN := .venv/bin/python

.DEFAULT_GOAL := help
.PHONY: help demo test simulate mutants faults soak coverage lint format bench pwa lock wheel clean

help:  ## show these lines
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' Makefile | expand -t 10

demo: pwa  ## the invented village on http://127.0.0.1:8000 (PORT=8001, RESET=1, EVENING=1 with conflicts)
	@$(RUN) -m server demo --port $(PORT) $(if $(RESET),--reset) $(if $(EVENING),--evening)

test: lint  ## lint, then every test: phone, engine, both databases, HTTP, office, browser
	@$(RUN) -m tests

simulate: .venv/ready  ## N=2000 histories of phones and faults; SEED=123 tells one step by step
	@$(RUN) -m tests.simulator $(if $(SEED),--seed $(SEED),-n $(or $(N),2000))

mutants: .venv/ready  ## plant each known mistake of a sync engine and print which test catches it
	@$(RUN) -m tests.mutants

faults: .venv/ready  ## N=30 kills of real servers and browsers; prints how many acknowledged records are lost
	@$(RUN) -m tests.faults -n $(or $(N),30) $(if $(SEED),--seed $(SEED))

soak: .venv/ready  ## HOURS=8 of evenings back to back on one server, of a village that grows, then not; prints what it holds
	@$(RUN) -m tests.soak --hours $(or $(HOURS),8)

coverage: .venv/ready  ## every branch of the engine, run by its own tests
	@$(RUN) -m tests.coverage

lint: .venv/ready  ## format, lint and types of both languages
	@$(RUN) -m ruff format --check --quiet .
	@$(RUN) -m ruff check --quiet .
	@$(RUN) -m mypy
	@$(RUN) -m mypy deploy/bootstrap.py deploy/wheel.py pwa/build.py
	@$(RUN) pwa/build.py check lint

format: .venv/ready  ## put both languages into their house format
	@$(RUN) -m ruff format --quiet .
	@$(RUN) -m ruff check --quiet --fix .
	@$(RUN) pwa/build.py format

bench: pwa  ## the figures we promise, measured on this machine
	@$(RUN) -m tests.bench

pwa: .venv/ready  ## build the phone app into server/pwa/
	@$(RUN) pwa/build.py build

wheel: pwa  ## all that an installation takes, in dist/
	@$(RUN) deploy/wheel.py

lock:  ## renew deploy/constraints.txt to the newest versions pyproject.toml allows
	@$(PYTHON) deploy/bootstrap.py lock

clean:  ## remove all that make has made, the demo's data too
	rm -rf .venv .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis build dist *.egg-info
	rm -rf pwa/node_modules server/pwa demo-data tests/output

.venv/ready: deploy/bootstrap.py deploy/constraints.txt deploy/uv.txt pyproject.toml
	@$(PYTHON) deploy/bootstrap.py
