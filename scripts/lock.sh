#!/usr/bin/env bash
# Pins what development and the benchmark use. No registry address and no path of this machine enters the files.
set -euo pipefail
cd "$(dirname "$0")/.."

# The oldest Python that is supported resolves for all: newer ones need the same or less.
if ! python3.11 --version >/dev/null 2>&1; then
    echo "versions are pinned with Python 3.11, the oldest that is supported; there is no python3.11 here" >&2
    exit 1
fi
if [ ! -x build/lock/bin/pip-compile ]; then
    python3.11 -m venv build/lock
    build/lock/bin/python -m pip install -qq --disable-pip-version-check pip-tools==7.6.2
fi

compile() {
    build/lock/bin/pip-compile --quiet --upgrade --resolver=backtracking --generate-hashes --strip-extras --allow-unsafe \
        --no-header --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@"
}

compile --extra otel --extra remote --extra server --output-file requirements/dev.txt pyproject.toml requirements/dev.in
compile --output-file requirements/bench.txt requirements/bench.in
compile --output-file requirements/litellm.txt requirements/litellm.in
compile --output-file requirements/action.txt pyproject.toml requirements/action.in
compile --extra remote --extra server --output-file requirements/image.txt pyproject.toml requirements/image.in
compile --output-file requirements/proof.txt requirements/proof.in
