"""The published schemas, run over documents; the door to jsonschema-rs. Its errors become findings made to be read."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import jsonschema_rs

from agentconf import codes
from agentconf.config import belongs, secrets, wording
from agentconf.diagnostic import Diagnostic, Rule
from agentconf.document.document import Document
from agentconf.document.parse import FAULTS_LIMIT, too_many
from agentconf.document.scalars import value_of
from agentconf.keypath import KeyPath, render
from agentconf.quoting import may_quote, shown_path
from agentconf.suggest import did_you_mean, misspelling_of

FOLDER: Final = Path(__file__).with_name("published")
"""The schemas as the package carries them."""

_QUOTED_LENGTH: Final = 40


@cache
def schema(kind: str) -> dict[str, Any]:
    """The published schema of a kind of file."""
    loaded: dict[str, Any] = json.loads((FOLDER / f"{kind}.schema.json").read_bytes())
    return loaded


@cache
def _validator(kind: str) -> jsonschema_rs.Draft202012Validator:
    # offline: a reference to a schema elsewhere is refused, never fetched
    return jsonschema_rs.Draft202012Validator(schema(kind), validate_formats=True, offline=True)


def is_well_formed(document: Document, kind: str) -> bool:
    """Whether the schema accepts a document: the quick way, for the many that it does."""
    return _validator(kind).is_valid(document.value)


def findings(document: Document, kind: str) -> Iterator[Diagnostic]:
    """Everything the schema says against a document, each at its place."""
    count = 0
    for error in _validator(kind).iter_errors(document.value):
        if _is_explained(error, document.doubtful):
            continue
        for finding in _Translator(document, kind).findings(error):
            count += 1
            if count > FAULTS_LIMIT:
                yield too_many(document.file)
                return
            yield finding


def _is_explained(error: jsonschema_rs.ValidationError, doubtful: Iterable[KeyPath]) -> bool:
    """Whether the text was refused at this place already; `name: {{ NAME }}` has the wrong type for its wrong key."""
    path = tuple(error.instance_path)
    of_type = error.kind.name in {"type", "anyOf"}
    return any(path == place or (of_type and path == place[:-1]) for place in doubtful)


class _Translator:
    def __init__(self, document: Document, kind: str) -> None:
        self.document = document
        self.kind = kind

    def findings(self, error: jsonschema_rs.ValidationError) -> Iterator[Diagnostic]:
        path = tuple(error.instance_path)
        if error.kind.name == "additionalProperties":
            meant = self._meant(path, error.instance, error.kind.value)
            for key in error.kind.value:
                yield self._unknown_key(path, str(key), meant.get(key))
        elif error.kind.name == "propertyNames":
            yield from self._bad_names(path, error.instance)
        elif error.kind.name == "anyOf":
            yield from self._any_of(path, error)
        elif error.kind.name == "required":
            yield self._missing(path, str(error.kind.value))
        elif error.kind.name not in {"if", "then"}:
            yield self._bad_value(path, error)

    def _meant(self, path: KeyPath, mapping: Any, unknown: list[str]) -> dict[str, str]:
        """The names that misspelt keys were meant to be: free in the mapping, meant by one alone, fit for the value."""
        here = belongs.keys_at(schema(self.kind), path)
        strays = [key for key in unknown[: FAULTS_LIMIT + 1] if not belongs.belongs_under(self.kind, path, key)]
        guesses = {key: name for key in strays if (name := misspelling_of(key, here)) and name not in mapping}
        count = Counter(guesses.values())
        return {
            key: name
            for key, name in guesses.items()
            if count[name] == 1 and takes(self.kind, (*path, name), mapping[key])
        }

    def _unknown_key(self, path: KeyPath, key: str, meant: str | None) -> Diagnostic:
        here = belongs.keys_at(schema(self.kind), path)
        place = belongs.belongs_under(self.kind, path, key)
        guess = f"did you mean '{meant}'?" if meant else None if place else did_you_mean(key, here)
        where = f" under {render(path)}" if path else ""
        hint = place or guess or "delete it, or put x- in front to keep it switched off"
        is_known = guess is not None or place is not None
        named = f"unknown key '{key[:64]}'" if is_known or may_quote((*path, key)) else "unknown key"
        finding = self._at_key(codes.UNKNOWN_KEY, (*path, key), named + where, hint)
        if not is_known and not may_quote((*path, key)):
            finding = replace(finding, key=render(path))
        return _fixable(finding, meant)

    def _bad_names(self, path: KeyPath, instance: object) -> Iterator[Diagnostic]:
        for name in instance if isinstance(instance, dict) else ():
            if not belongs.is_entry_name(name):
                message = f"'{name[:64]}' is no name for an entry of {render(path)}"
                yield self._at_key(codes.MALFORMED_VALUE, (*path, name), message, f"use {wording.PATTERNS['ENTRY']}")

    def _any_of(self, path: KeyPath, error: jsonschema_rs.ValidationError) -> Iterator[Diagnostic]:
        """The branch that takes a value of this type says what is wrong; where none does, all that would be taken."""
        for branch in error.kind.value:
            if not any(inner.kind.name == "type" and tuple(inner.instance_path) == path for inner in branch):
                for inner in branch:
                    yield self._bad_value(tuple(inner.instance_path), inner)
                return
        expected = [name for branch in error.kind.value for inner in branch for name in _expected(inner)]
        yield self._wrong_type(path, error.instance, expected)

    def _missing(self, path: KeyPath, key: str) -> Diagnostic:
        where = render(path) or "this file"
        message = f"{where} lacks '{key}'"
        span = self.document.value_span(path)
        return Diagnostic(
            codes.MISSING_KEY, message, self.document.file, span, render(path) or None, hint=f"add {key}: ..."
        )

    def _bad_value(self, path: KeyPath, error: jsonschema_rs.ValidationError) -> Diagnostic:
        name, limit, value = error.kind.name, error.kind.value, error.instance
        subject = render(path)
        if name == "type":
            return self._wrong_type(path, value, _expected(error))
        if name == "enum":
            return self._not_one_of(path, value, belongs.choices_at(schema(self.kind), path))
        if name in {"pattern", "format"}:
            return self._malformed(path, value, str(limit))
        said = {
            "minimum": f"{subject} must be at least {limit}",
            "maximum": f"{subject} must be at most {limit}",
            "exclusiveMinimum": f"{subject} must be more than {limit}",
            "minLength": f"{subject} must not be empty",
            "maxLength": f"{subject} is longer than {limit} characters",
        }.get(name, f"{subject} is not as the format wants it")
        quoted = f", not {value}" if isinstance(value, int | float) and len(str(value)) <= _QUOTED_LENGTH else ""
        return self._at_value(codes.OUT_OF_RANGE, path, said + quoted, None)

    def _wrong_type(self, path: KeyPath, value: object, expected: Iterable[str]) -> Diagnostic:
        kinds = list(dict.fromkeys(wording.KINDS[name] for name in expected if name in wording.KINDS))
        subject = render(path) or "this file"
        is_misplaced = isinstance(value, str) and "a mapping of keys" in kinds  # it may be any of the keys' values
        message = (
            f"{subject} must be {' or '.join(kinds)}, not {'a text' if is_misplaced else self._quoted(path, value)}"
        )
        hint = wording.type_hint(value, kinds)
        finding = self._at_value(codes.WRONG_TYPE, path, message, hint)
        meant = (hint or "").removeprefix("write ") if "true or false" in kinds else str(value)
        is_certain = hint is not None and may_quote(path) and isinstance(value_of(meant or "-"), int | float)
        return _fixable(finding, meant if is_certain and takes(self.kind, path, value_of(meant)) else None)

    def _not_one_of(self, path: KeyPath, value: object, choices: list[str]) -> Diagnostic:
        message = f"{render(path)} must be one of {', '.join(choices)}, not {self._quoted(path, value)}"
        finding = self._at_value(codes.UNKNOWN_VALUE, path, message, did_you_mean(str(value), choices))
        return _fixable(finding, misspelling_of(value, choices) if isinstance(value, str) else None)

    def _malformed(self, path: KeyPath, value: object, pattern: str) -> Diagnostic:
        if path[-1] == "api_key":
            return self.secret(path, value)
        wanted = wording.PATTERNS[belongs.pattern_name(pattern)]
        return self._at_value(
            codes.MALFORMED_VALUE, path, f"{render(path)} must be {wanted}", wording.model_hint(value, pattern)
        )

    def secret(self, path: KeyPath, value: object) -> Diagnostic:
        return secret_finding(self.document, path, str(value))

    def _quoted(self, path: KeyPath, value: object) -> str:
        """The value as it may be repeated: what stands in a secret's place never is."""
        if not may_quote(path):
            return "this"
        if isinstance(value, str):
            return f"the text '{value}'" if len(value) <= _QUOTED_LENGTH and "\n" not in value else "a text"
        if isinstance(value, dict | list):
            return "a mapping" if isinstance(value, dict) else "a list"
        quoted = json.dumps(value)
        return quoted if len(quoted) <= _QUOTED_LENGTH else "a long number"

    def _at_value(self, rule: Rule, path: KeyPath, message: str, hint: str | None) -> Diagnostic:
        return Diagnostic(
            rule,
            message,
            self.document.file,
            self.document.value_span(path),
            render(shown_path(path)) or None,
            hint=hint,
        )

    def _at_key(self, rule: Rule, path: KeyPath, message: str, hint: str | None) -> Diagnostic:
        span = self.document.key_span(path)
        return Diagnostic(rule, message, self.document.file, span, render(shown_path(path)), hint=hint)


def secret_finding(document: Document, path: KeyPath, text: str) -> Diagnostic:
    """What is wrong with a text where a reference belongs. The text itself is never repeated."""
    span, key = document.value_span(path), render(shown_path(path))
    try:
        secrets.parse_reference(text)
    except secrets.UnknownSource as error:
        hint = did_you_mean(error.source, secrets.SOURCES) or f"use one of {', '.join(secrets.SOURCES)}"
        message = "the reference names no source of secrets that there is"
        return Diagnostic(codes.UNKNOWN_SECRET_SOURCE, message, document.file, span, key, hint=hint)
    except secrets.NotAReference:
        pass
    message = f"{key} must be a reference, and nothing beside it; a secret never stands in the tree"
    hint = "write ${env:NAME} or ${file:/run/secrets/NAME}; if a real key was committed, revoke it"
    return Diagnostic(codes.LITERAL_SECRET, message, document.file, span, key, hint=hint)


def _fixable(finding: Diagnostic, replacement: str | None) -> Diagnostic:
    return replace(finding, fixable=replacement is not None, replacement=replacement)


def takes(kind: str, path: KeyPath, value: object) -> bool:
    """Whether a value may stand at a path, whatever may still be wrong within it."""
    return any(_is_taken(_judge(kind, place).iter_errors(value)) for place in belongs.places_at(schema(kind), path))


_JUDGES: Final[dict[int, jsonschema_rs.Draft202012Validator]] = {}
"""The validators of places in the schemas, which are never let go: so no two have one identity."""


def _judge(kind: str, place: dict[str, Any]) -> jsonschema_rs.Draft202012Validator:
    if id(place) not in _JUDGES:
        parts = {**place, "$defs": schema(kind).get("$defs", {})}
        _JUDGES[id(place)] = jsonschema_rs.Draft202012Validator(parts, offline=True)
    return _JUDGES[id(place)]


def _is_taken(errors: Iterable[jsonschema_rs.ValidationError]) -> bool:
    return not any(
        not error.instance_path
        and error.kind.name not in {"additionalProperties", "propertyNames", "required", "if", "then"}
        and not (error.kind.name == "anyOf" and any(_is_taken(branch) for branch in error.kind.value))
        for error in errors
    )


def _expected(error: jsonschema_rs.ValidationError) -> list[str]:
    if error.kind.name != "type":
        return []
    return [str(name) for name in (error.kind.value if isinstance(error.kind.value, list) else [error.kind.value])]


def canonical_text(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, numbers that are equal written the same."""
    text: str = jsonschema_rs.canonical.json.to_string(value)
    return text
