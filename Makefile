# Sets up, runs and tests the portal. What each target does stands in config/setup/, in Python's standard library.

# The first Python from 3.11 on, whatever its name.
PYTHON ?= $(shell for p in python3 python3.11 python3.12 python3.13 python3.14; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
SETUP = $(or $(PYTHON),$(error Python 3.11 or newer is needed: sudo apt-get install -y python3)) -m config.setup
export PORT ?= 8000
export ROWS

.DEFAULT_GOAL := help
.PHONY: help run setup db stop schedule schedule-off test chaos coverage bench bench-refresh containers lint docs messages clean drop-data

help: ## Print what each target does
	@sed -nE 's/^([a-z-]+):.*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | while IFS="$$(printf '\t')" read -r name what; do \
		printf '  make %-14s %s\n' "$$name" "$$what"; done

run: ## Install what is missing, start the private database, serve on http://localhost:8000 (PORT=... for another)
	@$(SETUP).serve

setup: ## Do all that run does, short of serving
	@$(SETUP).serve --setup-only

db: ## Start the private database and return; manage.py then works with no variable set
	@$(SETUP).install
	@$(SETUP).cluster start

stop: ## Stop the private databases of this checkout
	@$(SETUP).cluster stop

schedule: ## Put the refresh's schedule into this user's crontab (schedule-off takes it out)
	@$(SETUP).schedule add

schedule-off: ## Take the refresh's schedule out of this user's crontab
	@$(SETUP).schedule remove

test: ## Install what tests need and run them all (ARGS="tests/species -k depth" for some)
	@$(SETUP).check test $(ARGS)

chaos: ## Kill the refresh at ten random moments and look at what is left; ask the APIs whatever their schemas allow; try the benchmarks
	@$(SETUP).check chaos $(ARGS)

coverage: ## Run the tests and require 85 % of the lines in each file of species and users
	@$(SETUP).check coverage $(ARGS)

bench: ## Measure the atlas at 1 and 5 million observations (ROWS=30000000 for so many; says first what that needs)
	@$(SETUP).check bench $(ARGS)

bench-refresh: ## Measure the refresh: records a second and memory, beside a bare parse and a bare COPY
	@$(SETUP).check bench-refresh $(ARGS)

containers: ## Build the containers, start them, ask them a few things and remove them (needs Docker with Compose)
	@$(SETUP).containers

lint: ## Check style, types, security, the documentation and what a deployment needs
	@$(SETUP).check lint

docs: ## Build the documentation in docs/_build/html; warnings are errors
	@$(SETUP).check docs

messages: ## Gather the texts to translate into locale/ and compile them (needs GNU gettext)
	@$(SETUP).messages

clean: ## Delete what can be made again, never the private database
	@$(SETUP).clean

drop-data: ## Delete the private database, after asking for its name
	@$(SETUP).cluster drop
