"""The words for what may stand at a place, and hints for values of another type."""

from __future__ import annotations

from typing import Final

from agentconf.config import belongs

KINDS: Final = {
    "number": "a number",
    "integer": "a whole number",
    "string": "text",
    "boolean": "true or false",
    "object": "a mapping of keys",
    "array": "a list",
}
PATTERNS: Final = {
    "ENTRY": "letters, digits, '.', '_' and '-', at most 64 of them",
    "MODEL": "provider/model, such as openai/gpt-4.1-mini",
    "ID": "lower-case letters, digits, '.', '_' and '-', at most 64 of them",
    "DURATION": "more than 0 seconds, or a duration such as 30s, 2m or 1.5h",
    "DATE": "a date such as 2027-03-31",
    "ADDRESS": "an address that begins with https:// or http://",
    "CAPABILITY": "a lower-case word such as tools or vision",
}
_YES: Final = {"yes": "true", "on": "true", "y": "true", "no": "false", "off": "false", "n": "false"}


def type_hint(value: object, kinds: list[str]) -> str | None:
    """What to write where a value is of another type than the `kinds` that may stand there."""
    if isinstance(value, str):
        if "true or false" in kinds:
            word = _YES.get(value.lower())
            return f"write {word}" if word else None
        if "a number" in kinds or "a whole number" in kinds:
            return "remove the quotes" if value.replace(".", "", 1).replace("-", "", 1).isdecimal() else None
        if "a list" in kinds:
            return f"write [{value}]" if len(value) <= 40 and value.isprintable() else None
        return "put its keys on lines of their own, indented" if "a mapping of keys" in kinds else None
    return "put it in quotes" if "text" in kinds and isinstance(value, bool | int | float) else None


def model_hint(value: object, pattern: str) -> str | None:
    """What to write where a model is named without its provider."""
    if belongs.pattern_name(pattern) != "MODEL" or not isinstance(value, str) or "/" in value or len(value) > 64:
        return None
    return f"name the provider too: openai/{value}, for example" if value else None
