# Entry points for developers and build machines. All output is below target/ and the node_modules/ of
# end2end, so several checkouts on one machine don't interfere. Each target installs missing tools once,
# and prints a message.

ROOT := $(CURDIR)
# Always inside the checkout, whatever the environment says: the tools and the browser build are beside it.
export CARGO_TARGET_DIR := $(ROOT)/target
unexport CARGO_BUILD_TARGET

.DEFAULT_GOAL := help
.PHONY: help demo dev test build bench counts growth check faults fuzz browser release unit end2end sizes description channel-clients sdk-clients docs
.NOTPARALLEL:

help:
	@echo "make demo    Belfry with a small shop and a back office beside it, on http://localhost:3001 and :3002 (the first time builds for about 4 minutes)"
	@echo "make dev     the same, rebuilt and restarted whenever a source changes"
	@echo "make test    every check and test, browser tests included (about 35 minutes from scratch on two cores)"
	@echo "make build   one self-contained release binary: target/release/belfry"
	@echo "make bench   the performance budgets on both databases, and the user-visible performance in Chromium, compared with other inboxes (about 35 minutes)"
	@echo "make counts  instruction counts of fixed calls, compared with the stored figures (UPDATE=\"reason\" stores new ones; about 3 minutes after the build)"
	@echo "make growth  instruction counts of parsers and renderers for ten times the input (about 3 minutes)"
	@echo "make check   the fast part: format, lints of both builds, dependencies of the browser build"
	@echo "make docs    links, commands and examples of the documentation (about a minute)"
	@echo "make browser, release, unit, end2end, sizes, description, channel-clients, sdk-clients: the parts of the above, one at a time"
	@echo "make faults  crashes, kills and restarts of servers and databases, hundreds of each, with a check of everything that was acknowledged"
	@echo "make fuzz    fuzzes the theme compiler (a minute per target; .ci/fuzz 600 svg for longer), and runs all property tests with new inputs"

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
	@echo "== bench: performance budgets (about 10 minutes)"
	@.ci/release-cargo bench --locked --bench budgets
	@echo "== bench: performance budgets on PostgreSQL (about 15 minutes)"
	@.ci/bench-postgres
	@echo "== bench: costs of rendering cards and compiling themes (about 2 minutes)"
	@.ci/release-cargo bench --locked --bench cards -- --quick --noplot
	@echo "== bench: agents' sockets of the Inbox SDK (about a minute)"
	@.ci/sdk-bench
	@echo "== bench: user-visible performance in Chromium (about 10 minutes)"
	@.ci/bench

# The shell quotes the reason, if there is one.
counts: export COUNTS_UPDATE = $(UPDATE)
counts:
	@.ci/counts $${COUNTS_UPDATE:+--update "$$COUNTS_UPDATE"}

# Also a part of make test.
growth:
	@.ci/growth

check:
	@.ci/check

faults:
	@.ci/faults

fuzz:
	@.ci/fuzz

# The WebAssembly and its JavaScript, in target/site/pkg.
browser:
	@.ci/browser

# The server, with the files of target/site/pkg embedded.
release:
	@.ci/release

unit:
	@.ci/unit

end2end: browser
	@.ci/end2end

sizes: browser
	@.ci/sizes

# Tests the API against its OpenAPI document.
description:
	@.ci/schemathesis

# Published clients of the API channel and the examples of its guide, against the running server.
channel-clients:
	@.ci/channel-clients

# The Inbox SDK's own tests and the examples of its guide, against the running server.
sdk-clients:
	@.ci/sdk-clients

# Links, commands and examples of the documentation, against the running server.
docs:
	@.ci/docs
