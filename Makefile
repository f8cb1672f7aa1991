# What a person or a build machine does with this checkout. Everything is kept below target/ and the node_modules/ of
# end2end, so two checkouts on one machine don't disturb each other. Each target installs what it lacks, once, and says so.

ROOT := $(CURDIR)
# Kept to the checkout on purpose, whatever the environment says: the tools and the browser build lie beside it.
export CARGO_TARGET_DIR := $(ROOT)/target
unexport CARGO_BUILD_TARGET

.DEFAULT_GOAL := help
.PHONY: help demo test build bench check fuzz browser release unit end2end sizes description
.NOTPARALLEL:

help:
	@echo "make demo    Belfry with a small shop beside it, on http://localhost:3001 (the first time builds for about 25 minutes)"
	@echo "make test    every check and test, browser tests included (about 70 minutes from nothing on two cores, then 25)"
	@echo "make build   one release binary with everything in it: target/release/belfry"
	@echo "make bench   the table of budgets, and what a person feels in Chromium, beside two other inboxes (about 20 minutes)"
	@echo "make check   the fast part: format, lints of both builds, what may reach the browser"
	@echo "make fuzz    made-up drawings and style sheets against the theme compiler (a minute each; .ci/fuzz 600 svg says otherwise)"

demo: build
	@echo "== demo: http://localhost:3001 (stop with Ctrl-C)"
	@exec target/release/belfry demo

build: browser release
	@echo "== built: target/release/belfry"

test: browser check unit release sizes description end2end

bench: build sizes
	@echo "== bench: the table of budgets (about 10 minutes)"
	@.ci/release-cargo bench --locked --bench budgets
	@echo "== bench: what a card costs to render and a theme to compile (about 2 minutes)"
	@.ci/release-cargo bench --locked --bench cards -- --quick --noplot
	@echo "== bench: what a person feels (about 10 minutes)"
	@.ci/bench

check:
	@.ci/check

fuzz:
	@.ci/fuzz

# The WebAssembly and its JavaScript, in target/site/pkg.
browser:
	@.ci/browser

# The server, with what lies in target/site/pkg inside it.
release:
	@echo "== release build (about 20 minutes from nothing)"
	@.ci/release-cargo build --locked --release --bin belfry

unit:
	@echo "== unit and integration tests (about 12 minutes from nothing)"
	@cargo test --locked

end2end:
	@.ci/end2end

sizes:
	@.ci/sizes

# What the API answers, against what its description promises.
description:
	@.ci/schemathesis
