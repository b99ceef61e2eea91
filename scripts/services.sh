#!/usr/bin/env bash
# Installs into tests/services/node_modules who has a second opinion on what agentconf writes: ajv on the schemas (also a
# peer of the benchmark), Microsoft's SARIF validator, and the language server that editors use for YAML.
set -euo pipefail
cd "$(dirname "$0")/../tests/services"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "the services need Node.js with npm; install them and try again" >&2
        exit 1
    fi
    echo "installing nodejs and npm with apt-get"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm >/dev/null
fi

# npm writes this file last.
installed=node_modules/.package-lock.json
if [ "$installed" -nt package-lock.json ] && [ "$installed" -nt package.json ]; then
    echo "tests/services is up to date"
else
    echo "installing ajv, sarif-multitool and yaml-language-server into tests/services/node_modules with npm"
    npm ci --no-progress
fi
