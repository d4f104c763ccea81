# Everything is one command; each does its own set-up. `make` alone lists them.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# Compiled modules are kept: without them each start costs seconds.
unexport PYTHONDONTWRITEBYTECODE
PY := .venv/bin/python
.PHONY: help demo test quick lint bench chaos day failover install-drill load soak fuzz texts fonts icons pictures sheets lock clean set-up-demo set-up-test set-up-failover

help:  ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

demo: set-up-demo  ## one arrival: server, virtual printer and kiosk on this machine
	@$(PY) -m tests.stand.demo $(DEMO)

test: set-up-test lint  ## everything that must hold: rules, units, journeys, browser
	$(PY) -m pytest -q -n 2 --dist loadfile --no-loadscope-reorder --durations=10

quick: set-up-test  ## the part without display, browser or database server
	$(PY) -m pytest -q -n 2 -m "not display and not browser and not postgresql and not slow" \
	    --ignore=tests/browser --ignore=tests/journeys --ignore=tests/server_stub/pages

lint: set-up-test  ## format, ruff, mypy, import contracts
	.venv/bin/ruff format --check -q .
	.venv/bin/ruff check -q .
	.venv/bin/mypy --no-error-summary
	.venv/bin/lint-imports --no-cache > build/imports.log 2>&1 || { cat build/imports.log; exit 1; }

bench: set-up-test  ## measure, print a table, write build/bench.json (BENCH=check-ins: one part)
	@$(PY) -m tests.bench $(BENCH)

chaos: set-up-test  ## be hard on kiosk and server for a quarter of an hour (CHAOS="--only kills --count 1000")
	@$(PY) -m tests.chaos $(CHAOS)

day: set-up-test  ## live a day of 2,500 persons and compare all figures (DAY="--persons 300")
	@$(PY) -m tests.day $(DAY)

load: set-up-test  ## a day of 2,500 persons pressed into minutes, on one server (LOAD="--times 10")
	@$(PY) -m tests.load $(LOAD)

failover: set-up-failover  ## kill the leader of a PostgreSQL cluster, and more (FAILOVER="--times 3")
	@$(PY) -m tests.failover $(FAILOVER)

install-drill: set-up-test  ## every command of docs/install.md on fresh machines (root; DRILL=scaling)
	@$(PY) -m tests.install $(DRILL)

soak: set-up-test  ## a kiosk and a server over 10,000 parties: what grows? (SOAK="--parties 1000")
	@$(PY) -m tests.load.soak $(SOAK)

fuzz: set-up-test  ## what no sane sender sends, at every parser (FUZZ="--minutes 5")
	@$(PY) -m tests.fuzz $(FUZZ)

texts: set-up-test  ## bring the catalogues up to date and compile them
	$(PY) assets/locales/update.py
	$(PY) assets/locales/update_staff.py
	$(PY) assets/locales/update_ticket.py

fonts: set-up-test  ## build the merged font (needs Debian's fonts-noto-core)
	$(PY) assets/fonts/build.py

icons: set-up-test  ## draw the icons from their SVG sources
	$(PY) assets/icons/build.py

pictures: set-up-test  ## make the pictures of the README, and of all slips, anew
	$(PY) -m tests.kiosk.screens.draw_pictures
	$(PY) -m tests.kiosk.screens.contact_sheets
	$(PY) -m tests.printer.draw_slips
	$(PY) -m tests.browser.pictures
	$(PY) -m tests.browser.incoming_pictures
	$(PY) -m tests.browser.ticket_pictures
	$(PY) -m tests.browser.site_pictures
	$(PY) -m tests.browser.figures_pictures
	$(PY) -m tests.browser.hall_pictures
	$(PY) -m tests.browser.privacy_pictures
	$(PY) -m tests.browser.counter_pictures
	$(PY) -m tests.browser.administration_pictures

sheets: set-up-test  ## every screen in all fourteen languages, on sheets in build/sheets
	$(PY) -m tests.kiosk.screens.contact_sheets --all

lock: set-up-test  ## resolve the dependencies anew (needs uv)
	uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    tests/failover/patroni.in -o tests/failover/patroni.lock
	uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	    --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	    --extra kiosk --extra server --extra postgresql --extra dev pyproject.toml -o dev.lock
	for part in kiosk "server --extra postgresql"; do \
	    uv pip compile -q --universal --python-version 3.11 --generate-hashes \
	        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" \
	        -c dev.lock --extra $$part pyproject.toml -o $${part%% *}.lock; \
	done

clean:  ## remove what can be made again
	rm -rf build .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis *.egg-info
	find assets/locales -name '*.mo' -delete

set-up-demo:
	@mkdir -p build
	@.ci/set-up demo

set-up-test:
	@mkdir -p build
	@.ci/set-up test

set-up-failover:
	@mkdir -p build
	@.ci/set-up failover
