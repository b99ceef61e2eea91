"""Every rule that the line itself enforces, by band.

AC0xx text and document, AC1xx shape and names, AC2xx inheritance and references, AC3xx models, parameters and
providers, AC4xx secrets and connections.
"""

from __future__ import annotations

from typing import Final

from agentconf.diagnostic import Rule

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

UNKNOWN_PROFILE: Final = Rule("AC201", "unknown-profile")
UNKNOWN_ENVIRONMENT: Final = Rule("AC202", "unknown-environment")
UNKNOWN_DELEGATE: Final = Rule("AC203", "unknown-delegate")
UNKNOWN_DEFAULT_AGENT: Final = Rule("AC204", "unknown-default-agent")
PROFILE_CYCLE: Final = Rule("AC205", "profile-cycle")
UNREADABLE_PROMPT: Final = Rule("AC206", "unreadable-prompt")
UNKNOWN_VARIANT: Final = Rule("AC207", "unknown-variant")

UNDECLARED_PROVIDER: Final = Rule("AC310", "undeclared-provider")
NO_MODEL: Final = Rule("AC311", "no-model", refuses=False)
NO_MODEL_YET: Final = Rule("AC311", "no-model", "warning", refuses=False)
"""The same where the tree declares no providers: at run time the machine's layers may still name a model."""

BROKEN_LOCK: Final = Rule("AC320", "broken-lock", refuses=False)

LITERAL_SECRET: Final = Rule("AC401", "literal-secret")
UNKNOWN_SECRET_SOURCE: Final = Rule("AC402", "unknown-secret-source")
MISPLACED_REFERENCE: Final = Rule("AC403", "misplaced-reference")
OWN_CONNECTION: Final = Rule("AC404", "own-connection")
RESERVED_EXTRA: Final = Rule("AC405", "reserved-extra")

EVERY: Final = tuple(
    sorted(
        {value for value in globals().values() if isinstance(value, Rule)},
        key=lambda rule: (rule.code, rule.severity),
    )
)
