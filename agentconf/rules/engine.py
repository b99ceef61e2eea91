"""Runs the rules: over each resolved agent, over the text of each file, and over the whole tree."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from agentconf.config.caps import capped
from agentconf.config.resolve import Resolved, Resolver
from agentconf.config.tree import ConfigTree
from agentconf.diagnostic import Diagnostic
from agentconf.document.document import Document
from agentconf.rules import secret_in_text
from agentconf.rules.every import AGENT_RULES, DOCUMENT_RULES, TREE_RULES, AgentRule
from agentconf.rules.outlook import Knowledge, Outlook
from agentconf.rules.seen import Whole
from agentconf.rules.view import AgentView
from agentconf.source.layout import Place


class Sense:
    """The rules upon one tree, but for those that are off."""

    def __init__(self, config: ConfigTree, outlook: Outlook, off: Container[str] = ()) -> None:
        self.knowledge = Knowledge(config, outlook)
        self._agent_rules = [rule for rule in AGENT_RULES if rule.RULE.name not in off]
        self._by_keys: dict[frozenset[str], list[AgentRule]] = {}

    def agent(self, resolver: Resolver, resolved: Resolved, seen_as: type[AgentView] = AgentView) -> list[Diagnostic]:
        """What does not make sense in one resolved agent. `seen_as` says how findings get their places."""
        view = seen_as(resolver, resolved, self.knowledge)
        found = [one for rule in self._rules_for(resolved.config) for one in rule.check(view)]
        return list(capped(iter(found), resolved.file)) if found else found

    def _rules_for(self, config: dict[str, Any]) -> list[AgentRule]:
        """Those whose key an agent has; agents with the same keys have the same."""
        keys = frozenset(config)
        rules = self._by_keys.get(keys)
        if rules is None:
            rules = [rule for rule in self._agent_rules if getattr(rule, "NEEDS", None) in {None, *keys}]
            self._by_keys[keys] = rules
        return rules

    def document(self, document: Document, place: Place) -> Iterator[Diagnostic]:
        """What does not make sense in the text of one file."""
        return capped((one for rule in DOCUMENT_RULES for one in rule.check_document(document, place)), document.file)

    def prompt(self, file: str, data: bytes) -> Iterator[Diagnostic]:
        """What does not make sense in a prompt file."""
        return capped(secret_in_text.check_prompt(file, data), file)

    def tree(self, whole: Whole) -> Iterator[Diagnostic]:
        """What only shows when all agents have been seen."""
        return (one for rule in TREE_RULES for one in rule.check_tree(whole))
