# Two commands for a newcomer: `make run` and `make test`. Everything is set up by them.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
OUT ?= out/joint-programme
# Trust what this machine trusts, also behind a company proxy.
export UV_SYSTEM_CERTS ?= 1

.PHONY: help run test check bench bench-peers peers docs setup format lock clean

help:
	@echo "make run     set up, then run the joint programme into $(OUT)"
	@echo "make test    set up, then run all tests"
	@echo "make check   format, lint, types, contracts, house rules, fast tests"
	@echo "make bench   speed and accuracy beside peers"
	@echo "make bench-peers  the same with the heavy peers too (a Java runtime and Orekit, 130 MB)"
	@echo "make docs    build the documents (accuracy tables: from the last make test)"

.tools/bin/uv:
	$(PYTHON) -m venv .tools
	.tools/bin/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"

UV_READY := $(if $(filter .tools/bin/uv,$(UV)),.tools/bin/uv,)

$(BIN)/.run-ready: requirements.lock pyproject.toml | $(UV_READY)
	$(UV) venv --quiet --allow-existing --python ">=3.11,<3.14" $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

$(BIN)/.dev-ready: requirements-dev.lock pyproject.toml | $(UV_READY)
	$(UV) venv --quiet --allow-existing --python ">=3.11,<3.14" $(VENV)
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

.venv-bench/.ready: requirements-bench.lock pyproject.toml | $(UV_READY)
	$(UV) venv --quiet --allow-existing --python ">=3.11,<3.14" .venv-bench
	$(UV) pip install --quiet --python .venv-bench/bin/python --require-hashes -r requirements-bench.lock
	$(UV) pip install --quiet --python .venv-bench/bin/python --no-deps -e .
	@touch $@

.venv-peers/.ready: requirements-peers.lock pyproject.toml | $(UV_READY)
	$(UV) venv --quiet --allow-existing --python ">=3.11,<3.14" .venv-peers
	$(UV) pip install --quiet --python .venv-peers/bin/python --require-hashes -r requirements-peers.lock
	$(UV) pip install --quiet --python .venv-peers/bin/python --no-deps -e .
	@touch $@

setup: $(BIN)/.dev-ready

run: $(BIN)/.run-ready
	$(BIN)/syzygy run examples/joint-programme/programme.toml --out $(OUT)

test: $(BIN)/.dev-ready
	$(BIN)/pytest -n 2 --dist loadfile -q

check: $(BIN)/.dev-ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n 2 --dist loadfile -q -m "not slow"

bench: .venv-bench/.ready
	.venv-bench/bin/python -m benchmarks

peers: .venv-peers/.ready

bench-peers: .venv-peers/.ready
	.venv-peers/bin/python -m benchmarks

docs: $(BIN)/.dev-ready
	$(BIN)/sphinx-build -W -q -b html docs docs/_build/html
	@echo docs/_build/html/index.html

format: $(BIN)/.dev-ready
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format --quiet .

lock: | $(UV_READY)
	$(UV) pip compile --universal --quiet --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  pyproject.toml -o requirements.lock
	$(UV) pip compile --universal --quiet --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  pyproject.toml --group dev --extra cluster --extra librations -c requirements.lock -o requirements-dev.lock
	$(UV) pip compile --universal --quiet --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  pyproject.toml --group dev --group bench --extra cluster --extra librations -c requirements-dev.lock \
	  -o requirements-bench.lock
	$(UV) pip compile --universal --quiet --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	  pyproject.toml requirements-peers.in --group dev --group bench --extra cluster --extra librations \
	  -c requirements-bench.lock -o requirements-peers.lock

clean:
	rm -rf out docs/_build docs/_generated .pytest_cache .mypy_cache .ruff_cache .hypothesis
