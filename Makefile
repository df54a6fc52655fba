# Each target does its own set-up: Python >= 3.11 and make are all it takes.
PYTHON ?= python3
VENV := .venv
ifeq ($(OS),Windows_NT)
BIN := $(VENV)/Scripts
else
BIN := $(VENV)/bin
endif
DATA ?= ../shared/benchmark

.PHONY: desk run test check browser model bench clean

desk: $(VENV)/.desk
	$(BIN)/minyi desk

run: $(VENV)/.run
	$(BIN)/minyi classify data/samples/意见箱.xlsx -o out/意见箱_分类.xlsx --force

test: check browser
	$(BIN)/python -m pytest

# The desk is tested in a real browser. Where it can't be had, those tests are left out and say so.
browser:
ifneq ($(OS),Windows_NT)
	@command -v chromium >/dev/null && command -v chromedriver >/dev/null || \
		{ command -v apt-get >/dev/null && [ "$$(id -u)" = 0 ] && apt-get update -qq && \
		apt-get install -y -qq --no-install-recommends chromium chromium-driver fonts-noto-cjk; } || \
		echo "No Chromium and no way to install it (Debian: chromium, chromium-driver, fonts-noto-cjk): the browser tests are left out." >&2
endif

check: $(VENV)/.dev
	$(BIN)/ruff format --check src tests benchmarks
	$(BIN)/ruff check src tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

model: $(VENV)/.dev
	$(BIN)/python -m minyi.starter models/starter
	$(BIN)/python -m minyi.analysis.issues.background models/background.npz
	$(BIN)/python -m minyi.analysis.privacy.counting data/domain/name_odds.txt

bench: $(VENV)/.dev
	for script in speed latency accuracy large_files model_size; do \
		$(BIN)/python benchmarks/$$script.py --data $(DATA) || exit 1; done
	$(BIN)/python benchmarks/corpus.py

$(VENV)/.run: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	touch $@

$(VENV)/.desk: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[desk]"
	touch $@ $(VENV)/.run

$(VENV)/.dev: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -e ".[dev]"
	touch $@ $(VENV)/.run $(VENV)/.desk

clean:
	rm -rf $(VENV) out build dist
