# Feedback Kiosk. The two commands to know are `make run` and `make test`; `make help` lists the rest.

SHELL := /bin/bash
SWIFT ?= swift
# Warnings stop our own builds (see Package.swift).
export KIOSK_WARNINGS_AS_ERRORS = 1

.PHONY: help run build install test test-unit test-integration test-network test-browser test-gpiod test-faults test-fuzz test-vm test-fresh torture fuzz \
  lint bench-footprint bench-journal bench-panel bench-uplink clean

help: ## this list
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## */\t/' | expand -t 20

run: install build ## build and start a kiosk here: real buttons if there are any, else a simulated panel (EXAMPLE=name: see docs/examples)
	@docs/examples/run.sh

# KIOSK_CAPTURE_ONLY leaves out the network side, here as in Package.swift.
build: ## the programs, for trying out (.build/debug)
	$(SWIFT) build --product kioskd
	$(SWIFT) build --product kioskctl
	$(if $(KIOSK_CAPTURE_ONLY),,$(SWIFT) build --product kiosk-agent)

# Swift linked in, what nothing uses left out: the toolchain's own linker drops more than the system's. Relative relocations are
# packed (a megabyte less to read at the start), which glibc understands from 2.36 on: Debian 12.
RELEASE = $(SWIFT) build -c release --scratch-path .build-release --static-swift-stdlib -Xswiftc -use-ld=lld \
  -Xlinker --gc-sections -Xlinker --icf=safe -Xlinker --no-export-dynamic -Xlinker -z -Xlinker pack-relative-relocs -Xlinker -s

release: ## the programs as shipped: optimised, stripped, Swift linked in (.build-release)
	$(RELEASE) --product kioskd
	$(RELEASE) --product kioskctl
	$(if $(KIOSK_CAPTURE_ONLY),,$(RELEASE) --product kiosk-agent)

install: ## the Debian packages that building needs
	@Tests/Support/install-packages.sh build

test: ## everything: lint, unit, integration, network, browser, both libgpiods, faults, fuzz, the virtual machine lane, a fresh machine
	@Tests/run.sh all

test-unit: ## pure state machines, real SQLite, simulated chips
	@Tests/run.sh unit

test-integration: ## the real programs, started as a user would
	@Tests/run.sh integration

test-network: ## delivery through bad networks, the contract with servers, the agent beside kioskd, a link that goes and comes
	@Tests/run.sh network

test-browser: ## the visitor's page in headless Chromium, read, measured and photographed
	@Tests/run.sh browser

test-gpiod: ## the unit tests again, built with the libgpiod that this machine's Debian does not have
	@Tests/run.sh gpiod

test-faults: ## the journal under SIGKILL, power cuts, storage errors and killed machines, in short
	@Tests/run.sh faults

torture: ## the same at length: 10,000 kills, 15,000 power cuts, 50 killed machines, three minutes of tormented delivery (twenty-five minutes; KIOSK_SEED=n for another run)
	@Tests/run.sh torture

test-fuzz: ## spoilt configuration files and requests over the control socket, in short
	@Tests/run.sh fuzz

fuzz: ## the same at length: more than a million inputs (ten minutes; KIOSK_SEED=n for others)
	@Tests/run.sh fuzz-long

test-vm: ## a real kernel with simulated GPIO lines runs the real kioskd
	@Tests/run.sh vm

test-fresh: ## install, build and unit tests in a fresh Debian 12 with nothing but the Swift toolchain
	@Tests/run.sh fresh

lint: ## formatting and shell scripts
	@Tests/run.sh lint

bench-footprint: release ## size, memory, start, wake-ups, bytes and time per press, beside their floors
	@Tests/Support/install-packages.sh test
	@python3 Benchmarks/footprint.py .build-release/release

bench-journal: release ## append cost with a million events and with none, bytes and syncs per append, start after a crash
	$(RELEASE) --product journal-writer
	@Tests/Support/install-packages.sh test
	@python3 Benchmarks/journal.py .build-release/release

bench-panel: release ## a questionnaire's step beside a plain press, 200 presses a second, allocations per edge
	$(RELEASE) --product panel-bench
	@python3 Benchmarks/panel.py .build-release/release

bench-uplink: release ## 100,000 events to a TLS receiver: events a second, bytes an event, memory, threads, wake-ups, beside floors
	$(RELEASE) --product journal-writer
	@Tests/Support/install-packages.sh test
	@python3 Benchmarks/uplink.py .build-release/release

clean: ## remove everything that was built
	rm -rf .build .build-*
