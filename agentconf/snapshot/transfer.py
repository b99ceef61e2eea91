"""What a server sends of a snapshot: each agent as `show` prints it, and what else a client needs to serve the same.

An agent is sent as far as the tree says it, so that every server of one tree sends the same, and so that it can be held
against its digest. Cipher texts are not sent: such an agent says in `masked` the digest of what is sent in their place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from agentconf.catalogue.assemble import Stated
from agentconf.catalogue.lock import as_entry, lock_of
from agentconf.catalogue.own import as_stated, facts_by_name
from agentconf.config.shape import canonical_text
from agentconf.snapshot.digest import agent_digest, text_digest
from agentconf.snapshot.snapshot import Snapshot

FORMAT: Final = 1
"""Of the form in which a snapshot is sent; a client refuses a newer one."""

SETTINGS: Final = ("secrets", "usage")
"""What a client needs of the settings: what references may name, and how long records are kept."""


def entry_of(snapshot: Snapshot, agent_id: str) -> dict[str, Any]:
    """An agent as it is sent. Raises AgentNotFound."""
    entry = snapshot.sent(agent_id)
    if not is_digest_of(snapshot.digests[agent_id], entry["config"]):
        entry["masked"] = agent_digest(entry["config"])
    return entry


def is_digest_of(digest: str, config: Mapping[str, Any]) -> bool:
    """Whether a digest is that of a configuration as it is sent."""
    return text_of(digest, config) is not None


def text_of(digest: str, config: Mapping[str, Any]) -> str | None:
    """The canonical JSON with that digest of a configuration as it is sent; None where the digest is another's.

    `enabled` is always sent, and few trees say it: it is in the text where it is in the tree.
    """
    for said in _as_written(config):
        text = canonical_text(said)
        if text_digest(text) == digest:
            return text
    return None


def _as_written(config: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if config.get("enabled") is True:
        yield {key: value for key, value in config.items() if key != "enabled"}
    yield config


def head_of(snapshot: Snapshot) -> dict[str, Any]:
    """What is sent beside the agents whatever has changed: small, but for the ids that are switched off."""
    return {
        "environment": snapshot.environment,
        "default_agent": snapshot.default_agent,
        "disabled": sorted(snapshot.disabled),
        "refused": sorted(snapshot.refused),
        "takes_machine": snapshot.takes_machine,
    }


def facts_of(snapshot: Snapshot) -> dict[str, Any]:
    """What the tree says about models, for prices and limits, and the part of its settings that a client needs."""
    stated = snapshot.models
    lock = stated.lock
    return {
        "models": {
            "own": {name: as_stated(facts) for name, facts in sorted(stated.own.items())},
            "lock": lock
            and {"litellm": lock.litellm, "models": {name: as_entry(one) for name, one in sorted(lock.models.items())}},
        },
        "settings": {key: snapshot.settings[key] for key in SETTINGS if key in snapshot.settings},
    }


def stated_of(models: Mapping[str, Any]) -> Stated:
    """What a tree says about models, as it was sent. Raises TypeError and LookupError where it is malformed."""
    lock = models["lock"]
    return Stated(facts_by_name(models["own"]), lock_of(lock) if lock is not None else None)


def mark_of(said: Mapping[str, Any]) -> str:
    """A short name for what is sent: the same for the same, on every server."""
    text = json.dumps(said, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
