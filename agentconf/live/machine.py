"""What this machine says: the folder, the environment, and the two lowest layers. They never reach a digest."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from agentconf.config.layers import Layer, machine_layer
from agentconf.config.patterns import ADDRESS_LENGTH, ADDRESS_PATTERN, MODEL_LENGTH, MODEL_PATTERN

DEFAULT_FOLDER: Final = "agents.d"
FOLDER_VARIABLE: Final = "AGENTCONF_DIR"
ENVIRONMENT_VARIABLE: Final = "AGENTCONF_ENVIRONMENT"
_LLM_PREFIX: Final = "AGENTCONF_LLM_"

OWN_KEY: Final = "${env:AGENTCONF_LLM_API_KEY}"
"""What stands for the key that this process brings."""

BUILT_IN: Final = {"llm": {"model": "ollama/mistral:7b-instruct", "api_base": "http://localhost:11434"}}


def chosen_folder(path: str | os.PathLike[str] | None) -> str:
    """The argument, else AGENTCONF_DIR, else agents.d. Raises TypeError."""
    if path is None:
        return os.environ.get(FOLDER_VARIABLE) or DEFAULT_FOLDER
    said: Any = os.fspath(path) if isinstance(path, os.PathLike) else path
    if not isinstance(said, str):
        raise TypeError("path must be a string or a Path")
    return said


def chosen_environment(environment: str | None) -> str | None:
    """The argument, else AGENTCONF_ENVIRONMENT, else none. Raises TypeError."""
    if environment is None:
        return os.environ.get(ENVIRONMENT_VARIABLE) or None
    if not isinstance(environment, str):
        raise TypeError("environment must be a string, such as 'prod'")
    return environment


def machine_layers(variables: Mapping[str, str] | None = None) -> tuple[Layer, ...]:
    """`built-in`, and `process` where AGENTCONF_LLM_* variables are set.

    Raises ValueError where a variable does not hold what its key takes; the message does not repeat it.
    """
    said = _process_llm(os.environ if variables is None else variables)
    layers = [machine_layer("built-in", {"llm": dict(BUILT_IN["llm"])})]
    return (*layers, machine_layer("process", {"llm": said})) if said else tuple(layers)


def _process_llm(variables: Mapping[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for key, read in _READERS.items():
        text = variables.get(_LLM_PREFIX + key.upper())
        if text:
            try:
                said[key] = read(text)
            except ValueError as error:
                raise ValueError(f"{_LLM_PREFIX}{key.upper()} {error}") from None
    return said


def _model(text: str) -> str:
    if not _matches(text, MODEL_PATTERN, MODEL_LENGTH):
        raise ValueError("must be provider/model, such as openai/gpt-4.1-mini")
    return text


def _address(text: str) -> str:
    if not _matches(text, ADDRESS_PATTERN, ADDRESS_LENGTH):
        raise ValueError("must be an address that begins with https:// or http://")
    return text


def _matches(text: str, pattern: str, length: int) -> bool:
    """What the published schemas take, written by hand: without control characters."""
    # not to the end of the pattern: its $ would let a line break behind the text pass
    return len(text) <= length and text.isprintable() and re.fullmatch(pattern[1:-1], text) is not None


def _number(text: str, lowest: float, highest: float) -> float:
    value = float(text)
    if not lowest <= value <= highest:
        raise ValueError
    return value


def _temperature(text: str) -> float:
    try:
        return _number(text, 0, 2)
    except ValueError:
        raise ValueError("must be a number from 0 to 2") from None


def _tokens(text: str) -> int:
    try:
        return int(_number(str(int(text)), 1, 1e9))
    except ValueError:
        raise ValueError("must be a whole number from 1") from None


def _timeout(text: str) -> float:
    from agentconf.config.durations import LONGEST_SECONDS, in_seconds

    try:
        return _number(str(in_seconds(text)), 1e-9, LONGEST_SECONDS)
    except ValueError:
        raise ValueError("must be more than 0 seconds, or a duration such as 30s") from None


# The key itself never enters the configuration: the variable that holds it is a reference like any other.
_READERS: Final[dict[str, Callable[[str], Any]]] = {
    "model": _model,
    "api_base": _address,
    "api_key": lambda text: OWN_KEY,
    "temperature": _temperature,
    "max_tokens": _tokens,
    "timeout": _timeout,
}
