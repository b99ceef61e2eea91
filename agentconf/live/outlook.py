"""The outlook of this machine: today, and what is known about models."""

from __future__ import annotations

from datetime import UTC, datetime

from agentconf.catalogue.assemble import catalogue_of
from agentconf.live.installed import load_litellm, state_of_litellm
from agentconf.rules.outlook import Outlook


def outlook_of_today() -> Outlook:
    """For a review: LiteLLM's catalogue answers for what neither the tree nor its lock knows. The day is UTC's."""
    today = datetime.now(UTC).date()
    return Outlook(today, lambda config: catalogue_of(config.models, config.lock, load_litellm))


def outlook_at_run_time() -> Outlook:
    """For a service: what the tree itself says, so that every replica says the same."""
    return Outlook(datetime.now(UTC).date(), lambda config: catalogue_of(config.models, config.lock))


def said_of_today() -> tuple[str, ...]:
    """What tells one outlook from another: the day, and which LiteLLM is installed."""
    return (datetime.now(UTC).date().isoformat(), state_of_litellm())
