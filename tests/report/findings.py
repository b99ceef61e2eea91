"""Findings and outcomes for the tests of reports, ordinary and strange."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from agentconf.diagnostic import START, Diagnostic, Related, Rule, Span
from agentconf.validation import Validation

UNKNOWN_KEY = Rule("AC102", "unknown-key")
UNOWNED = Rule("AC901", "unowned-agent", "warning")


def finding(message: str = "unknown key 'x'", file: str = "agents.d/a.yaml", **more: Any) -> Diagnostic:
    given = {"rule": UNKNOWN_KEY, "span": Span(3, 3, 3, 13), **more}
    return Diagnostic(message=message, file=file, **given)


def outcome(*findings: Diagnostic) -> Validation:
    return Validation("agents.d", 2, 1, ("dev", "prod"), {"dev": "sha256:0", "prod": "sha256:0"}, findings)


_STRANGE = ("::error::x", "%0A", "a,b:c", "<![CDATA[", "]]>", "[x](y)", "|", "$a$")
_TEXTS = st.text(max_size=40) | st.sampled_from(_STRANGE)
_SPANS = st.builds(
    lambda line, column, lines, columns: Span(line, column, line + lines, column + columns),
    st.integers(1, 99), st.integers(1, 99), st.integers(0, 2), st.integers(0, 9),
)  # fmt: skip
FINDINGS = st.builds(
    Diagnostic,
    rule=st.sampled_from([UNKNOWN_KEY, UNOWNED]),
    message=_TEXTS,
    file=_TEXTS.map(lambda text: f"agents.d/{text}"),
    span=_SPANS | st.just(START),
    key=st.none() | _TEXTS,
    environment=st.sampled_from([None, "dev", "prod"]),
    hint=st.none() | _TEXTS,
    related=st.lists(st.builds(Related, _TEXTS, _TEXTS, st.integers(1, 9), st.integers(1, 9)), max_size=2).map(tuple),
)
OUTCOMES = st.lists(FINDINGS, max_size=6).map(lambda findings: outcome(*findings))
"""Texts that a hostile file could bring about, and more: findings escape what acts."""
