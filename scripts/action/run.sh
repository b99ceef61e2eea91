#!/usr/bin/env bash
# Runs a Python script beside this one, by its name, with the interpreter that the first step of action.yml made.
#
# ACTION: the action's folder. SOURCE: as for install.sh; with "none" it is any Python of this machine.
set -euo pipefail

if [ "$SOURCE" = none ]; then
    python="$("$ACTION/scripts/find-python.sh")"
else
    python="$RUNNER_TEMP/agentconf/bin/python"
fi
# -I: nothing is imported from the repository that is checked.
exec "$python" -I "$ACTION/scripts/action/$1"
