"""Every rule of this folder, in the order of the codes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, Protocol

from agentconf.diagnostic import Diagnostic, Rule
from agentconf.document.document import Document
from agentconf.rules import (
    context_too_small,
    costlier_fallback,
    costly_chain,
    delegation_cycle,
    disabled_default_agent,
    disabled_delegate,
    duplicate_entry,
    duplicate_fallback,
    duplicate_tag,
    empty_text,
    ended_experiment,
    endless_experiment,
    fallback_lacks_capability,
    fallback_with_less_context,
    forbidden_reference,
    idle_budget,
    instructions_too_long,
    invalid_metadata_schema,
    invalid_policy,
    lacking_capability,
    look_alike_keys,
    max_tokens_above_limit,
    metadata_schema,
    missing_api_key,
    misspelt_variable,
    model_not_locked,
    no_cheaper_fallback,
    not_a_chat_model,
    nothing_enabled,
    odd_weights,
    override_without_effect,
    password_in_address,
    plain_http,
    policy_violation,
    retired_model,
    retiring_model,
    same_variants,
    secret_in_text,
    single_variant,
    stranded_fallbacks,
    unchecked_environment,
    undescribed_agent,
    unknown_capability,
    unknown_model,
    unowned_agent,
    unowned_experiment,
    unpriced_budget,
    unsupported_parameter,
    unused_profile,
    weightless_variants,
    yes_no_text,
    zero_budget,
)
from agentconf.rules.seen import Whole
from agentconf.rules.view import AgentView
from agentconf.source.layout import Place


class AgentRule(Protocol):
    """A module about resolved agents. One with `NEEDS`, a key of the format, is asked of agents that have it alone."""

    RULE: Rule

    def check(self, view: AgentView) -> Iterable[Diagnostic]:
        """What is wrong with the agent."""


class DocumentRule(Protocol):
    """A module about the text of one file."""

    RULE: Rule

    def check_document(self, document: Document, place: Place) -> Iterable[Diagnostic]:
        """What is wrong with the file."""


class TreeRule(Protocol):
    """A module about all agents together."""

    RULE: Rule

    def check_tree(self, whole: Whole) -> Iterable[Diagnostic]:
        """What is wrong with the tree."""


AGENT_RULES: Final[tuple[AgentRule, ...]] = (
    metadata_schema,
    override_without_effect,
    stranded_fallbacks,
    duplicate_entry,
    unknown_model,
    retired_model,
    retiring_model,
    max_tokens_above_limit,
    unsupported_parameter,
    lacking_capability,
    unknown_capability,
    context_too_small,
    instructions_too_long,
    not_a_chat_model,
    model_not_locked,
    missing_api_key,
    forbidden_reference,
    unpriced_budget,
    zero_budget,
    idle_budget,
    costlier_fallback,
    costly_chain,
    no_cheaper_fallback,
    weightless_variants,
    odd_weights,
    single_variant,
    same_variants,
    unowned_experiment,
    endless_experiment,
    ended_experiment,
    duplicate_fallback,
    fallback_with_less_context,
    fallback_lacks_capability,
    nothing_enabled,
    policy_violation,
    unowned_agent,
    undescribed_agent,
    duplicate_tag,
    empty_text,
)
DOCUMENT_RULES: Final[tuple[DocumentRule, ...]] = (
    secret_in_text,
    password_in_address,
    plain_http,
    look_alike_keys,
    yes_no_text,
)
TREE_RULES: Final[tuple[TreeRule, ...]] = (
    invalid_metadata_schema,
    invalid_policy,
    unknown_model,
    disabled_default_agent,
    delegation_cycle,
    disabled_delegate,
    unused_profile,
    unchecked_environment,
    misspelt_variable,
)
