# Each target sets up what it needs, in .venv, and nothing elsewhere.
#   ARGS=…     goes to the demo, to pytest, to the simulation or to the benchmarks:  make demo ARGS="--no-calls"
#   JSON=FILE  makes `make bench` write its numbers there, too

SHELL := /bin/bash
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
export PYTHONUTF8 := 1
# tests begin some hundred processes: where none may keep what it compiled, each compiles all that it imports
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
CODE := $(wildcard src tests benchmarks scripts hatch_build.py)
CHINESE := src/agentdesk/locale/zh_CN/LC_MESSAGES/agentdesk.po
TAIWAN := src/agentdesk/locale/zh_TW/LC_MESSAGES/agentdesk.mo src/agentdesk/taiwan.bin
TRANSLATIONS := $(CHINESE:.po=.mo) $(TAIWAN)
CHECKS := check-format check-lint check-types check-imports check-translations check-catalogue check-audit

.PHONY: help
help: ## this list
	@sed -n 's/^\([a-z0-9]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 18

.PHONY: demo
demo: runtime $(TRANSLATIONS) ## open the desk on a sample world, with calls that ring by themselves
	@exec scripts/in-utf8 $(BIN)/agentdesk demo $(ARGS)

.PHONY: test
test: dev $(TRANSLATIONS) ## run every test, on all cores
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

.PHONY: torture
torture: dev $(TRANSLATIONS) ## kill desks and centre 200 times under load, on both databases (minutes)
	@TORTURE_KILLS=$(or $(KILLS),200) $(BIN)/python -m pytest -n 2 tests/torture $(ARGS)

.PHONY: mutations
mutations: dev $(TRANSLATIONS) ## take every protection out once, and see that a test misses it (minutes)
	@MUTATIONS=all $(BIN)/python -m pytest -n auto tests/mutations $(ARGS)

.PHONY: check
check: dev $(TRANSLATIONS) ## format, lint, types, import contracts, translations, catalogue, packages
	@$(MAKE) --no-print-directory --jobs --keep-going --output-sync=target $(CHECKS)

.PHONY: simulate
simulate: dev ## run whole worlds with faults from a seed (ARGS="--seeds 500")
	@$(BIN)/agentdesk simulate $(ARGS)

.PHONY: bench
bench: dev $(TRANSLATIONS) ## measure; JSON=FILE writes the numbers
	@$(BIN)/python -m benchmarks $(if $(JSON),--json "$(JSON)") $(ARGS)

.PHONY: fmt
fmt: dev ## format the code, and mend what the linter can mend
	@$(BIN)/ruff format $(CODE)
	@$(BIN)/ruff check --fix $(CODE)

.PHONY: i18n
i18n: dev ## take the texts of the code into the translations
	@$(BIN)/python scripts/i18n.py update
	@$(BIN)/python scripts/i18n.py compile

.PHONY: pictures
pictures: dev $(TRANSLATIONS) ## take the pictures of the README, and write the handbook's tables of keys
	@$(BIN)/python -m scripts.pictures
	@$(BIN)/python -m scripts.keytables

.PHONY: day
day: dev $(TRANSLATIONS) ## play docs/DAY.md, twenty calls by keys alone, in a terminal under tmux (minutes)
	@$(BIN)/python -m tests.day.tmux

.PHONY: lock
lock: ## resolve requirements/*.txt anew (ARGS=--upgrade: the newest versions)
	@scripts/bootstrap lock
	@scripts/lock $(ARGS)

.PHONY: sbom
sbom: dev ## write build/sbom.json, all packages that the program runs on (CycloneDX)
	@$(BIN)/python -m scripts.audit sbom

.PHONY: clean
clean: ## remove .venv, caches and all that was built
	@rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .qa qa-report.html
	@find src tests scripts $(wildcard benchmarks) -name __pycache__ -type d -prune -exec rm -rf {} +
	@find src -name '*.mo' -delete

# ---------------------------------------------------------------- parts of the above

.PHONY: runtime dev
runtime dev:
	@scripts/bootstrap $@

$(filter %.mo,$(TAIWAN)): $(CHINESE)
$(filter %.bin,$(TAIWAN)): $(shell find data/catalogue -name '*.toml')
$(TAIWAN): src/agentdesk/locale/zh_TW/words.toml | runtime
	@$(BIN)/python scripts/i18n.py compile
%.mo: %.po | runtime
	@$(BIN)/python scripts/i18n.py compile

.PHONY: $(CHECKS)
check-format:
	@$(BIN)/ruff format --check $(CODE)
check-lint:
	@$(BIN)/ruff check $(CODE)
check-types:
	@$(BIN)/mypy $(CODE)
check-imports:
	@$(BIN)/lint-imports --no-logo
check-translations:
	@$(BIN)/python scripts/i18n.py check
check-catalogue:
	@$(BIN)/agentdesk catalogue check
check-audit:
	@$(BIN)/python -m scripts.audit
