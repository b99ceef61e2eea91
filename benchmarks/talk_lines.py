"""A program that says one JSON object a line, and answers a line with a line."""

from __future__ import annotations

import json
import subprocess
from types import TracebackType
from typing import Any, Self


class Lines:
    """`first` is what it says when it is ready. It is ended when the `with` ends."""

    def __init__(self, words: list[str]) -> None:
        self._process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.first: dict[str, Any] = self.answer()

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, text: str) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{text}\n")
        self._process.stdin.flush()
        return self.answer()

    def answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("a program of the benchmark has ended")
        said: dict[str, Any] = json.loads(line)
        return said

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.communicate()
