"""Values to YAML text for people to read: keys in their order, long texts as blocks."""

from __future__ import annotations

import re
from typing import Any, Final

import yaml

from agentconf.document.scalars import value_of

NEEDS_ESCAPES: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
"""What would act on a terminal, is a line break to some readers of YAML, or is refused when it is read back."""


class _Dumper(yaml.SafeDumper):
    """Writes no aliases, and texts of several lines as block scalars."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=_style(text))


def _style(text: str) -> str | None:
    """How a text is written: as a block, in quotes, or as the dumper likes."""
    if NEEDS_ESCAPES.search(text):
        return '"'
    if "\n" in text.strip("\n"):
        return "|"
    # what YAML 1.2 reads as a number and the dumper, which knows 1.1, as text: 1e3, 0o17, +.5
    return None if isinstance(value_of(text), str) else "'"


_Dumper.add_representer(str, _text)


def dump(value: Any, *, is_flow: bool = False, width: float = 110) -> str:
    """YAML that this package reads back as the same value; in flow style, or in blocks."""
    return yaml.dump(
        value, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=width, default_flow_style=is_flow
    )
