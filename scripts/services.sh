#!/usr/bin/env bash
# Installs who has a second opinion on what agentconf writes. Into tests/services/node_modules: ajv on the schemas (also a
# peer of the benchmark), Microsoft's SARIF validator, the language server that editors use for YAML, and a reader of GitHub's
# Markdown; and the SDK of OpenFeature. By apt-get: age, and promtool (of prometheus).
set -euo pipefail
cd "$(dirname "$0")/../tests/services"

install_with_apt() { # PURPOSE PACKAGE...
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "$1 needs ${*:2}; install that and try again" >&2
        return 1
    fi
    echo "installing ${*:2} with apt-get"
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${@:2}" >/dev/null
}

# The second opinion on encrypted secrets.
if ! command -v age >/dev/null || ! command -v ssh-keygen >/dev/null; then
    install_with_apt "a test of secrets" age openssh-client
fi

# Reads the server's metrics.
if ! command -v promtool >/dev/null; then
    install_with_apt "a test of the server's metrics" prometheus
fi

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    install_with_apt "the second opinion on schemas" nodejs npm
fi

# npm writes this file last.
installed=node_modules/.package-lock.json
if [ "$installed" -nt package-lock.json ] && [ "$installed" -nt package.json ]; then
    echo "tests/services is up to date"
else
    echo "installing ajv, sarif-multitool, yaml-language-server, micromark and OpenFeature into tests/services/node_modules with npm"
    npm ci --no-progress
fi
