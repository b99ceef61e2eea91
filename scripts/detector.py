"""Writes agentconf/rules/keys/vendored.py: the formats of keys that secretlint keeps, as Python patterns.

usage: python scripts/detector.py PACKAGE

PACKAGE is the unpacked npm package @secretlint/secretlint-rule-preset-recommend (`npm pack` it, and `tar xzf`), whose
licence is MIT. Each format is found by a marker that only its regular expression holds; a marker that is gone or is
there twice ends the run, so that a new release is never taken half. What is taken and what is not stands in TAKEN.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "agentconf" / "rules" / "keys" / "vendored.py"
NOTICE = ROOT / "agentconf" / "rules" / "keys" / "NOTICE"
LITERAL = re.compile(r"(?:=\s*)/((?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+)/([dgimsuvy]+);")

# kind: (marker, needles). Left out: user and password in an address, of a database too, which is a rule of its own;
# npm's _authToken, which is a line of .npmrc; SendGrid's, which takes quadratic time where it fails; private keys,
# which it finds in prose too; what the providers' own table has with wider lengths.
TAKEN = {
    "AWS access key": ("A3T[A-Z0-9]", ["A3T", "AKIA", "AGPA", "AIDA", "AROA", "AIPA", "ANPA", "ANVA", "ASIA"]),
    "npm token": ("npm_", ["npm_"]),
    "Slack token": ("xoxb|xoxp", ["xoxb-", "xoxp-", "xapp-", "xoxa-", "xoxo-", "xoxr-"]),
    "Slack webhook": (r"hooks\.slack", ["hooks.slack.com"]),
    "Linear API key": ("lin_api_", ["lin_api_"]),
    "Notion token": ("ntn_", ["ntn_"]),
    "Shopify token": ("shppa", ["shppa_", "shpca_", "shpat_", "shpss_"]),
    "Stripe key": ("sk_live|sk_test", ["sk_live_", "sk_test_", "rk_live_", "rk_test_"]),
    "GitHub token": ("ghp|gho", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"]),
    "GitHub fine-grained token": ("github_pat", ["github_pat_"]),
    "GitLab token": ("glpat-", ["glpat-"]),
    "Grafana Cloud token": ("glc_", ["glc_"]),
    "Grafana service account token": ("glsa_", ["glsa_"]),
    "1Password service account token": ("ops_", ["ops_ey"]),
    "HashiCorp Vault token": (r"hvs\.", ["hvs."]),
    "HashiCorp Vault batch token": (r"hvb\.", ["hvb."]),
    "Vercel token": ("vcp|vci", ["vcp_", "vci_", "vca_", "vcr_", "vck_"]),
    "Databricks token": ("dapi", ["dapi"]),
    "Docker access token": ("dckr_pat_", ["dckr_pat_"]),
    "Figma token": ("figd_", ["figd_"]),
    "Cloudflare token": ("cfk|cfut", ["cfk_", "cfut_", "cfat_"]),
    "Tailscale key": ("tskey-", ["tskey-"]),
}


def literal(source: str, marker: str) -> str:
    """The one regular expression that holds a marker, in Python's syntax."""
    found = {body: flags for body, flags in LITERAL.findall(source) if marker in body}
    if len(found) != 1:
        sys.exit(f"{marker!r} is in {len(found)} regular expressions, not in one")
    body, flags = found.popitem()
    return ("(?i)" if "i" in flags else "") + as_python(body)


def as_python(body: str) -> str:
    r"""JavaScript's syntax to Python's. `\b`, `\w` and `\d` are ASCII there, and what they bound here is ASCII too."""
    body = body.replace(r"(?<!\p{L})", r"(?<![^\W\d_])").replace(r"\/", "/")
    body = re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", body)
    if r"\p{" in body:
        sys.exit(f"no way to say this in Python: {body}")
    re.compile(body)
    return body


def row(kind: str, needles: list[str], regex: str) -> str:
    names = ", ".join(json.dumps(needle) for needle in needles)
    return f"    Pattern({json.dumps(kind)}, ({names}{',' if len(needles) == 1 else ''}), {json.dumps(regex)}),"


def run(package: Path) -> None:
    version = json.loads((package / "package.json").read_text("utf-8"))["version"]
    source = (package / "module" / "index.js").read_text("utf-8")
    rows = [row(kind, needles, literal(source, marker)) for kind, (marker, needles) in TAKEN.items()]
    head = (
        f'"""Formats of keys from secretlint {version}, under the licence in NOTICE: scripts/detector.py."""\n\n'
        "# ruff: noqa: E501\n\nfrom __future__ import annotations\n\nfrom typing import Final\n\n"
        "from agentconf.rules.keys.pattern import Pattern\n\n"
    )
    TABLE.write_text(head + "PATTERNS: Final = (\n" + "\n".join(rows) + "\n)\n", encoding="utf-8")
    licence = (package / "LICENSE").read_text("utf-8")
    told = f"vendored.py holds patterns of @secretlint/secretlint-rule-preset-recommend {version},\nunder this licence:"
    NOTICE.write_text(f"{told}\n\n{licence}", encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    run(Path(sys.argv[1]))
