"""Texts as people and programs write them: every style, comments wherever one may stand, all line ends."""

from __future__ import annotations

from random import Random
from typing import Any

from agentconf.document import notation

KEYS = (
    "name", "llm", "model", "temprature", "tags", "a b", "no", "1e3", "010", "null", "?a", "-", "ключ", "x: y", "#c", ""
)  # fmt: skip
TEXTS = (
    "no", "yes", "1e3", "010", "0o7", "null", "~", "", " ", "plain", "two words", "a: b", "a #b", "- a", "[x", "{",
    "&a", "*a", "!t", "%d", "@a", "`", "'", '"', "\\", "it's \"so\"", "ä€😀", "2026-01-02", "12:30:00", ",", "a,b",
    "?a", ":a", "a\nb", "a\nb\n", "a\n\n  b\n", " a\nb", "\n", "a\n\n", "a\n ", "\ta\nb", "a\tb", "\x85", "\u2028",
    "\u0007", "\ufeff", "---", "...", "--- a\nb", "# x\ny", "a\r\nb", "word " * 30, "=", "<<", "0x1F", "1_000",
    ".5", "+1", "-", "?", "|", ">",
)  # fmt: skip
NUMBERS = (0, -1, 10**30, 0.0, -0.5, 1e16, 1e-7, 2.0)


def any_value(random: Random, depth: int = 3) -> Any:
    """Any value that JSON can say, mappings and lists more often than not."""
    kind = random.randrange(10)
    if kind < 3 and depth:
        return any_mapping(random, depth - 1, 0)
    if kind < 5 and depth:
        return [any_value(random, depth - 1) for _ in range(random.randrange(4))]
    return random.choice(TEXTS) if kind < 8 else random.choice((None, True, False, *NUMBERS))


def any_mapping(random: Random, depth: int = 3, at_least: int = 1) -> dict[str, Any]:
    return {random.choice(KEYS): any_value(random, depth) for _ in range(random.randint(at_least, 4))}


class Writer:
    """Writes a value in styles that are drawn, one at each step."""

    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0

    def flip(self) -> bool:
        return self.random.random() < 0.5

    def comment(self) -> str:
        """A comment that no other is equal to, or nothing."""
        if self.random.randint(0, 3):
            return ""
        self.count += 1
        return f"# note {self.count}: {{x}}, [y] - z"

    def behind(self) -> str:
        said = self.comment()
        return f"  {said}" if said else ""

    def above(self, indent: int) -> list[str]:
        lines = [""] * (not self.random.randint(0, 4))
        said = self.comment()
        return [*lines, " " * indent + said] if said else lines

    def single(self, value: Any, is_flow: bool) -> str:
        quote = self.random.choice((None, None, "'", '"')) if isinstance(value, str) else None
        return notation.scalar(value, is_flow=is_flow, quote=quote)

    def flow(self, value: Any) -> str:
        blank = " " * self.flip()
        if isinstance(value, dict):
            pairs = [f"{self.single(key, True)}: {self.flow(item)}" for key, item in value.items()]
            return self.bracketed("{", pairs, "}", blank)
        if isinstance(value, list):
            return self.bracketed("[", [self.flow(item) for item in value], "]", blank)
        return self.single(value, True)

    def bracketed(self, opening: str, parts: list[str], closing: str, blank: str) -> str:
        comma = "," * (bool(parts) and self.flip())
        return opening + blank + f",{' ' * self.flip()}".join(parts) + comma + blank + closing

    def wide_flow(self, value: Any, indent: int) -> list[str]:
        """Brackets over several lines, with comments."""
        opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
        entries = value.items() if isinstance(value, dict) else enumerate(value)
        lines = [opening + self.behind()]
        for position, (key, item) in enumerate(entries, 1):
            head = f"{self.single(key, True)}: " if isinstance(value, dict) else ""
            comma = "," if position < len(value) or self.flip() else ""
            lines += [*self.above(indent + 2), f"{' ' * (indent + 2)}{head}{self.flow(item)}{comma}{self.behind()}"]
        return [*lines, " " * indent + closing + self.behind()]

    def value(self, value: Any, indent: int) -> list[str]:
        """What follows a key or a dash that stands at a column: the rest of its line, and lines below."""
        step = self.random.randint(1, 4)
        if isinstance(value, str) and notation.can_be_literal(value) and value and self.flip():
            header, *lines = notation.literal(value, indent + step, step)
            return [header + self.behind(), *lines]
        if not isinstance(value, dict | list) or not value:
            return [self.flow(value) + self.behind()]
        style = self.random.randint(0, 3)
        if style == 0:
            return [self.flow(value) + self.behind()]
        if style == 1:
            return self.wide_flow(value, indent + 1)
        is_flat = isinstance(value, list) and self.flip()
        return [self.behind().strip(), *self.block(value, indent + step * (not is_flat))]

    def block(self, value: Any, indent: int) -> list[str]:
        lines: list[str] = []
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            head = f"{self.single(key, False)}:" if isinstance(value, dict) else "-"
            column = indent
            if isinstance(value, list) and isinstance(item, dict | list) and item and self.flip():
                first, *rest = self.block(item, indent + 2)
                while not first.strip() or first.lstrip().startswith("#"):
                    first, *rest = rest
                lines += [*self.above(indent), f"{' ' * indent}- {first.lstrip(' ')}", *rest]
                continue
            if isinstance(value, list) and isinstance(item, list) and item:
                column = indent + 1  # a list within a list stands deeper
            first, *rest = self.value(item, column)
            lines += [*self.above(indent), f"{' ' * indent}{head}{first and ' ' + first}", *rest]
            if isinstance(item, dict | list) and len(rest) and not self.random.randint(0, 4):
                lines += [line for line in [" " * (indent + 1) + self.comment()] if line.strip()]
        return lines


def any_text(random: Random) -> bytes:
    """The bytes of a file that holds some mapping."""
    writer = Writer(random)
    lines = [*writer.above(0), *writer.block(any_mapping(random), 0), *writer.above(0)]
    if not random.randrange(5):
        lines.insert(0, "---")
    line_break = random.choice(("\n", "\r\n"))
    text = line_break.join(lines) + line_break * writer.flip()
    return (b"\xef\xbb\xbf" if not random.randrange(4) else b"") + text.encode()
