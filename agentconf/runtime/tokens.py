"""Tokens of a call, by kind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """`cached` are among `input`, `reasoning` among `output`. Estimated: counted here, not by the provider."""

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    is_estimated: bool = False

    @property
    def total(self) -> int:
        return self.input + self.output

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.input + other.input,
            self.output + other.output,
            self.cached + other.cached,
            self.reasoning + other.reasoning,
            self.is_estimated or other.is_estimated,
        )
