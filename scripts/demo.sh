#!/usr/bin/env bash
# The main job in a minute, on this repository's own agents: check, find a mistake, explain a value, show an agent, and
# call one while its configuration changes.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

# Nothing of this machine's configuration takes part, and nothing stays behind.
for name in "${!AGENTCONF_@}" GITHUB_ACTIONS; do unset "$name"; done
scratch="$(mktemp -d)"
started=()
trap 'kill "${started[@]}" 2>/dev/null || true; rm -rf "$scratch"' EXIT
export XDG_CACHE_HOME="$scratch/cache" XDG_STATE_HOME="$scratch/state"

say() { printf '\n# %s\n' "$*"; }

# Runs a command that is expected to end with the given exit status.
run() {
    local expected="$1" status=0
    shift
    printf '$ %s\n' "$*"
    "$@" || status=$?
    if [ "$status" != "$expected" ]; then
        echo "the demo expected exit status $expected here, and got $status" >&2
        exit 1
    fi
}

say "agents.d holds one file an agent. All of it is checked, in every environment."
run 0 agentconf validate

say "In a copy, somebody misspells a key."
cp -R agents.d schema "$scratch"
cd "$scratch"
run 0 sed -i.bak s/temperature:/temprature:/ agents.d/code-assistant.yaml
rm agents.d/code-assistant.yaml.bak
run 1 agentconf validate
echo "(exit status 1: in CI this change does not get through)"
cd - >/dev/null

say "A value comes from one of several layers. Who spoke, in which line, and who won?"
run 0 agentconf explain risk-officer limits.budget.on_exceeded -e prod

say "What an agent gets in the end. A secret is a reference, and stays one."
run 0 agentconf show translator -e dev

say "The agents of the copy are called for real. A provider on this machine answers for OpenAI; it costs nothing."
exec 3< <(exec python examples/loopback_provider.py --text "This is {model}, at your service.")
started+=("$!")
read -r address <&3
export OPENAI_API_KEY=demo
cd "$scratch"
sed -i.bak s/temprature:/temperature:/ agents.d/code-assistant.yaml
sed -i.bak "s#openai: {#openai: {api_base: \"$address/v1\", #" agents.d/_defaults.yaml
rm agents.d/*.bak
run 0 agentconf call release-notes "Merged: dark mode." -e prod

say "A service calls the same agent. Somebody edits the agent's file, and the service, which runs on, asks the new model."
exec 4< <(exec python "$OLDPWD/examples/live_call.py" agents.d prod release-notes "Merged: dark mode." 2>&1)
started+=("$!")
printf '$ python examples/live_call.py agents.d prod release-notes "Merged: dark mode."\n'
read -r answer <&4 && echo "$answer"
run 0 sed -i.bak "s#model: openai/gpt-4.1#model: openai/gpt-4.1-mini#" agents.d/release-notes.yaml
read -r answer <&4 && echo "$answer"
kill "${started[1]}"
cat <&4  # until it has ended

say "What the calls used is on record."
run 0 agentconf usage agents.d --by model
cd - >/dev/null

cat <<'NEXT'

# What next?
#   source .venv/bin/activate    to have the command agentconf here
#   agentconf init DIR           writes a config repository of your own
#   README.md                    has the five-minute tour, agents.d the examples
NEXT
