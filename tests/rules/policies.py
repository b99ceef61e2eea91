"""Trees with policies, and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from agentconf.catalogue.assemble import catalogue_of
from agentconf.diagnostic import Diagnostic
from agentconf.document.document import Document
from agentconf.rules.outlook import Outlook
from agentconf.rules.policies.policies import Policies, policies_of
from agentconf.source.tree import tree_of
from agentconf.validation import Order, validate
from tests.support import document_of

OUTLOOK = Outlook(date(2026, 6, 1), lambda config: catalogue_of(config.models, config.lock))
"""Without a catalogue: of models is known what the trees say."""

PROVIDERS = 'providers: {openai: {api_key: "${env:OPENAI_API_KEY}"}, mistral: {region: eu}}\n'


def settings(*conditions: str) -> Document:
    """The settings with a policy for each condition, named p0, p1, ..."""
    said = [{"id": f"p{index}", "require": condition} for index, condition in enumerate(conditions)]
    return document_of(json.dumps({"policies": said}), "_settings.yaml")


def read(*conditions: str) -> Policies:
    return policies_of(settings(*conditions))


def refused(condition: str) -> Diagnostic:
    """The one finding about a policy with this condition."""
    (finding,) = read(condition).findings
    return finding


def judged(
    files: Mapping[str, str | Mapping[str, Any]], schema: str | None = None, codes: tuple[str, ...] = ("AC701",)
) -> list[Diagnostic]:
    """What a review says of a tree, of the rules with some codes."""
    texts = {path: said if isinstance(said, str) else json.dumps(said) for path, said in files.items()}
    beside = None if schema is None else schema.encode()
    tree = tree_of({path: text.encode() for path, text in texts.items()}, "agents.d", beside)
    found = validate(tree, Order(outlook=OUTLOOK)).diagnostics
    return [finding for finding in found if finding.code in codes]


def holds(condition: str, agent: str | Mapping[str, Any], **files: str) -> bool:
    """Whether an agent of a tree with providers meets a condition."""
    policy = {"policies": [{"id": "p", "require": condition}]}
    whole: dict[str, Any] = {"_defaults.yaml": PROVIDERS, "_settings.yaml": policy, "a.yaml": agent, **files}
    return not judged(whole, codes=("AC701", "AC702"))
