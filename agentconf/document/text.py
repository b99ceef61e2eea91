"""Bytes to the text that libyaml is given, and back: encoding, byte order mark, YAML 1.1's extra line breaks."""

from __future__ import annotations

import re
from typing import Any, Final

BOM: Final = b"\xef\xbb\xbf"

# libyaml reads these three as line breaks, as YAML 1.1 did; in YAML 1.2 they are text. They are parsed as stand-ins of
# the same length, so that every mark stays true, and put back into the values.
_BREAKS: Final = "\x85\u2028\u2029"
_BREAK_BYTES: Final = tuple(character.encode() for character in _BREAKS)
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_PRIVATE_USE: Final = range(0xE000, 0xF900)
_REFUSED: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")


def without_bom(data: bytes) -> bytes:
    return data.removeprefix(BOM)


def refused_character(text: str) -> re.Match[str] | None:
    """The first character that YAML does not allow in a text."""
    return _REFUSED.search(text)


def lines_of(text: str) -> list[str]:
    """The lines of a text as marks count them: NEL, LS and PS do not end one."""
    return _LINE_END.split(text)


class StandIns:
    """The stand-ins of one text; falsy where it needs none."""

    def __init__(self, data: bytes) -> None:
        self._back: dict[int, str] = {}
        self._there: dict[int, str] = {}
        if any(mark in data for mark in _BREAK_BYTES):
            self._choose(data.decode())

    def __bool__(self) -> bool:
        return bool(self._back)

    def _choose(self, text: str) -> None:
        free = (chr(code) for code in _PRIVATE_USE if chr(code) not in text)
        for character, stand_in in zip(_BREAKS, free, strict=False):
            self._there[ord(character)] = stand_in
            self._back[ord(stand_in)] = character

    def put_in(self, data: bytes) -> bytes:
        return data.decode().translate(self._there).encode()

    def take_out(self, value: Any) -> Any:
        """The value with the characters that were really written, to any depth."""
        if isinstance(value, str):
            return value.translate(self._back)
        if isinstance(value, dict):
            return {self.take_out(key): self.take_out(item) for key, item in value.items()}
        return [self.take_out(item) for item in value] if isinstance(value, list) else value
