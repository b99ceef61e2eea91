"""`_models.lock.json`: the facts about the models in use, pinned, so that a commit is judged the same next month.

It holds what LiteLLM knows, with its version; the tree's own facts stay in `_models.yaml` and win. A digest over the
models tells an edit by hand from what `agentconf models lock` wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from agentconf import codes
from agentconf.catalogue.capabilities import canonical
from agentconf.catalogue.facts import FACTS, Facts
from agentconf.catalogue.readings import day, dollars, names, text, tokens
from agentconf.diagnostic import Diagnostic
from agentconf.frozen import FrozenDict

FORMAT: Final = 1
_DO: Final = "run agentconf models lock"


class BrokenLock(ValueError):
    """The file is not what `agentconf models lock` writes; the message says why."""


@dataclass(frozen=True, slots=True)
class Lock:
    """Facts by the name that agents write, or by type/model. `litellm` is the version that they come from."""

    litellm: str | None
    models: Mapping[str, Facts]

    @property
    def digest(self) -> str:
        return digest_of({name: as_entry(facts) for name, facts in self.models.items()})


def read_lock(data: bytes) -> Lock:
    """A lock from its bytes. Raises BrokenLock."""
    said = _parsed(data)
    if not isinstance(said, dict) or not isinstance(said.get("models"), dict):
        raise BrokenLock("it is not what agentconf models lock writes")
    if said.get("format") != FORMAT:
        raise BrokenLock(f"its format is not {FORMAT}, the one that this agentconf reads")
    if said.get("digest") != digest_of(said["models"]):
        raise BrokenLock("its digest does not fit its models: it was changed by hand, or by a merge")
    return lock_of(said)


def lock_of(said: Mapping[str, Any]) -> Lock:
    """A lock from what it says under `litellm` and `models`."""
    models = {name: _facts(name, entry) for name, entry in said["models"].items() if isinstance(entry, dict)}
    return Lock(text(said.get("litellm")), models)


def lock_findings(data: bytes, file: str) -> tuple[Diagnostic, ...]:
    """What is wrong with a lock, if anything."""
    try:
        read_lock(data)
    except BrokenLock as error:
        return (Diagnostic(codes.BROKEN_LOCK, f"the lock cannot be used: {error}", file, hint=_DO),)
    return ()


def written(lock: Lock) -> str:
    """The text of the file: sorted, indented, the same for the same facts."""
    models = {name: as_entry(facts) for name, facts in sorted(lock.models.items())}
    said = {"format": FORMAT, "litellm": lock.litellm, "digest": digest_of(models), "models": models}
    return json.dumps(said, indent=2, ensure_ascii=False) + "\n"


def as_entry(facts: Facts) -> dict[str, Any]:
    """Facts as JSON: what is known, and nothing else."""
    said = {name: value for name in FACTS if (value := getattr(facts, name)) is not None}
    if facts.retires is not None:
        said["retires"] = facts.retires.isoformat()
    for name in ("regions", "parameters"):
        if name in said:
            said[name] = sorted(said[name])
    if facts.capabilities:
        said["capabilities"] = dict(sorted(facts.capabilities.items()))
    return said


def digest_of(models: Mapping[str, Any]) -> str:
    """The digest of the models of a lock, whatever the order and the layout of its text."""
    canonical_text = json.dumps(models, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"sha256:{hashlib.sha256(canonical_text.encode()).hexdigest()}"


def _parsed(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        raise BrokenLock("it is not JSON") from None
    except RecursionError:
        raise BrokenLock("it is nested too deeply") from None


def _facts(name: str, entry: Mapping[str, Any]) -> Facts:
    capabilities = entry.get("capabilities")
    known = capabilities if isinstance(capabilities, dict) else {}
    return Facts(
        name=name,
        source="lock",
        mode=text(entry.get("mode")),
        provider=text(entry.get("provider")),
        max_input_tokens=tokens(entry.get("max_input_tokens")),
        max_output_tokens=tokens(entry.get("max_output_tokens")),
        input_per_million=dollars(entry.get("input_per_million")),
        output_per_million=dollars(entry.get("output_per_million")),
        cached_input_per_million=dollars(entry.get("cached_input_per_million")),
        capabilities=FrozenDict({canonical(one): value for one, value in known.items() if isinstance(value, bool)}),
        retires=day(entry.get("retires")),
        successor=text(entry.get("successor")),
        regions=names(entry.get("regions")),
        parameters=names(entry.get("parameters")),
    )
