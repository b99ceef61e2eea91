"""Rules and policies that newly fail, or no longer do."""

from __future__ import annotations

from typing import Final

from agentconf.diagnostic import Diagnostic
from agentconf.diff.change import Meaning, MeaningKind
from agentconf.diff.excused import excused
from agentconf.diff.meanings.said import Said
from agentconf.diff.sides import Side
from agentconf.keypath import KeyPath, parse
from agentconf.rules.leniency import policy_ids

_TOLD: Final = frozenset({"retiring-model", "retired-model"})


def finding_meanings(before: Side | None, after: Side, names: tuple[str, str]) -> list[Said]:
    """What is found in an agent now and was not before, and the reverse; the lines that only moved are the same."""
    if before is not None and _are_same(before, after, names):
        return []
    old = {_sameness(one): one for one in before.findings(names[0])} if before is not None else {}
    new = {_sameness(one): one for one in after.findings(names[1])}
    failing = [_failing(one) for key, one in new.items() if key not in old and not _is_told(one)]
    gone = [one for key, one in old.items() if key not in new and not _is_told(one)]
    return [*failing, *(_gone(one, is_silenced=_is_silenced(before, after, one)) for one in gone)]


def _are_same(before: Side, after: Side, names: tuple[str, str]) -> bool:
    """Nearly always, and then no places need be looked for."""
    found = zip((before, after), names, strict=True)
    old, new = ({_sameness(one) for one in side.findings_somewhere(name)} for side, name in found)
    return old == new


def _sameness(finding: Diagnostic) -> tuple[str, str, str | None]:
    return finding.code, finding.message, finding.key


def _is_told(finding: Diagnostic) -> bool:
    """A date of retirement is a meaning of its own, in the same words."""
    return finding.rule.name in _TOLD and not finding.is_error


def _is_silenced(before: Side | None, after: Side, finding: Diagnostic) -> bool:
    """Whether nobody looks any more: the rule is off, the policy is gone, or an excuse has come."""
    names = {finding.rule.name, finding.rule.alias} - {None}
    if not names.isdisjoint(after.judge.leniency.off):
        return True
    if finding.rule.alias and finding.rule.alias not in policy_ids(after.draft.config):
        return True
    come = {name for (_, name), _ in excused(after.draft)}
    known = {name for (_, name), _ in excused(before.draft)} if before is not None else set()
    return not names.isdisjoint(come - known)


def _failing(finding: Diagnostic) -> Said:
    text = f"newly fails: {finding.rule.name}: {finding.message}"
    return Said(_path(finding), Meaning(_kind(finding), "high" if finding.is_error else "low", text), finding)


def _gone(finding: Diagnostic, *, is_silenced: bool) -> Said:
    text = f"{'no longer looked at' if is_silenced else 'mended'}: {finding.rule.name}: {finding.message}"
    return Said(_path(finding), Meaning(_kind(finding), "none", text), finding)


def _kind(finding: Diagnostic) -> MeaningKind:
    return "policy" if "AC700" <= finding.code < "AC750" else "rule"


def _path(finding: Diagnostic) -> KeyPath:
    try:
        return parse(finding.key or "")
    except ValueError:
        return ()
