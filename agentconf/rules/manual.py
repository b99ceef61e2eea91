"""The manual: what the docstring of a rule's module says, in its parts.

    One sentence that names what is wrong.

    What: ... Why: ... Bad: an example, Good: the same without the mistake, Fix: ...

An example is the file `assistant.yaml`; `# in PATH` begins another one. In a bad one `# CODE` stands behind the line
of the finding. What no text can show (bytes, links, sizes) is a sentence instead.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from textwrap import dedent
from types import ModuleType
from typing import Any, Final

from agentconf import codes, rules
from agentconf.diagnostic import Rule, Severity

BANDS: Final = {
    "AC0": "text and document",
    "AC1": "shape and names",
    "AC2": "inheritance and references",
    "AC3": "models, parameters and providers",
    "AC4": "secrets and connections",
    "AC5": "cost and limits",
    "AC6": "variants and fallbacks",
    "AC7": "the organisation",
}
SECTIONS: Final = ("What", "Why", "Bad", "Good", "Fix")
FIRST_FILE: Final = "assistant.yaml"
_HEADING: Final = re.compile(rf"^({'|'.join(SECTIONS)}):[ \n]?", re.MULTILINE)
_FILE: Final = re.compile(r"^# in (?P<path>\S+)\n", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Page:
    """What the manual says of a rule.

    `bad` and `good` are small trees: text by path. They are empty where no text can show it, and told `in_words` then.
    """

    rule: Rule
    title: str
    what: str
    why: str
    bad: dict[str, str]
    good: dict[str, str]
    fix: str
    bad_in_words: str = ""
    good_in_words: str = ""

    @property
    def severities(self) -> tuple[Severity, ...]:
        """How severe its findings are by default: some rules have cases in which they only warn."""
        return tuple(dict.fromkeys(rule.severity for rule in codes.EVERY if rule.code == self.rule.code))

    @property
    def band(self) -> str:
        """The first digit of the code, as in AC3xx, and what such codes are about."""
        return f"{self.rule.code[:3]}xx: {BANDS[self.rule.code[:3]]}"

    def as_json(self) -> dict[str, Any]:
        return {
            "code": self.rule.code,
            "rule": self.rule.name,
            "severity": self.rule.severity,
            "title": self.title,
            "what": self.what,
            "why": self.why,
            "bad": self.bad,
            "bad_in_words": self.bad_in_words,
            "good": self.good,
            "good_in_words": self.good_in_words,
            "fix": self.fix,
            "can_be_set": self.rule.can_be_set,
            "can_be_excused": self.rule.can_be_excused,
        }


@cache
def pages() -> dict[str, Page]:
    """Every page by its code, in the order of the codes."""
    found = [page_of(module) for module in _modules()]
    return {page.rule.code: page for page in sorted(found, key=lambda page: page.rule.code)}


def page(word: str) -> Page | None:
    """The page of a rule by its code or its name; None where there is no such rule."""
    wanted = word.strip().casefold()
    return next((one for one in pages().values() if wanted in (one.rule.code.casefold(), one.rule.name)), None)


def page_of(module: ModuleType) -> Page:
    """What a module's docstring says. Raises ValueError where a part is missing."""
    text = dedent(module.__doc__ or "").strip()
    title, *rest = _HEADING.split(text)
    parts = dict(zip(rest[::2], rest[1::2], strict=True))
    missing = [name for name in SECTIONS if name not in parts]
    if missing:
        raise ValueError(f"{module.__name__} has no {', '.join(missing)}")
    said = {name: _joined(part) for name, part in parts.items()}
    shown = {name: _files(parts[name]) for name in ("Bad", "Good")}
    return Page(
        rule=module.RULE,
        title=_joined(title),
        what=said["What"],
        why=said["Why"],
        bad=shown["Bad"],
        good=shown["Good"],
        fix=said["Fix"],
        bad_in_words="" if shown["Bad"] else said["Bad"],
        good_in_words="" if shown["Good"] else said["Good"],
    )


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(rules.__path__, f"{rules.__name__}."):
        module = importlib.import_module(found.name)
        if hasattr(module, "RULE"):
            yield module


def _joined(text: str) -> str:
    """Paragraphs on a line each."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in text.strip().split("\n\n"))


def _files(text: str) -> dict[str, str]:
    if not text.startswith(("\n", " ")):
        return {}  # a sentence
    first, *rest = _FILE.split(dedent(text).strip("\n") + "\n")
    files = {FIRST_FILE: first, **dict(zip(rest[::2], rest[1::2], strict=True))}
    return {path: content for path, content in files.items() if content.strip() or path != FIRST_FILE}
