#!/usr/bin/env bash
# Makes .venv with the pinned tools and this clone in it, then touches the stamp that make looks at.
set -euo pipefail
cd "$(dirname "$0")/.."
stamp="${1:-.venv/.ready}"

python="$(scripts/find-python.sh)"
if ! .venv/bin/python -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    echo "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
fi

install() { .venv/bin/python -m pip install -qq --disable-pip-version-check "$@"; }

echo "installing the tools of requirements/dev.txt into .venv (about a minute, once)"
install --require-hashes -r requirements/dev.txt
echo "installing this clone into .venv, so that a change takes effect at once"
install --no-deps --no-build-isolation --editable .
touch "$stamp"
