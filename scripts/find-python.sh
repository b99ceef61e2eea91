#!/usr/bin/env bash
# Prints the first Python of 3.11 or newer that can make a virtual environment.
set -euo pipefail

# -I: a venv.py in the current folder is not meant.
for name in python3 python3.13 python3.12 python3.11; do
    if "$name" -I -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        command -v "$name"
        exit 0
    fi
done

echo "agentconf needs Python 3.11 or newer with its venv module; there is none among python3, python3.13, python3.12" \
    "and python3.11. Install one (on Debian and Ubuntu: python3 and python3-venv) and try again." >&2
exit 1
