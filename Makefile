# hedui. Every target is one plain command; `make` alone lists them.

GO   ?= go
BIN  := bin/hedui
# The linter is pinned in a module of its own, so that its hundreds of
# dependencies stay out of go.mod.
LINT := $(GO) tool -modfile=tools/go.mod golangci-lint
VENV := bench/.venv

.DEFAULT_GOAL := help
.PHONY: help build deb demo console test race lint fuzz microbench bench bench-full check golden integration browser browser-smoke screenshots release-check clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 16

build: ## build bin/hedui
	$(GO) build -trimpath -o $(BIN) ./cmd/hedui

deb: build ## a Debian package in bin; its tool is pinned in tools/nfpm/go.mod
	VERSION=$$($(BIN) version --json | sed -n 's/.*"version": *"\([^"]*\)".*/\1/p') ARCH=$$($(GO) env GOARCH) \
	$(GO) tool -modfile=tools/nfpm/go.mod nfpm package --config packaging/nfpm.yaml --packager deb --target bin

demo: build ## a province of 100,000 people, from files to explained verdicts, in ./demo
	sh bench/demo.sh $(BIN) demo

console: build ## 演示中心 a centre that does not exist, with its console, in ./demo-centre
	$(GO) run ./bench/democentre -hedui $(BIN) -dir demo-centre

test: ## the tests: no network, no server
	$(GO) test -timeout 15m ./...

race: ## the tests under the race detector
	$(GO) test -race -short -timeout 30m ./...

lint: ## golangci-lint, pinned in tools/go.mod; its first build takes some minutes
	$(LINT) run

fuzz: ## every fuzz target for 30 seconds
	.ci/fuzz 30

microbench: ## the benchmarks beside the code
	$(GO) test -run '^$$' -bench . -benchmem ./...

# The peers' Python packages, pinned, in a place of their own.
$(VENV)/packages: bench/peers/requirements.txt
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --requirement bench/peers/requirements.txt
	touch $@

bench: $(VENV)/packages ## the main job beside three databases, 100,000 people: some minutes
	$(VENV)/bin/python -m unittest discover --quiet --start-directory bench/peers
	$(GO) run ./bench/endtoend -python $(VENV)/bin/python -sizes 100000 $(BENCHFLAGS)

bench-full: $(VENV)/packages ## the same for 1 and 4 million people: some hours, 30 GB of disk
	$(GO) run ./bench/endtoend -python $(VENV)/bin/python -sizes 1000000,4000000 $(BENCHFLAGS)

check: ## what CI runs: test, lint, a short fuzz
	.ci/run

golden: ## rewrite the golden files (never the stores of old formats); read the diff
	$(GO) test ./cmd/hedui ./engine/explain ./rules -update

# With KAFKA_BROKERS=host:port somebody's own broker is taken; INTEGRATIONFLAGS=-external
# then leaves out what would kill it.
integration: ## what needs a real Kafka broker: starts one, Java and Maven are installed where they are missing
	bench/broker/install.sh
	$(GO) test ./bench/broker/... ./bench/batches -p 1 -count=1 -timeout 15m -integration $(INTEGRATIONFLAGS)

browser: ## the console in a real browser; installs Chromium and fonts where they are missing
	bench/browser/install.sh
	$(GO) test ./bench/browser -browser -timeout 40m $(BROWSERFLAGS)

# What CI runs of it: the ways of people, the forms of a report, the attacks.
BROWSERSMOKE := ^TestBrowser(SignInAndRegister|FamilyAtTheCounter|ReviewByTwo|NobodyAlone|Objection|ReportForms|ForgedForms|GetChangesNothing|WrongOrigin|Framed|FixedSession|Headers)$$
browser-smoke: ## the part of it that CI runs, some minutes
	bench/browser/install.sh
	$(GO) test ./bench/browser -browser -timeout 15m -run '$(BROWSERSMOKE)'

screenshots: ## a picture of every page of the console, in docs/screenshots
	bench/browser/install.sh
	$(GO) test ./bench/browser -browser -timeout 20m -run '^TestBrowserPictures$$' -pictures $(CURDIR)/docs/screenshots

release-check: ## the long counts of every suite, with a dated page in bench/results
	bench/release-check.sh

clean: ## remove what the targets above made
	rm -rf bin demo demo-centre
