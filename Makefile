# The two commands a reader needs are `make run` and `make test`; both do all the set-up.
PYTHON ?= python3
BIN := .venv/bin
# Compiled once: an environment that forbids writing bytecode would otherwise pay for it at every start.
# The system's certificates, as pip and git use: the only ones that know a company's proxy.
UV := $(BIN)/uv pip install --quiet --system-certs --compile-bytecode --python $(BIN)/python
export DAGSTER_HOME := $(CURDIR)/.dagster
# The sandbox where nothing is configured. Not where `data` shows that something was: a file that is lost is no wish for
# made-up conferences.
run dev: export PLANION_SANDBOX ?= $(if $(PLANION_CONFIG)$(wildcard planion.yaml data/.status/.feed.json),,1)

.PHONY: help install run dev test test-oldest test-spark test-browser test-compose test-deploy test-servers test-engines dist test-dist soak bench docs pictures lint format lock clean

help:  ## Show the targets.
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST)

install: .venv/run.stamp  ## Install everything into .venv; the other targets do so too.

run: .venv/run.stamp  ## Refresh every configured conference, or the sandbox's where nothing is configured.
	@exec $(BIN)/planion refresh

dev: .venv/run.stamp  ## Dagster's UI at http://127.0.0.1:3000 (PORT=), with the sandbox feed at 8787 (SANDBOX_PORT=) where nothing is configured.
	@exec $(BIN)/python scripts/dev.py

# A worker costs six seconds of CPU before its first test: two, not more. Modules are compiled once, not by each
# of those processes, whatever the environment says.
test: lint  ## Lint, check types, run every test.
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/pytest -n 2 --dist worksteal

# What uses Dagster beyond its public API, the code location, a run of the assets and other people's projects, on the
# oldest Dagster allowed.
test-oldest: .venv-oldest/stamp  ## Test what depends on Dagster's release with the oldest that pyproject.toml allows.
	@env -u PYTHONDONTWRITEBYTECODE .venv-oldest/bin/python -m pytest -p no:cacheprovider $(OLDEST_TESTS)
OLDEST_TESTS := planion_assets_tests/test_definitions.py \
	$(addprefix planion_assets_tests/defs/,test_build_definitions.py test_component.py test_dagster_internals.py \
	test_pooled_sqlite_storage.py automation/test_refresh_active.py automation/test_postgres.py)

# Apart from `test`, which it would burden with 400 MB. Without Java nothing is installed, and pytest names what it skips.
test-spark: .venv/dev.stamp  ## Read the tables with Spark, where there is Java.
	@if $(BIN)/python -m planion_assets_tests.readers.java; then $(MAKE) --no-print-directory .venv/spark.stamp; fi
	@$(BIN)/pytest -m spark -rs --no-fold-skipped planion_assets_tests/readers

# Apart from `test` too: it needs Chromium, without which pytest names what it skips.
test-browser: .venv/browser.stamp .venv/dashboard.stamp docs  ## Click and read in Dagster's UI, in the site of the documents and in examples/dashboard, with a headless Chromium.
	@$(BIN)/pytest -m browser -rs --no-fold-skipped planion_assets_tests/browser

# Apart from `test` too: 300 MB, and seconds until the servers answer.
test-servers: .venv/servers.stamp  ## Test object stores with SeaweedFS (S3) and, where there is node, Azurite (Azure).
	@$(BIN)/pytest -n 2 --dist worksteal -m 'servers and not soak' -rs --no-fold-skipped planion_assets_tests

# Apart from `test` too: half a minute, as the superuser, without whom pytest names what it skips.
test-compose: .venv/dev.stamp  ## Start the services of deploy/compose.yaml without a container engine, over this machine's files.
	@$(BIN)/pytest -m deploy -rs --no-fold-skipped planion_assets_tests/deploy/test_compose.py

# Apart from it: it fetches a Debian and all packages of the image.
test-deploy: .venv/dev.stamp  ## The same, and in the image of deploy/Dockerfile, built in a folder.
	@$(BIN)/pytest -m deploy -rs --no-fold-skipped planion_assets_tests/deploy

# Apart from `test` too: Celery and Kubernetes' schemas, a Redis and a PostgreSQL server.
test-engines: .venv/engines.stamp  ## Test refreshes in several runs on Celery workers, and what Kubernetes is asked for.
	@$(BIN)/pytest -n 0 -m engines -rs --no-fold-skipped planion_assets_tests/engines

# What is built, held against what PyPI takes, and what its locks pin, for scanners of vulnerabilities.
dist: .venv/release.stamp  ## Build dist/: source, wheel, and an SBOM (CycloneDX) of each lock that users run.
	@rm -rf dist
	@$(BIN)/python -m hatchling build
	@$(BIN)/twine check --strict dist/*
	@for lock in run deploy; do $(BIN)/python -W ignore -m cyclonedx_py requirements requirements/$$lock.lock \
		--pyproject pyproject.toml --output-reproducible -o dist/$$lock.cdx.json; done

test-dist: dist .venv/dev.stamp  ## Install what was built into an empty environment, and use it there.
	@$(BIN)/pytest -n 0 -m dist planion_assets_tests/test_dist.py

soak: .venv/servers.stamp  ## Hundreds of refreshes through random faults, signals and kills, damages of stored files, items that nobody thought of, and the search for tokens in the other mode; a quarter of an hour.
	@$(BIN)/pytest -m 'soak or hypothesis' --hypothesis-profile=many planion_assets_tests

lint: .venv/dev.stamp  ## Lint, import walls, types.
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format"; exit 1; }
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-cache --no-logo >.venv/lint-imports.txt || { cat .venv/lint-imports.txt; exit 1; }
	@$(BIN)/mypy

bench: .venv/bench.stamp $(if $(filter bucket survey,$(BENCH)),.venv/servers.stamp) $(if $(filter ten-thousand,$(BENCH)),.venv/browser.stamp)  ## Measure against a floor, dlt and pandas; rewrites docs/reference/performance.md. BENCH="memory thousand ten-thousand" for the long cases, "bucket survey" for an object store.
	@env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m benchmarks --docs $(BENCH)

# As GitHub shows them: the same files in the same places, with links between them that are relative. Links into pages,
# not copies, so that a page that git does not know yet is there too.
docs: .venv/docs.stamp  ## Make the documents a site, in site/: open site/index.html, no server is needed.
	@rm -rf .venv/pages && mkdir -p .venv/pages/data
	@for page in docs benchmarks examples planion.example.yaml data/README.md $(wildcard *.md); do \
		ln -s "$(CURDIR)/$$page" .venv/pages/$$page; done
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

# By hand, where what they show has changed; look at each before it is committed.
pictures: .venv/browser.stamp .venv/dashboard.stamp  ## Make the diagrams, terminals and pages of the UI that the documents show again (docs/images).
	@$(BIN)/python scripts/draw_diagrams.py
	@PYTHONPATH=. $(BIN)/python scripts/draw_terminals.py
	@PYTHONPATH=. $(BIN)/python scripts/take_screenshots.py

format: .venv/dev.stamp  ## Format the code.
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

WRITABLE := test -w . || { echo "$(CURDIR) cannot be written, and .venv is to be made in it: copy the checkout to a folder of yours"; exit 1; }

# The locks name no index, so that a mirror serves as well; `uv.lock` would name one for every file. All groups but one, whose
# DuckDB is another, are resolved together first: what one of them takes alone may be newer than the next one allows.
# docs/reference/versions.md says when they are renewed.
lock: .venv/bootstrap.stamp  ## Resolve the dependencies anew; PACKAGE=requests renews that one alone.
	@printf '%s\n' 'uv>=0.9,<1' 'hatchling>=1.27,<2' 'hatch-fancy-pypi-readme>=25.1,<27' 'editables>=0.5,<1' | $(COMPILE) - -o requirements/bootstrap.lock
	@cat $(wildcard $(GROUPS:%=requirements/%.lock)) | sed -n 's/^\([a-z].*==.*[^ ]\) *\\$$/\1/p' | sort -u >.venv/together.lock
	@$(COMPILE) --all-extras pyproject.toml $(GROUPS:%=--group %) -o .venv/together.lock
	@$(COMPILE) -c .venv/together.lock --all-extras pyproject.toml -o requirements/run.lock
	@set -e; for group in $(GROUPS); do \
		$(COMPILE) -c .venv/together.lock $$(case $$group in bench|deploy|dev) echo --all-extras pyproject.toml; esac) \
			--group $$group -o requirements/$$group.lock; done
	@sed -i '/^    #   -c .venv.together.lock$$/d' requirements/*.lock
	@$(COMPILE) --group duckdb-httpfs -o requirements/duckdb-httpfs.lock
	@cd requirements/azurite && npm update --package-lock-only --silent
GROUPS := bench browser dashboard deploy dev docs engines release servers spark
COMPILE := $(BIN)/uv pip compile --quiet --system-certs --universal --python-version 3.11 --generate-hashes --no-header $(if $(PACKAGE),--upgrade-package $(PACKAGE),--upgrade)

.venv/bootstrap.stamp: requirements/bootstrap.lock
	@$(WRITABLE)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.12")'
	@echo "making .venv from the lock files (once)"
	@$(PYTHON) -m venv .venv || { echo "the venv module is missing; on Debian: apt-get install python3-venv"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/bootstrap.lock
	@touch $@

.venv/run.stamp: requirements/run.lock pyproject.toml .venv/bootstrap.stamp
	@$(WRITABLE)
	@$(UV) --require-hashes -r requirements/run.lock
	@$(UV) --no-build-isolation --no-deps --editable .
	@touch $@

# Each of these is the packages of one lock, over those of another.
STAMPS := dev browser dashboard docs engines release bench
$(STAMPS:%=.venv/%.stamp): .venv/%.stamp: requirements/%.lock
	@$(UV) --require-hashes -r $<
	@touch $@
.venv/dev.stamp .venv/release.stamp .venv/bench.stamp: .venv/run.stamp
.venv/browser.stamp .venv/dashboard.stamp .venv/docs.stamp: .venv/dev.stamp
.venv/engines.stamp: .venv/servers.stamp

# All as locked but Dagster's packages, and what an older Dagster wants older.
.venv-oldest/stamp: requirements/dev.lock pyproject.toml .venv/dev.stamp
	@echo "making .venv-oldest with the oldest Dagster (once)"
	@$(BIN)/uv venv --quiet --clear --python $(BIN)/python .venv-oldest
	@sed -n 's/^\([a-z].*==.*[^ ]\) *\\$$/\1/p' requirements/dev.lock | grep -Ev '^(dagster|kubernetes|setuptools|tomlkit)' >.venv-oldest/locked.txt
	@sed -n 's/^ *"\(dagster[a-z-]*\)>=\([0-9.]*\),.*/\1==\2/p' pyproject.toml >.venv-oldest/oldest.txt
	@$(UV:$(BIN)/python=.venv-oldest/bin/python) -c .venv-oldest/locked.txt -r .venv-oldest/oldest.txt --group dev --editable .
	@touch $@

# PyPI has pyspark as source only: its build takes setuptools from the same lock.
.venv/spark.stamp: requirements/spark.lock .venv/dev.stamp
	@echo "installing Spark (once)"
	@$(UV) --require-hashes --build-constraints requirements/spark.lock -r requirements/spark.lock
	@touch $@

# npm takes its own lock file; without npm nothing is installed, and pytest names what it skips.
.venv/servers.stamp: requirements/servers.lock requirements/duckdb-httpfs.lock requirements/azurite/package-lock.json .venv/dev.stamp
	@echo "installing object stores (once)"
	@$(UV) --require-hashes -r requirements/servers.lock
	@$(UV) --require-hashes --target .venv/duckdb-httpfs -r requirements/duckdb-httpfs.lock
	@mkdir -p .venv/azurite && cp requirements/azurite/*.json requirements/azurite/.npmrc .venv/azurite
	@if command -v npm >/dev/null; then cd .venv/azurite && npm ci --silent; fi
	@touch $@

clean:  ## Remove the environment and everything that Dagster stored; tables stay.
	@rm -rf .venv .venv-oldest .mypy_cache .ruff_cache .pytest_cache .hypothesis
	@git clean -qfdX .dagster
