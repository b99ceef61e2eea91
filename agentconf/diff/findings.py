"""Rules and policies that newly fail, or no longer do."""

from __future__ import annotations

from typing import Final

from agentconf.diagnostic import Diagnostic
from agentconf.diff.change import Meaning, MeaningKind
from agentconf.diff.excused import excused
from agentconf.diff.meanings.said import Said
from agentconf.diff.sides import Side
from agentconf.keypath import KeyPath, parse
from agentconf.pipeline import Draft
from agentconf.rules.leniency import Leniency, policy_ids

_TOLD: Final = frozenset({"retiring-model", "retired-model"})


def finding_meanings(before: Side | None, after: Side, names: tuple[str, str]) -> list[Said]:
    """What is found in an agent now and was not before, and the reverse; the lines that only moved are the same."""
    if before is not None and _are_same(before, after, names):
        return []
    base = before.draft if before is not None else None
    old = {sameness(one): one for one in before.findings(names[0])} if before is not None else {}
    new = {sameness(one): one for one in after.findings(names[1])}
    come = [failing(one) for key, one in new.items() if key not in old and not _is_told(one)]
    left = [one for key, one in old.items() if key not in new and not _is_told(one)]
    return [*come, *(gone(one, is_silenced=is_silenced(base, after.draft, one)) for one in left)]


def sameness(finding: Diagnostic) -> tuple[str, str, str | None]:
    """What two findings have in common that are the same, wherever they stand."""
    return finding.code, finding.message, finding.key


def failing(finding: Diagnostic) -> Said:
    """What is newly found."""
    text = f"newly fails: {finding.rule.name}: {finding.message}"
    return Said(_path(finding), Meaning(_kind(finding), "high" if finding.is_error else "low", text), finding)


def gone(finding: Diagnostic, *, is_silenced: bool) -> Said:
    """What is no longer found."""
    text = f"{'no longer looked at' if is_silenced else 'mended'}: {finding.rule.name}: {finding.message}"
    return Said(_path(finding), Meaning(_kind(finding), "none", text), finding)


def is_silenced(base: Draft | None, head: Draft, finding: Diagnostic) -> bool:
    """Whether nobody looks any more: the rule is off, the policy is gone, or an excuse has come."""
    names = {finding.rule.name, finding.rule.alias} - {None}
    if not names.isdisjoint(Leniency(head.config).off):
        return True
    if finding.rule.alias and finding.rule.alias not in policy_ids(head.config):
        return True
    come = {name for (_, name), _ in excused(head)}
    known = {name for (_, name), _ in excused(base)} if base is not None else set()
    return not names.isdisjoint(come - known)


def _are_same(before: Side, after: Side, names: tuple[str, str]) -> bool:
    """Nearly always, and then no places need be looked for."""
    found = zip((before, after), names, strict=True)
    old, new = ({sameness(one) for one in side.findings_somewhere(name)} for side, name in found)
    return old == new


def _is_told(finding: Diagnostic) -> bool:
    """A date of retirement is a meaning of its own, in the same words."""
    return finding.rule.name in _TOLD and not finding.is_error


def _kind(finding: Diagnostic) -> MeaningKind:
    return "policy" if "AC700" <= finding.code < "AC750" else "rule"


def _path(finding: Diagnostic) -> KeyPath:
    try:
        return parse(finding.key or "")
    except ValueError:
        return ()
