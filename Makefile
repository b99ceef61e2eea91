# `make` says what there is. Everything below works in .venv, which the first of them makes, and installs nothing
# outside of this clone; only `make services` may ask the system for Node.js.

SHELL := /bin/bash
BIN := .venv/bin
READY := .venv/.ready
TEST_READY := .venv/.test-ready
BENCH_READY := .venv/.bench-ready
PROOF_READY := .venv/.proof-ready

.DEFAULT_GOAL := help

.PHONY: help
help: ## say what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: demo
demo: $(TEST_READY) ## see the main job done on this repository's own agents
	@scripts/demo.sh

.PHONY: test
test: $(TEST_READY) ## run the tests (ARGS="-k explain" chooses some)
	@$(BIN)/python -m pytest -n auto $(ARGS)

.PHONY: services
services: ## install what some tests compare with: ajv and other readers by npm; age and promtool by apt-get
	@scripts/services.sh

.PHONY: lint
lint: $(READY) ## check style, types, what is generated, and the workflows
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/agentconf schema --check schema
	$(BIN)/agentconf schema --check agentconf/config/published
	$(BIN)/python scripts/docs.py --check
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml \
		agentconf/cli/templates/repository/github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.github-actions action.yml

.PHONY: generate
generate: $(READY) ## write anew what is generated: the schemas, the rules' pages, the output of commands in the documentation
	$(BIN)/agentconf schema --write schema
	$(BIN)/agentconf schema --write agentconf/config/published
	$(BIN)/python scripts/docs.py

.PHONY: bench
bench: $(BENCH_READY) ## measure beside the peers and write benchmarks/RESULTS.md (ARGS=--quick: does it run?)
	$(BIN)/python -m benchmarks.line $(ARGS)
	$(BIN)/python -m benchmarks.live $(ARGS)
	$(BIN)/python -m benchmarks.models
	$(BIN)/python -m benchmarks.review --output benchmarks/RESULTS.md $(ARGS)
	$(BIN)/python -m benchmarks.writing --output benchmarks/RESULTS.md
	$(BIN)/python -m benchmarks.limits
	$(BIN)/python -m benchmarks.calls $(ARGS)
	$(BIN)/python -m benchmarks.usage $(ARGS)

.PHONY: soak
soak: $(READY) ## edit a tree at random for half an hour, with readers, and look for leaks (ARGS="--minutes 5")
	$(BIN)/python -m benchmarks.soak $(ARGS)

.PHONY: proof
proof: $(TEST_READY) $(PROOF_READY) ## run the tests that take minutes: 10,000 documents, and other people's readers
	@$(BIN)/python -m pytest -m proof --timeout 3600 -n auto $(ARGS)

.PHONY: wheel
wheel: $(READY) ## build the wheel and the source archive into dist/
	$(BIN)/python -m build --no-isolation --outdir dist
	@echo "install it with: pip install dist/agentconf_gitops-*.whl"

.PHONY: lock
lock: ## pin the newest versions that pyproject.toml and requirements/*.in allow, with hashes
	@scripts/lock.sh

.PHONY: clean
clean: ## remove everything that the others made
	rm -rf .venv build dist tests/services/node_modules .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find agentconf benchmarks tests -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements/dev.txt pyproject.toml scripts/environment.sh
	@scripts/environment.sh $@

$(TEST_READY): $(READY) requirements/litellm.txt
	@echo "installing litellm, which tests call for real, into .venv (about a minute, once)"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/litellm.txt
	@touch $@

$(BENCH_READY): $(READY) requirements/bench.txt
	@echo "installing the benchmark's peers into .venv"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/bench.txt
	@touch $@

# What cannot be installed here keeps no other test from running.
$(PROOF_READY): $(TEST_READY) requirements/proof.txt
	@echo "installing act, actionlint, pre-commit and other readers into .venv"
	@$(BIN)/python -m pip install -qq --disable-pip-version-check --require-hashes -r requirements/proof.txt && touch $@ \
		|| echo "not all of them can be installed here; the tests that need them are skipped"
