"""The door to the CEL library. Its errors become sentences made to be read; nothing of it leaves here.

The package's front imports its own command line (180 ms); the engine is one extension module beside it (9 ms).
"""

from __future__ import annotations

import importlib.util
import re
import sys
from dataclasses import dataclass
from functools import cache
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

if TYPE_CHECKING:
    from cel import Context, Program

_NAME: Final = "cel.cel"
_PLACE: Final = re.compile(r"ERROR: <input>:(?P<line>\d+):(?P<column>\d+): (?P<said>.*)")


class NotCel(Exception):
    """The text is no CEL. `line` and `column` lie inside it, from 1 (columns in characters), where they are known."""

    def __init__(self, said: str, line: int | None = None, column: int | None = None) -> None:
        self.said = said
        self.line = line
        self.column = column
        super().__init__(said)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an expression gave no answer. `is_certain`: not for what the values are, but for their types or a pattern."""

    reason: str
    is_certain: bool = False


def compiled(text: str) -> Program:
    """Raises NotCel."""
    try:
        return cast("Program", _engine().compile(text))
    except ValueError as error:
        raise _refused(str(error).removeprefix(f"Failed to parse expression '{text}': ")) from None
    except BaseException as error:
        if not _is_of_engine(error):
            raise
        raise NotCel("the CEL engine cannot read it") from None


def context(values: dict[str, Any]) -> Context | None:
    """What programs run on: converted once, however many run. None where a value has no place in CEL."""
    try:
        return cast("Context", _engine().Context(variables=values))
    except ValueError:
        return None


def run(program: Program, values: Context | None) -> Any:
    """The value of an expression, or a Failure."""
    if values is None:
        return Failure("the agent holds what has no place in CEL")
    try:
        return program.execute(values)
    except BaseException as error:
        if not _is_of_engine(error):
            raise
        return _failure(error)


@cache
def _engine() -> Any:
    """The library's extension module, where it can be found without running the rest; else the library."""
    if _NAME in sys.modules:
        return sys.modules[_NAME]
    found = importlib.util.find_spec("cel")
    folder = Path(found.origin).parent if found and found.origin else Path()
    for suffix in EXTENSION_SUFFIXES:
        path = folder / f"cel{suffix}"
        if path.is_file():
            return _extension(ExtensionFileLoader(_NAME, str(path)))
    import cel

    return cel


def _extension(loader: ExtensionFileLoader) -> Any:
    """The module, known by its own name: it can be loaded once only, and others may import `cel` later."""
    spec = importlib.util.spec_from_loader(_NAME, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module
    try:
        loader.exec_module(module)
    except BaseException:
        del sys.modules[_NAME]
        raise
    return module


def _is_of_engine(error: BaseException) -> bool:
    """A panic of the engine is no Exception by its type; the user's Ctrl-C is none either, and goes its way."""
    is_panic = type(error).__name__ == "PanicException"
    return is_panic or (isinstance(error, Exception) and not isinstance(error, MemoryError))


def _refused(text: str) -> NotCel:
    found = _PLACE.search(text)
    if found is None:
        return NotCel("this is no CEL expression")
    return NotCel(_plain(found["said"]), int(found["line"]), int(found["column"]))


def _plain(said: str) -> str:
    """What the parser says, without the list of everything that it would have taken."""
    said = said.removeprefix("Syntax error: ").split(" expecting ")[0]
    if "<EOF>" in said:
        return "the expression ends where more was expected"
    for begin, better in (
        ("mismatched input ", "did not expect "),
        ("extraneous input ", "did not expect "),
        ("no viable alternative at input ", "did not expect "),
        ("token recognition error at: ", "cannot read "),
    ):
        if said.startswith(begin):
            return better + said.removeprefix(begin)
    return said


_UNDEFINED: Final = re.compile(r"Undefined variable or function: '(?P<name>[^']*)'")
_FUNCTION: Final = re.compile(
    r"Function '(?P<name>[^']*)' error: (?P<said>.*?)(?: Check function arguments.*)?$", re.DOTALL
)


def _failure(error: BaseException) -> Failure:
    text = str(error)
    undefined = _UNDEFINED.search(text)
    if undefined:
        return Failure(f"'{undefined['name']}' does not take a value of this type, which may be null", is_certain=True)
    if isinstance(error, KeyError):
        return Failure(f"there is no {text}")
    if isinstance(error, TypeError):
        return Failure("an operation meets a value of a type that it does not take, such as null", is_certain=True)
    if isinstance(error, ZeroDivisionError | OverflowError | IndexError):
        return Failure(text.split(" in CEL", maxsplit=1)[0].split(" on ", maxsplit=1)[0])
    function = _FUNCTION.search(text)
    if function:
        last = function["said"].strip().splitlines()[-1].removeprefix("error: ")
        return Failure(f"'{function['name']}' fails: {last}", is_certain="not a valid regex" in text)
    return Failure("the CEL engine gives no answer")
