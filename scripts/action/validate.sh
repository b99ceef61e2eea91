#!/usr/bin/env bash
# The second step of action.yml: the reports, and the status of the job.
#
# TREE, ENVIRONMENTS, STRICT, FOLDER, SARIF, JUNIT, SUMMARY, SOURCE: the inputs.
set -euo pipefail

# Anything else would be taken for false, and warnings that were to fail the job would pass unseen.
for input in "strict=$STRICT" "summary=$SUMMARY"; do
    case "${input#*=}" in
        true | false) ;;
        *)
            echo "::error title=agentconf::the input '${input%%=*}' is neither true nor false"
            exit 2
            ;;
    esac
done

cd -- "$FOLDER"

if [ "$SOURCE" = none ]; then
    agentconf() { command agentconf "$@"; }
else
    agentconf() { "$RUNNER_TEMP/agentconf/bin/python" -I -m agentconf "$@"; }
fi

# The tree is read anew by the first run; the others are answered from what that one found, and nobody else can write it.
XDG_CACHE_HOME="$(mktemp -d "$RUNNER_TEMP/agentconf-cache.XXXXXX")"
export XDG_CACHE_HOME

options=(validate)
set -f # names are parted at spaces, and nothing else is done to them
for name in $ENVIRONMENTS; do
    options+=("--environment=$name")
done
if [ "$STRICT" = true ]; then
    options+=(--strict)
fi

# Prints a report, and sets `status`: 0 or 1. Ends the step where the tree could not be checked at all.
report() {
    status=0
    agentconf "${options[@]}" --format "$1" -- "$TREE" || status=$?
    [ "$status" -le 1 ] || exit "$status"
}

# Writes a report to a file, whose folder is made where it is missing.
write() {
    mkdir -p -- "$(dirname -- "$2")"
    report "$1" >"$2"
}

report github

counts="$(report json | sed -n -E 's/^  "(errors|warnings)": ([0-9]+),$/\1=\2/p')"
echo "$counts" >>"$GITHUB_OUTPUT"
if [ -n "$SARIF" ]; then
    write sarif "$SARIF"
    case "$SARIF" in
        /*) echo "sarif=$SARIF" ;;
        *) echo "sarif=$PWD/$SARIF" ;;
    esac >>"$GITHUB_OUTPUT"
fi
if [ -n "$JUNIT" ]; then
    write junit "$JUNIT"
fi
if [ "$SUMMARY" = true ]; then
    report markdown >>"$GITHUB_STEP_SUMMARY"
fi
exit "$status"
