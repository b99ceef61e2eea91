"""What a tree says of itself: policies, rules, secrets, limits. Loosening any of them is of high risk."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from agentconf import codes
from agentconf.config.secrets import DEFAULT_FILES
from agentconf.config.shown import shown_value
from agentconf.diff.change import Cause, Change, Meaning, MeaningKind, Risk
from agentconf.document.document import Document
from agentconf.keypath import KeyPath, render
from agentconf.pipeline import Draft
from agentconf.rules.outlook import CHAIN_COST_FACTOR, MAX_TOKENS_CEILING

_SETTINGS: Final = "_settings"
_SEVERITIES: Final = {"off": 0, "warning": 1, "error": 2}
_BY_DEFAULT: Final = {rule.name: rule.severity for rule in codes.EVERY}
_CEILINGS: Final[dict[str, tuple[MeaningKind, float]]] = {
    "max_tokens_ceiling": ("limit", MAX_TOKENS_CEILING),
    "chain_cost_factor": ("price", CHAIN_COST_FACTOR),
}


def settings_changes(base: Draft, head: Draft) -> Iterator[Change]:
    """Every setting that differs, with what that comes to."""
    old, new = _Settings(base), _Settings(head)
    yield from _policies(old, new)
    yield from _rules(old, new)
    yield from _secrets(old, new)
    yield from _ceilings(old, new)
    yield from _environments(old, new)
    yield from _default_agent(old, new)
    yield from _retention(old, new)


class _Settings:
    """The settings of one side, and where they stand."""

    def __init__(self, draft: Draft) -> None:
        self.config = draft.config
        self.document: Document | None = draft.config.settings.document
        self.value: dict[str, Any] = self.document.value if self.document is not None else {}
        policies = self.value.get("policies")
        listed = policies if isinstance(policies, list) else []
        self.policies = {str(one.get("id")): (index, one) for index, one in enumerate(listed) if isinstance(one, dict)}

    def mapping(self, key: str) -> dict[str, Any]:
        value = self.value.get(key)
        return value if isinstance(value, dict) else {}


def _changed(sides: tuple[_Settings, _Settings], path: KeyPath, values: tuple[Any, Any], meaning: Meaning) -> Change:
    """On the new side's line; what is gone, on the base's."""
    old, new = (shown_value(path, one) for one in values)
    document = sides[0].document if values[1] is None else sides[1].document
    cause = None
    if document is not None:
        span = document.value_span(path) if isinstance(path[-1], int) else document.key_span(path)
        cause = Cause(document.file, span.line)
    return Change(None, None, "changed", render((_SETTINGS, *path)), old, new, cause, (meaning,))


def _policies(old: _Settings, new: _Settings) -> Iterator[Change]:
    for name, (index, policy) in old.policies.items():
        if name not in new.policies:
            meaning = Meaning("policy", "high", f"the policy '{name}' is gone")
            yield _changed((old, new), ("policies", index), (policy, None), meaning)
        elif new.policies[name][1] != policy:
            at, after = new.policies[name]
            yield _changed((old, new), ("policies", at), (policy, after), _rewritten(name, policy, after))
    for name, (index, policy) in new.policies.items():
        if name not in old.policies:
            meaning = Meaning("policy", "none", f"a new policy '{name}'")
            yield _changed((old, new), ("policies", index), (None, policy), meaning)


def _rewritten(name: str, old: dict[str, Any], new: dict[str, Any]) -> Meaning:
    """Whether another expression asks for less cannot be known, so it is taken to."""
    severities = [str(one.get("severity", "error")) for one in (old, new)]
    keys = [key for key in ("when", "require") if old.get(key) != new.get(key)]
    parts = [f"has another `{key}`" for key in keys]
    if severities[0] != severities[1]:
        parts.insert(0, f"is {_with_article(severities[1])} now")
    is_weaker = bool(keys) or _SEVERITIES.get(severities[1], 2) < _SEVERITIES.get(severities[0], 2)
    said = " and ".join(parts) or "says the same in other words"
    return Meaning("policy", "high" if is_weaker else "none", f"the policy '{name}' {said}")


def _with_article(severity: str) -> str:
    return "an error" if severity == "error" else f"a {severity}"


def _rules(old: _Settings, new: _Settings) -> Iterator[Change]:
    before, after = old.mapping("rules"), new.mapping("rules")
    for name in dict.fromkeys((*after, *before)):
        one, other = before.get(name), after.get(name)
        if one != other:
            default = _BY_DEFAULT.get(name, "error")
            was, now = (str(said or default) for said in (one, other))
            risk: Risk = "high" if _SEVERITIES.get(now, 2) < _SEVERITIES.get(was, 2) else "none"
            text = f"the rule '{name}' is {_severity(other, default)} (was {_severity(one, default)})"
            yield _changed((old, new), ("rules", name), (one, other), Meaning("rule", risk, text))


def _severity(said: Any, default: str) -> str:
    if said is None:
        return f"{_with_article(default)}, as by default"
    return "off" if said == "off" else _with_article(str(said))


def _secrets(old: _Settings, new: _Settings) -> Iterator[Change]:
    before, after = old.mapping("secrets"), new.mapping("secrets")
    for key, named, default in (("env", "variables", None), ("files", "files", DEFAULT_FILES)):
        one, other = before.get(key), after.get(key)
        if one != other:
            was, now = (default if said is None else said for said in (one, other))
            is_wider = was is not None and (now is None or not set(map(str, now)) <= set(map(str, was)))
            text = f"references may name {'other' if is_wider else 'fewer'} {named} than before"
            meaning = Meaning("key", "high" if is_wider else "none", text)
            yield _changed((old, new), ("secrets", key), (one, other), meaning)


def _ceilings(old: _Settings, new: _Settings) -> Iterator[Change]:
    for key, (kind, default) in _CEILINGS.items():
        one, other = old.value.get(key), new.value.get(key)
        if one != other:
            is_raised = (default if other is None else other) > (default if one is None else one)
            shown = [f"{default:,g} (by default)" if said is None else f"{said:,}" for said in (one, other)]
            text = f"{key.replace('_', ' ')}: {' to '.join(shown)}"
            yield _changed((old, new), (key,), (one, other), Meaning(kind, "high" if is_raised else "none", text))


def _environments(old: _Settings, new: _Settings) -> Iterator[Change]:
    """What is no longer checked though it is still there; an environment that is gone is said by itself."""
    one, other = old.value.get("environments"), new.value.get("environments")
    if one == other:
        return
    before, after = (list(filter(None, side.config.checked_environments)) for side in (old, new))
    lost = [name for name in before if name not in after and name in new.config.known_environments]
    won = [name for name in after if name not in before]
    parts = [f"no longer checked: {', '.join(lost)}"] if lost else []
    parts += [f"checked from now on: {', '.join(won)}"] if won else []
    text = "; ".join(parts) or f"still checked: {', '.join(after) or 'no environment'}"
    yield _changed((old, new), ("environments",), (one, other), Meaning("rule", "high" if lost else "none", text))


def _default_agent(old: _Settings, new: _Settings) -> Iterator[Change]:
    one, other = old.value.get("default_agent"), new.value.get("default_agent")
    if one != other:
        text = f"who asks for an unknown agent gets {_default(other)} (was {_default(one)})"
        yield _changed((old, new), ("default_agent",), (one, other), Meaning("enabled", "medium", text))


def _retention(old: _Settings, new: _Settings) -> Iterator[Change]:
    """What is deleted from the record of calls earlier than before cannot be had again."""
    one, other = (side.mapping("usage").get("retention_days") for side in (old, new))
    if one != other:
        is_shorter = other is not None and (one is None or other < one)
        text = f"calls stay in the record {_days(other)} (was {_days(one)})"
        meaning = Meaning("limit", "medium" if is_shorter else "none", text)
        yield _changed((old, new), ("usage", "retention_days"), (one, other), meaning)


def _days(count: Any) -> str:
    return "for good" if count is None else "1 day" if count == 1 else f"{count:,g} days"


def _default(agent: Any) -> str:
    return f"'{agent}'" if agent else "an error"
