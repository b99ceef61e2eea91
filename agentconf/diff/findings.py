"""Rules and policies that newly fail, or no longer do."""

from __future__ import annotations

from agentconf.diagnostic import Diagnostic
from agentconf.diff.change import Meaning, MeaningKind, Risk
from agentconf.diff.meanings.said import Said
from agentconf.diff.sides import Side
from agentconf.keypath import KeyPath, parse


def finding_meanings(before: Side | None, after: Side, names: tuple[str, str]) -> list[Said]:
    """What is found in an agent now and was not before, and the reverse; the lines that only moved are the same."""
    old = {_sameness(one): one for one in before.findings(names[0])} if before is not None else {}
    new = {_sameness(one): one for one in after.findings(names[1])}
    failing = [_said(one, is_new=True) for key, one in new.items() if key not in old]
    mended = [_said(one, is_new=False) for key, one in old.items() if key not in new]
    return [*failing, *mended]


def _sameness(finding: Diagnostic) -> tuple[str, str, str | None]:
    return finding.code, finding.message, finding.key


def _said(finding: Diagnostic, *, is_new: bool) -> Said:
    kind: MeaningKind = "policy" if finding.code.startswith("AC7") and finding.code < "AC750" else "rule"
    risk: Risk = "none"
    if is_new:
        risk = "high" if finding.is_error else "low"
    text = f"{'newly fails' if is_new else 'mended'}: {finding.rule.name}: {finding.message}"
    return Said(_path(finding), Meaning(kind, risk, text), finding)


def _path(finding: Diagnostic) -> KeyPath:
    try:
        return parse(finding.key or "")
    except ValueError:
        return ()
