# What a person or a build machine does with this checkout. Everything is kept below target/ and the node_modules/ of
# end2end, so two checkouts on one machine don't disturb each other. Each target installs what it lacks, once, and says so.

ROOT := $(CURDIR)
# Kept to the checkout on purpose, whatever the environment says: the tools and the browser build lie beside it.
export CARGO_TARGET_DIR := $(ROOT)/target
unexport CARGO_BUILD_TARGET

.DEFAULT_GOAL := help
.PHONY: help demo dev test build bench counts growth check fuzz browser release unit end2end sizes description channel-clients sdk-clients docs
.NOTPARALLEL:

help:
	@echo "make demo    Belfry with a small shop and a back office beside it, on http://localhost:3001 and :3002 (the first time builds for about 4 minutes)"
	@echo "make dev     the same, built and started again whenever a source changes"
	@echo "make test    every check and test, browser tests included (about 20 minutes from nothing on two cores)"
	@echo "make build   one release binary with everything in it: target/release/belfry"
	@echo "make bench   the table of budgets, and what a person feels in Chromium, beside two other inboxes (about 20 minutes)"
	@echo "make counts  instructions of some calls against the figures that are kept (UPDATE=\"reason\" writes new ones; about 3 minutes after its build)"
	@echo "make growth  what parsers and renderers cost for ten times the input, in instructions (about 3 minutes)"
	@echo "make check   the fast part: format, lints of both builds, what may reach the browser"
	@echo "make docs    links, commands and examples of the documentation (about a minute)"
	@echo "make fuzz    made-up drawings and style sheets against the theme compiler (a minute each; .ci/fuzz 600 svg says otherwise), all properties with new inputs"

demo:
	@.ci/demo

dev:
	@.ci/dev

build: browser release
	@echo "== built: target/release/belfry"

test:
	@.ci/test

bench: build
	@BELFRY_BIN=target/release/belfry .ci/sizes
	@echo "== bench: the table of budgets (about 10 minutes)"
	@.ci/release-cargo bench --locked --bench budgets
	@echo "== bench: what a card costs to render and a theme to compile (about 2 minutes)"
	@.ci/release-cargo bench --locked --bench cards -- --quick --noplot
	@echo "== bench: agents' sockets of the Inbox SDK (about a minute)"
	@.ci/sdk-bench
	@echo "== bench: what a person feels (about 10 minutes)"
	@.ci/bench

# The reason, if there is one, is quoted by the shell.
counts: export COUNTS_UPDATE = $(UPDATE)
counts:
	@.ci/counts $${COUNTS_UPDATE:+--update "$$COUNTS_UPDATE"}

# Also a part of make test.
growth:
	@.ci/growth

check:
	@.ci/check

fuzz:
	@.ci/fuzz

# The WebAssembly and its JavaScript, in target/site/pkg.
browser:
	@.ci/browser

# The server, with what lies in target/site/pkg inside it.
release:
	@.ci/release

unit:
	@.ci/unit

end2end: browser
	@.ci/end2end

sizes: browser
	@.ci/sizes

# What the API answers, against what its description promises.
description:
	@.ci/schemathesis

# Unmodified clients of the API channel and the examples of its guide, against the running server.
channel-clients:
	@.ci/channel-clients

# The Inbox SDK's own tests and the examples of its guide, against the running server.
sdk-clients:
	@.ci/sdk-clients

# Links, commands and examples of the documentation, against the running server.
docs:
	@.ci/docs
