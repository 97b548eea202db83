# Two commands do everything on a fresh machine: `make apply` and `make test`. Each installs what it needs first.

# The first Python from 3.11 to 3.13 that has venv. If there is none, a newer one, which may work.
PYTHON ?= $(shell for newest in 13 99; do for p in python3 python3.13 python3.12 python3.11; do \
	$$p -c "import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, $$newest))" 2>/dev/null \
	&& echo $$p && exit; done; done)
VENV := .venv
BIN := $(VENV)/bin
CLIENTS := .clients
PROGRAMS := gam intunecd office365 scubagoggles $(if $(shell command -v npm),googleapis)
QUICK := tests/planning tests/playbook tests/words tests/sdk tests/catalogue tests/test_printable.py
REQUIRE_PYTHON = @test -n "$(PYTHON)" || { \
	echo "Python 3.11 to 3.13 with venv not found. On Debian: apt-get install python3 python3-venv" >&2; exit 1; }
PIP = $(BIN)/pip --quiet --disable-pip-version-check
INSTALL = install --no-compile  # Python compiles what is imported; of all that is installed that is a tenth
WORKERS ?= 3  # one more than cores: some tests wait for what a service does not answer
SUITE = $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal
# Runs tests beside the checks of types and contracts, which need one core and say little; it is shown after the tests.
BESIDE_CHECKS = @told=$$(mktemp) && { $(MAKE) --no-print-directory types contracts >$$told 2>&1 & } && checks=$$!; \
	$(1); tests=$$?; wait $$checks; checked=$$?; cat $$told; rm -f $$told; exit $$((tests | checked))
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command 'make lock' --upgrade
unexport PYTHONDONTWRITEBYTECODE  # every worker, and every program that a test starts, would compile everything again

.PHONY: apply test quick lint types contracts docs bench bench-quick mutants soak soak-week services bare programs clients site pictures lock wheel release audit libraries lean size clean

apply: $(VENV)/dev.installed  ## install, and run the main job on the emulated tenants
	$(BIN)/toolkit apply playbooks/ --yes

test: lint  ## everything that has to pass
	$(call BESIDE_CHECKS,$(SUITE))

quick: lint  ## the inner loop: what is fast and needs no emulator
	$(call BESIDE_CHECKS,$(SUITE) $(QUICK))

lint: $(VENV)/dev.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev.installed
	$(BIN)/mypy

contracts: $(VENV)/dev.installed
	$(BIN)/lint-imports

docs: $(VENV)/dev.installed  ## the generated pages; a test fails when they are stale
	$(BIN)/python -m tests.pages docs

bench: $(VENV)/dev.installed  ## requests, round trips, seconds and memory, as ratios to a plain client
	$(BIN)/python -m tests.bench

bench-quick: $(VENV)/dev.installed  ## every scenario with fewer people and rows: the bounds on requests alone
	$(BIN)/python -m tests.bench --short

mutants: $(VENV)/dev.installed  ## faults put into a copy of the code on purpose; each must make a test fail
	$(BIN)/python -m tests.mutants

soak: $(VENV)/dev.installed  ## every fault, edit and kill point, in shards that resume; one: make soak SHARD=kill
	$(BIN)/python -m tests.soak --workers $(WORKERS) $(SHARD)

soak-week: $(VENV)/dev.installed  ## a week of nights in which everything happens at once; one: make soak-week SEED=n
	SEED=$(SEED) $(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m soak tests/week

services:  ## a browser, PostgreSQL and ssh-keygen, from Debian's packages; without them their tests are skipped
	$(REQUIRE_PYTHON)
	@DEBIAN_FRONTEND=noninteractive $(PYTHON) -B tests/services.py

SYSTEMS ?= bookworm trixie
ORDERS ?= apply-first test-first
bare:  ## both commands on minimal Debian systems, in both orders; one, as root: make bare SYSTEMS=trixie ORDERS=test-first
	@tests/bare.sh "$(SYSTEMS)" "$(ORDERS)"

programs: $(PROGRAMS:%=$(CLIENTS)/%.installed)  ## installs what `make clients` runs

clients: $(VENV)/dev.installed  ## programs written by others against the emulator
	@$(MAKE) --no-print-directory --jobs=$(words $(PROGRAMS)) programs
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/clients -m clients

site: $(VENV)/dev.installed $(CLIENTS)/site.installed  ## docs/ as a site in build/site, looked at in a browser
	$(CLIENTS)/site/bin/zensical build --clean --strict
	$(BIN)/python -m pytest tests/docs -m site

pictures: $(VENV)/dev.installed  ## the pictures in README.md; a test fails when they show what is no more
	$(BIN)/python -m tests.pictures

lock: | $(VENV)/bin/python  ## requirements.lock, site.lock and release.lock, from what pyproject.toml asks for
	$(PIP) install uv
	$(LOCK) --all-extras -o requirements.lock pyproject.toml
	$(LOCK) --group pyproject.toml:site -o site.lock
	$(LOCK) --group pyproject.toml:release -o release.lock

wheel: | $(VENV)/bin/python  ## the wheel in dist/, the same each time it is built from one commit
	rm -rf build/lib build/bdist.*  # what an earlier build left there would be in this one too
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(PIP) wheel --no-deps -w dist .

# uv's archive holds the time at which it was packed, so that its files are packed again with the time of the commit.
release: wheel $(CLIENTS)/release.installed  ## wheel, source and list of components (CycloneDX) in dist/, each the same for one commit
	rm -rf build/source && $(CLIENTS)/release/bin/uv build --quiet --sdist --out-dir build/source .
	cd build/source && tar -xzf *.tar.gz && name=$$(basename *.tar.gz .tar.gz) && \
		tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$$(git log -1 --format=%ct) -c $$name | \
		gzip -n > ../../dist/$$name.tar.gz
	$(CLIENTS)/release/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
		--extra notify --extra reports --constraint requirements.lock -o build/components.txt pyproject.toml
	SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(CLIENTS)/release/bin/cyclonedx-py requirements build/components.txt \
		--pyproject pyproject.toml --output-reproducible -o dist/components.cdx.json

audit: $(CLIENTS)/release.installed  ## known weaknesses of the libraries in requirements.lock
	$(CLIENTS)/release/bin/pip-audit --disable-pip --require-hashes -r requirements.lock

LIBRARIES ?= lowest-direct highest
TESTS ?=
libraries: $(LIBRARIES:%=libraries-%)  ## the tests with the oldest libraries that pyproject.toml allows, and with the newest
libraries-%: $(CLIENTS)/release.installed
	$(CLIENTS)/release/bin/uv venv --quiet --clear --python $(BIN)/python $(CLIENTS)/$*
	$(CLIENTS)/release/bin/uv pip install --quiet --python $(CLIENTS)/$* --resolution $* -e '.[dev]'
	$(CLIENTS)/$*/bin/python -m pytest -n $(WORKERS) --dist worksteal $(TESTS)

lean: wheel $(CLIENTS)/release.installed $(VENV)/dev.installed  ## the small installation of docs/real-tenant.md: its size, and runs with it
	$(CLIENTS)/release/bin/uv venv --quiet --clear --python $(BIN)/python $(CLIENTS)/lean
	sed -n 's/^\([a-z0-9._-]*==[^ ;]*\).*/\1/p' requirements.lock > $(CLIENTS)/versions.txt
	$(CLIENTS)/release/bin/uv pip install --quiet --python $(CLIENTS)/lean --constraint $(CLIENTS)/versions.txt \
		"$$(echo $(CURDIR)/dist/*.whl)[notify,reports]"
	$(BIN)/python -m tests.lean $(CLIENTS)/lean

size: $(VENV)/dev.installed  ## lines and files of the product by package
	@$(BIN)/python -m tests.size

clean:
	rm -rf $(VENV) $(CLIENTS) .toolkit build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/bin/python:
	$(REQUIRE_PYTHON)
	$(PYTHON) -m venv $(VENV)

# The versions and hashes that requirements.lock names, whatever the index has by now; then this folder itself. Without
# --no-deps pip would look for the extras that a library asks for (httpx[http2]) in the newest release, and refuse it.
$(VENV)/dev.installed: pyproject.toml requirements.lock | $(VENV)/bin/python
	$(PIP) $(INSTALL) --no-deps --require-hashes -r requirements.lock
	$(PIP) $(INSTALL) --no-deps -e .
	@touch $@

# Each in an environment of its own: what it needs is neither ours nor the emulator's.
$(CLIENTS)/site.installed $(CLIENTS)/release.installed: $(CLIENTS)/%.installed: %.lock | $(VENV)/bin/python
	$(BIN)/python -m venv --without-pip $(CLIENTS)/$*
	$(PIP) --python $(CLIENTS)/$* $(INSTALL) --no-deps --require-hashes -r $<
	@touch $@

$(CLIENTS)/%.installed: tests/clients/%.txt | $(VENV)/bin/python
	$(BIN)/python -m venv --without-pip $(CLIENTS)/$*
	$(PIP) --python $(CLIENTS)/$* $(INSTALL) -r $<
	@touch $@

$(CLIENTS)/%.installed: tests/clients/%.npm
	npm install --prefix $(CLIENTS)/$* --silent --no-audit --no-fund $$(cat $<) && touch $@ || \
		echo "$*: npm could not install it, so that its test is skipped"
