#!/usr/bin/env bash
# The first step of action.yml: agentconf into an environment of its own, made by the Python that is there.
#
# ACTION: the action's folder. SOURCE: what pip is to install; "" for this commit; "none" for nothing.
set -euo pipefail

if [ "$SOURCE" = none ]; then
    exit 0
fi

# -I: a pip.py or venv.py in the repository that is checked is not run. No cache: what earlier jobs left there,
# those of pull requests included, takes no part.
python="$("$ACTION/scripts/find-python.sh")"
"$python" -I -m venv --clear "$RUNNER_TEMP/agentconf"
install() {
    "$RUNNER_TEMP/agentconf/bin/python" -I -m pip install --quiet --disable-pip-version-check --no-cache-dir "$@"
}

if [ -n "$SOURCE" ]; then
    install -- "$SOURCE"
else
    install --require-hashes --requirement "$ACTION/requirements/action.txt"
    install --no-deps --no-build-isolation -- "$ACTION"
fi
