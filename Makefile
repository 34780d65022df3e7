# Everything a person needs is one word; `make help` lists them. Each does its own set-up.
.DEFAULT_GOAL := help
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c

PROGRAM := build/orchestrator/cli/main.js
# Touched when all of it compiled: the compiler writes files even where it finds faults.
BUILT := build/.complete
SOURCES := $(shell find orchestrator images -name '*.ts' 2> /dev/null)

# The request is taken as written and reaches the program through the environment: neither make nor the shell reads it.
ifeq ($(origin REQ),undefined)
# A Spec or a run to go on from holds its own request; without one of them the bundled run is replayed.
REQUEST := $(if $(findstring --resume,$(FLAGS))$(findstring --spec,$(FLAGS)),,--replay bundled )$(FLAGS)
else
export FACTORY_REQUEST := $(value REQ)
unexport REQ
MAKEOVERRIDES :=
REQUEST := $(FLAGS) -- "$$FACTORY_REQUEST"
endif
ifeq ($(PULL),1)
REQUEST := --pull $(REQUEST)
endif

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: factory
factory: setup ## REQ="<one paragraph>": take a request down the line; without REQ the bundled one, by replay; PULL=1 gets the models (FLAGS=… go to the program, as do --spec FILE and --resume RUN)
	@node $(PROGRAM) run $(REQUEST)

.PHONY: setup
setup: $(BUILT) ## packages, program and a Docker engine that answers; images are built when a run first needs them
	@bash .ci/engine.sh

.PHONY: check
check: $(BUILT) ## the quick part: types, lint, unused code, architecture and unit tests; needs no engine
	@bash .ci/test.sh types lint unused quick

.PHONY: test
test: setup ## everything, with times by part
	@bash .ci/test.sh types lint unused quick engine hostile

.PHONY: test-long
test-long: setup ## everything, the slow cases included
	@FACTORY_LONG=1 bash .ci/test.sh types lint unused quick mutants engine hostile

.PHONY: hostile
hostile: setup ## run the catalogue of attacks, the slow ones included, and print it as a table (kept in docs/hostile.md)
	@FACTORY_LONG=1 npx --no-install vitest run tests/hostile --reporter=default --reporter=json --outputFile.json=.cache/hostile.json || true
	@node .ci/hostile.mjs

.PHONY: mutants
mutants: node_modules/.package-lock.json ## drop each part of the facts from a copy of the factory and see a named test fail (kept in docs/mutants.md)
	@node .ci/mutants.mjs --page

.PHONY: bench
bench: setup ## measure replayed runs, the gates against bare tools, the jail's probes, the images (kept in docs/bench.md); asserts nothing
	@node $(PROGRAM) bench --page $(FLAGS)

.PHONY: demo
demo: setup ## four recorded BUILDs (three of them attacks) before a naive runner and down the line; offline, no model
	@node $(PROGRAM) demo $(FLAGS)

.PHONY: docs
docs: $(BUILT) ## write the pages of docs/ that are made from the failure catalogue and the policies
	@node $(PROGRAM) docs

.PHONY: metrics
metrics: $(BUILT) ## write METRICS.md and docs/asking.md from the runs that are kept in runs/
	@node $(PROGRAM) metrics

.PHONY: clean
clean: ## remove what the factory made: containers, volumes and images on the engine, build/ and .cache/
	@if [ -f $(PROGRAM) ]; then node $(PROGRAM) clean $(FLAGS); fi
	@rm -rf build .cache

$(BUILT): node_modules/.package-lock.json tsconfig.json tsconfig.build.json $(SOURCES)
	@npx --no-install tsc -p tsconfig.build.json
	@touch $@

# A registry may fail to answer once; twice is a reason to stop. The second try also takes a lock that lacks packages for other systems
# (one written behind a registry that has only this system's), which `npm ci` refuses; the lock itself is not written.
node_modules/.package-lock.json: package-lock.json
	@node -e 'const [a, b] = process.versions.node.split(".").map(Number); if (a < 20 || (a === 20 && b < 11)) { console.error("the factory needs Node 20.11 or newer, this is " + process.version); process.exit(1); }'
	@npm ci --no-audit --no-fund --loglevel=error || { echo 'npm ci failed; once more, by npm install' >&2; npm install --no-save --no-audit --no-fund --loglevel=error; }
	@touch $@
