"""Nothing that looks like a key is repeated: not in a finding, not in an excerpt."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"

# First the prefixes that providers give their keys; last, any long run of letters and digits.
_KEY: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:sk|pk|rk|gsk|xai|hf|ghp|gho|ghs|ghu|glpat|xox[abprs]|r8|tgp|pplx|nvapi|sq0|dop|shpat|key)"
    r"[-_][A-Za-z0-9_+/=.-]{6,}"
    r"|\b(?:AKIA|ASIA)[A-Z0-9]{12,}\b|\bAIza[A-Za-z0-9_-]{20,}|\beyJ[A-Za-z0-9_.-]{16,}|\bgAAAA[A-Za-z0-9_=-]{16,}"
    r"|(?<=://)[^/\s@]+(?=@)"
    r"|(?<![A-Za-z0-9+/=_])(?=[A-Za-z+/=_]*[0-9])(?=[0-9+/=_]*[A-Za-z])[A-Za-z0-9+/=_]{20,}"
)
_NAMED: Final = re.compile(
    r"(?i)(?P<name>(?:api[-_]?key|authorization|secret|token|password|passwd|credentials?)[\"']?\s*[:=]\s*)(?!null\b)"
    r"(?:(?P<reference>[\"']?(?:\$\{(?:env|file):[^}\s]*\}|os\.environ/[A-Za-z0-9_]+)[\"']?(?=[\s,}\]]|$))|(?P<literal>[^\s#].*))"
)


def without_keys(text: str) -> str:
    """The text with everything that looks like a key hidden."""
    return _KEY.sub(HIDDEN, text)


def line_without_keys(line: str) -> str:
    """A line of a config file, the value of anything named like a credential hidden too, unless it is a reference."""
    return without_keys(_NAMED.sub(_hide_value, line))


def _hide_value(match: re.Match[str]) -> str:
    return match[0] if match["reference"] else match["name"] + HIDDEN
