"""Every rule by its code: what a finding is an instance of. `rules/` holds the manual of each.

AC0xx text and document, AC1xx shape and names, AC2xx inheritance and references, AC3xx models, parameters and
providers, AC4xx secrets and connections, AC5xx cost and limits, AC6xx variants and fallbacks, AC7xx the organisation.
"""

from __future__ import annotations

from typing import Final

from agentconf.diagnostic import Rule, Severity


def _sense(code: str, name: str, severity: Severity = "warning") -> Rule:
    """A rule that judges the change: it never takes a running agent down, and may be switched off or excused."""
    return Rule(code, name, severity, refuses=False, can_be_set=True, can_be_excused=True)


SYNTAX_ERROR: Final = Rule("AC001", "syntax-error")
NOT_UTF8: Final = Rule("AC002", "not-utf8")
CONTROL_CHARACTER: Final = Rule("AC003", "control-character")
DUPLICATE_KEY: Final = Rule("AC004", "duplicate-key")
TAG: Final = Rule("AC005", "tag")
SEVERAL_DOCUMENTS: Final = Rule("AC006", "several-documents")
MERGE_KEY: Final = Rule("AC007", "merge-key")
TAB_INDENTATION: Final = Rule("AC008", "tab-indentation")
ALIAS_BUDGET: Final = Rule("AC009", "alias-budget")
DEEP_NESTING: Final = Rule("AC010", "deep-nesting")
OVERSIZED_FILE: Final = Rule("AC011", "oversized-file")
NON_STRING_KEY: Final = Rule("AC012", "non-string-key")
NON_FINITE_NUMBER: Final = Rule("AC013", "non-finite-number")
NO_DOCUMENT: Final = Rule("AC014", "no-document")
EMPTY_VALUE: Final = Rule("AC015", "empty-value")
UNREADABLE_FILE: Final = Rule("AC016", "unreadable-file")
NOT_A_FILE: Final = Rule("AC017", "not-a-file")
LINK_OUTSIDE: Final = Rule("AC018", "link-outside")

WRONG_TYPE: Final = Rule("AC101", "wrong-type")
UNKNOWN_KEY: Final = Rule("AC102", "unknown-key")
MISSING_KEY: Final = Rule("AC103", "missing-key")
OUT_OF_RANGE: Final = Rule("AC104", "out-of-range")
UNKNOWN_VALUE: Final = Rule("AC105", "unknown-value")
MALFORMED_VALUE: Final = Rule("AC106", "malformed-value")
INVALID_ID: Final = Rule("AC107", "invalid-id")
DUPLICATE_ID: Final = Rule("AC108", "duplicate-id")
UNKNOWN_RESERVED_NAME: Final = Rule("AC109", "unknown-reserved-name")
TWO_INSTRUCTIONS: Final = Rule("AC110", "two-instructions")
NEWER_FORMAT: Final = Rule("AC111", "newer-format")
TOO_MANY_FINDINGS: Final = Rule("AC112", "too-many-findings")
METADATA_SCHEMA: Final = _sense("AC113", "metadata-schema", "error")
INVALID_METADATA_SCHEMA: Final = Rule("AC114", "invalid-metadata-schema", refuses=False)

UNKNOWN_PROFILE: Final = Rule("AC201", "unknown-profile")
UNKNOWN_ENVIRONMENT: Final = Rule("AC202", "unknown-environment")
UNKNOWN_DELEGATE: Final = Rule("AC203", "unknown-delegate", can_be_set=True, can_be_excused=True)
UNKNOWN_DEFAULT_AGENT: Final = Rule("AC204", "unknown-default-agent", can_be_set=True, can_be_excused=True)
PROFILE_CYCLE: Final = Rule("AC205", "profile-cycle")
UNREADABLE_PROMPT: Final = Rule("AC206", "unreadable-prompt")
UNKNOWN_VARIANT: Final = Rule("AC207", "unknown-variant")
OVERRIDE_WITHOUT_EFFECT: Final = _sense("AC210", "override-without-effect")
DISABLED_DEFAULT_AGENT: Final = _sense("AC211", "disabled-default-agent")
DELEGATION_CYCLE: Final = _sense("AC212", "delegation-cycle")
DISABLED_DELEGATE: Final = _sense("AC213", "disabled-delegate")
STRANDED_FALLBACKS: Final = _sense("AC214", "stranded-fallbacks")
UNUSED_PROFILE: Final = _sense("AC215", "unused-profile")
DUPLICATE_ENTRY: Final = _sense("AC216", "duplicate-entry")
UNCHECKED_ENVIRONMENT: Final = _sense("AC217", "unchecked-environment")
USELESS_EXCUSE: Final = _sense("AC220", "useless-excuse")
EXCUSE_WITHOUT_REASON: Final = _sense("AC221", "excuse-without-reason")

UNKNOWN_MODEL: Final = _sense("AC301", "unknown-model", "error")
UNCHECKED_MODEL: Final = _sense("AC301", "unknown-model")
"""The same where the operator names models (an address of one's own, Azure, Ollama), or where nothing is known."""
RETIRED_MODEL: Final = _sense("AC302", "retired-model")
RETIRING_MODEL: Final = _sense("AC303", "retiring-model")
MAX_TOKENS_ABOVE_LIMIT: Final = _sense("AC304", "max-tokens-above-limit", "error")
UNSUPPORTED_PARAMETER: Final = _sense("AC305", "unsupported-parameter")
LACKING_CAPABILITY: Final = _sense("AC306", "lacking-capability", "error")
UNKNOWN_CAPABILITY: Final = _sense("AC307", "unknown-capability")
CONTEXT_TOO_SMALL: Final = _sense("AC308", "context-too-small", "error")
INSTRUCTIONS_TOO_LONG: Final = _sense("AC309", "instructions-too-long")
NOT_A_CHAT_MODEL: Final = _sense("AC312", "not-a-chat-model")
MODEL_NOT_LOCKED: Final = _sense("AC313", "model-not-locked")

UNDECLARED_PROVIDER: Final = Rule("AC310", "undeclared-provider")
NO_MODEL: Final = _sense("AC311", "no-model", "error")
NO_MODEL_YET: Final = _sense("AC311", "no-model")
"""The same where the tree declares no providers: at run time the machine's layers may still name a model."""

BROKEN_LOCK: Final = Rule("AC320", "broken-lock", refuses=False)

LITERAL_SECRET: Final = Rule("AC401", "literal-secret")
UNKNOWN_SECRET_SOURCE: Final = Rule("AC402", "unknown-secret-source")
MISPLACED_REFERENCE: Final = Rule("AC403", "misplaced-reference")
OWN_CONNECTION: Final = Rule("AC404", "own-connection")
RESERVED_EXTRA: Final = Rule("AC405", "reserved-extra")
SECRET_IN_TEXT: Final = Rule("AC406", "secret-in-text", refuses=False, can_be_excused=True)
PASSWORD_IN_ADDRESS: Final = _sense("AC407", "password-in-address", "error")
PLAIN_HTTP: Final = _sense("AC408", "plain-http", "error")
MISSPELT_VARIABLE: Final = _sense("AC409", "misspelt-variable")
MISSING_API_KEY: Final = _sense("AC410", "missing-api-key")
FORBIDDEN_REFERENCE: Final = _sense("AC411", "forbidden-reference", "error")
UNREAD_REFERENCE: Final = _sense("AC411", "forbidden-reference")
"""The same where the settings say nothing: what is named is never read."""

UNPRICED_BUDGET: Final = _sense("AC501", "unpriced-budget", "error")
ZERO_BUDGET: Final = _sense("AC502", "zero-budget")
IDLE_BUDGET: Final = _sense("AC503", "idle-budget")
COSTLIER_FALLBACK: Final = _sense("AC504", "costlier-fallback")
COSTLY_CHAIN: Final = _sense("AC505", "costly-chain")
NO_CHEAPER_FALLBACK: Final = _sense("AC506", "no-cheaper-fallback")

WEIGHTLESS_VARIANTS: Final = _sense("AC601", "weightless-variants", "error")
ODD_WEIGHTS: Final = _sense("AC602", "odd-weights")
SINGLE_VARIANT: Final = _sense("AC603", "single-variant")
SAME_VARIANTS: Final = _sense("AC604", "same-variants")
UNOWNED_EXPERIMENT: Final = _sense("AC605", "unowned-experiment")
ENDLESS_EXPERIMENT: Final = _sense("AC606", "endless-experiment")
ENDED_EXPERIMENT: Final = _sense("AC607", "ended-experiment")
DUPLICATE_FALLBACK: Final = _sense("AC610", "duplicate-fallback")
FALLBACK_WITH_LESS_CONTEXT: Final = _sense("AC611", "fallback-with-less-context")
FALLBACK_LACKS_CAPABILITY: Final = _sense("AC612", "fallback-lacks-capability")
NOTHING_ENABLED: Final = _sense("AC613", "nothing-enabled")

POLICY_VIOLATION: Final = _sense("AC701", "policy-violation", "error")
POLICY_WARNING: Final = _sense("AC701", "policy-violation")
"""The same where the policy's own `severity` is warning."""
INVALID_POLICY: Final = Rule("AC702", "invalid-policy", refuses=False)
UNOWNED_AGENT: Final = _sense("AC750", "unowned-agent")
UNDESCRIBED_AGENT: Final = _sense("AC751", "undescribed-agent")
DUPLICATE_TAG: Final = _sense("AC752", "duplicate-tag")
LOOK_ALIKE_KEYS: Final = _sense("AC753", "look-alike-keys")
EMPTY_TEXT: Final = _sense("AC754", "empty-text")
YES_NO_TEXT: Final = _sense("AC755", "yes-no-text")

EVERY: Final = tuple(
    sorted(
        {value for value in globals().values() if isinstance(value, Rule)},
        key=lambda rule: (rule.code, rule.severity),
    )
)
