# make run     start FlowViz (PORT=8501 to insist on a port; otherwise the first free one from 8501)
# make dev     the same, picking up edited files
# make test    the whole suite, browser tests included
# make check   style and types
# make bench   side-by-side measurements, written into docs/BENCHMARKS.md

SHELL := /bin/sh
VENV := .venv
BIN := $(VENV)/bin
RUN_READY := $(VENV)/.ready-to-run
DEV_READY := $(VENV)/.ready-to-test

# The first Python that is new enough and can make environments; looked for only when needed.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null \
	&& echo $$p && break; done)
PORT ?=
HAS_BROWSER := command -v chromium || command -v chromium-browser || command -v google-chrome
PIP := $(BIN)/python -m pip install --disable-pip-version-check

.PHONY: run dev test check bench browser

run: $(RUN_READY)
	@exec $(BIN)/streamlit run app.py $(if $(PORT),--server.port $(PORT))

dev: $(RUN_READY)
	@exec $(BIN)/streamlit run app.py --server.fileWatcherType auto --client.showErrorDetails full \
		$(if $(PORT),--server.port $(PORT))

# Each of the two workers has a server and a browser of its own.
test: $(DEV_READY) browser
	$(BIN)/python -m pytest -m "not browser" -n 2
	$(BIN)/python -m pytest -m browser -n 2 --dist loadfile

check: $(DEV_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

bench: $(DEV_READY)
	@$(BIN)/python -m benchmarks

browser:
	@if { $(HAS_BROWSER); } >/dev/null && [ -n "$$(fc-list :lang=zh 2>/dev/null)" ]; then :; \
	elif [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing Chromium and a Chinese font for the browser tests"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			--no-install-recommends chromium fontconfig fonts-dejavu-core fonts-noto-cjk >/dev/null; \
	elif ! { $(HAS_BROWSER); } >/dev/null; then \
		echo "Browser tests need Chromium: sudo apt-get install chromium fonts-noto-cjk"; \
	fi

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "FlowViz needs Python 3.11 or newer with its venv module" \
		"(Debian, Ubuntu: apt-get install python3 python3-venv)" >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

$(RUN_READY): requirements.txt | $(BIN)/python
	@echo "Installing what FlowViz runs on: some minutes, once"
	$(PIP) -r requirements.txt
	@touch $@

$(DEV_READY): requirements-dev.txt $(RUN_READY)
	$(PIP) -q -r requirements-dev.txt
	@touch $@
