# make serve   set everything up, build the site, serve it        PORT=8000
# make site    the finished static site in dist/                  WHEELS=folder, where the wheels cannot be downloaded
# make onefile  the whole site in one file, dist/digitpad.html, that opens from the disk
# make test    set everything up, run every test    CHROMIUM=path, FIREFOX=path, where they are not on the PATH
# make train   train the networks, write model.onnx and reader.onnx; may be stopped and goes on    DATA=folder, QUICK=1 for
#              a run of some minutes that shows that it works, into build/quick/
# make cross-validate  train the line reader anew without each fifth of the real lines, for `make evaluate`
# make evaluate  measure them on what they have not seen, beside other networks    DATA=folder
# make thresholds  say what each threshold of the reading does    DATA=folder
# make bench   measure the page in a real browser, beside others, and fill in docs/benchmarks.md
# make lint    ruff and mypy
# make lock    renew requirements.txt and package-lock.json
# make screenshots  take the README's pictures from the real page

PYTHON ?= python3
PORT ?= 8000
DATA ?= ../shared/data
WHEELS ?=
QUICK ?=
SITE_OPTIONS = $(if $(WHEELS),--wheels "$(WHEELS)")

# TensorFlow comes for some Pythons only; the first of these that is one of them makes the environment.
FITTING = import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))
VENV_PYTHON = $(shell for p in $(PYTHON) python3.13 python3.12 python3.11; do \
	$$p -c '$(FITTING)' 2>/dev/null && echo $$p && break; done)
RUN = .venv/bin/python

export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: serve site onefile test train cross-validate thresholds evaluate bench screenshots lint lock python

serve: python
	$(PYTHON) -m tools.build.serve --port $(PORT) $(SITE_OPTIONS)

site: python
	$(PYTHON) -m tools.build.site $(SITE_OPTIONS)

onefile: site node_modules/lighthouse/package.json
	$(PYTHON) -m tools.onefile.write

test: .venv/installed site lint node_modules/lighthouse/package.json
	$(RUN) -m tools.browser.installed
	$(RUN) -m pytest

lint: .venv/installed
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

train: .venv/installed
	$(RUN) -m training.train --data "$(DATA)" $(if $(QUICK),--epochs 1 --out build/quick/model.onnx)
	$(RUN) -m training.reader --data "$(DATA)" $(if $(QUICK),--lines 10000 --out build/quick/reader.onnx)

# How well it reads the kinds of pictures that it has learned from: each by a network that has not learned from it.
cross-validate: .venv/installed
	$(RUN) -m training.reader --data "$(DATA)" --synthetic --out build/reader/synthetic.onnx
	for fold in 0 1 2 3 4; do \
		$(RUN) -m training.reader --data "$(DATA)" --fold $$fold --out build/reader/fold-$$fold.onnx || exit 1; done

evaluate: .venv/installed
	$(RUN) -m training.evaluate --data "$(DATA)"
	$(RUN) -m training.numbers --data "$(DATA)"
	$(RUN) -m training.real --data "$(DATA)"

thresholds: .venv/installed
	$(RUN) -m training.thresholds --data "$(DATA)"

bench: .venv/installed site
	$(RUN) -m tools.browser.installed
	$(RUN) -m bench

screenshots: .venv/installed site
	$(RUN) -m tools.browser.installed
	$(RUN) -m tools.browser.screenshots

lock: .venv/installed
	$(RUN) -m pip install --quiet uv
	$(RUN) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --output-file requirements.txt requirements.in
	npm install --package-lock-only --ignore-scripts --no-audit --no-fund

# What the page is checked with, and put into one file; `site` has brought what it runs on.
node_modules/lighthouse/package.json: package-lock.json | site
	npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error
	@touch $@

python:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else \
		"Digitpad needs Python 3.11 or later. Name one: make PYTHON=python3.12")'

.venv/installed: requirements.txt
	@test -n "$(VENV_PYTHON)" || { echo "This needs Python 3.11, 3.12 or 3.13, for TensorFlow comes for no other." \
		"Name one: make test PYTHON=python3.12"; exit 1; }
	@echo "Setting up .venv (TensorFlow is large: this takes some minutes the first time) …"
	$(VENV_PYTHON) -m venv --clear .venv
	$(RUN) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	@touch $@
