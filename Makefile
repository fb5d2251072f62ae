# Each verb does its own set-up. Needed beforehand: Python 3.11 or later, and make.
PYTHON ?= python3
BSNA = .venv/bin/bsna
UV = $(shell command -v uv 2>/dev/null || echo .venv-uv/bin/uv)

.PHONY: book test check serve pictures clean bench setup setup-test
book: setup            ## run all surveys, build the web book
	$(BSNA) book
test: setup-test       ## all tests, a whole small survey included
	.venv/bin/pytest -n 2 --dist loadgroup
check: setup-test      ## style and types
	.venv/bin/ruff check .
	.venv/bin/ruff format --check src tests benchmarks
	.venv/bin/mypy
serve: setup           ## look at the book
	$(BSNA) serve
bench: .venv-uv        ## what is promised about speed and truth, measured; Spark too
	$(UV) sync --frozen --compile-bytecode --extra test --extra spark --quiet
	.venv/bin/python -m benchmarks
pictures: setup-test   ## pictures of the built book, two of them for README
	.venv/bin/python -m tests.house.pictures
clean:                 ## remove what was generated
	@if [ -x $(BSNA) ]; then $(BSNA) clean; else rm -rf data/processed book/_build .pytask; fi

setup: .venv-uv
	$(UV) sync --frozen --compile-bytecode --inexact --quiet
setup-test: .venv-uv
	$(UV) sync --frozen --compile-bytecode --extra test --quiet
.venv-uv:              # uv, if it is not on the machine, in a folder of its own
	@command -v uv >/dev/null 2>&1 || { $(PYTHON) -m venv .venv-uv && .venv-uv/bin/pip install --quiet uv; }
