"""An environment variable whose name is misspelt.

What: A reference names a variable that differs in one letter from the one that the provider is usually called with, or
from one that the tree names more often.

Why: The variable is not set under that name, and each call fails, or uses another team's key.

Bad:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KYE}"}  # AC409

Good:

    owner: support@example.com
    llm: {model: openai/gpt-4.1-mini}
    # in _defaults.yaml
    providers:
      openai: {api_key: "${env:OPENAI_API_KEY}"}

Fix: Correct the name. Where both are meant, excuse the line; names that differ in more than a letter are told apart.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from agentconf import codes
from agentconf.config.secrets import NotAReference, parse_reference
from agentconf.diagnostic import Diagnostic
from agentconf.document.build import Lexicon
from agentconf.document.parse import parse
from agentconf.keypath import KeyPath, look_up
from agentconf.rules.seen import Whole
from agentconf.source.layout import is_agent

RULE: Final = codes.MISSPELT_VARIABLE
_NAMED: Final = re.compile(rb"\$\{env:([A-Za-z_][A-Za-z0-9_]{0,127})\}|os\.environ/([A-Za-z_][A-Za-z0-9_]{0,127})")
_BRACED: Final = b"${env:"
_LITELLM: Final = b"os.environ/"
_USUAL: Final = {
    "azure_ai": ("AZURE_AI_API_KEY",),
    "bedrock": ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"),
    "fireworks_ai": ("FIREWORKS_API_KEY", "FIREWORKS_AI_API_KEY"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "github": ("GITHUB_API_KEY", "GITHUB_TOKEN"),
    "huggingface": ("HUGGINGFACE_API_KEY", "HF_TOKEN"),
    "nvidia_nim": ("NVIDIA_NIM_API_KEY", "NVIDIA_API_KEY"),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY"),
    "vertex_ai": ("VERTEXAI_CREDENTIALS", "GOOGLE_APPLICATION_CREDENTIALS"),
}
"""By type of provider, what LiteLLM or the provider calls its variables; of others it is PROVIDER_API_KEY."""
_SHORTEST_WORD: Final = 3


def check_tree(whole: Whole) -> Iterator[Diagnostic]:
    """Over every file: one that names no variable costs a search for a few letters.

    Agents seldom name any. What shared layers name is compared with the usual names too, since providers stand there.
    """
    named = {path: names for path, data in whole.tree.files.items() if (names := variables_in(data))}
    often = Counter(name for names in named.values() for name in names)
    for path, names in named.items():
        doubtful = {name for name in names if not is_agent(path) or meant(name, (), often) is not None}
        if doubtful:
            yield from _in_file(whole, path, doubtful, often)


def variables_in(data: bytes) -> list[str]:
    """The variables that a file's references name, each as often as it does."""
    if not (b"$" in data and _BRACED in data) and _LITELLM not in data:  # one letter is found ten times as fast
        return []
    return [(braced or litellm).decode() for braced, litellm in _NAMED.findall(data)]


def meant(name: str, usual: Iterable[str], often: Mapping[str, int]) -> str | None:
    """The variable that was probably meant; None where the name is fine. `often` is how many references name each."""
    usual = tuple(usual)
    if name in usual:
        return None
    for known in usual:
        if is_a_slip(name, known):
            return known
    others = [other for other in often if often[other] > often.get(name, 0) and is_a_slip(name, other)]
    return max(others, key=lambda other: (often[other], other), default=None)


def usual_variables(provider_type: str) -> tuple[str, ...]:
    """What the key of a type of provider is usually called."""
    return _USUAL.get(provider_type, (f"{re.sub('[^A-Z0-9]', '_', provider_type.upper())}_API_KEY",))


def is_a_slip(name: str, known: str) -> bool:
    """Whether two names differ in one letter within a word, left out, put in, or exchanged with the one beside it.

    `KEY_1` and `KEY_2`, or `TEAM_A_KEY` and `TEAM_B_KEY`, were written so on purpose.
    """
    if not _is_one_edit(name, known):
        return False
    ours, theirs = name.split("_"), known.split("_")
    if len(ours) != len(theirs):
        return name.replace("_", "") == known.replace("_", "")
    at = next(index for index, word in enumerate(ours) if word != theirs[index])
    is_long = min(len(ours[at]), len(theirs[at])) >= _SHORTEST_WORD - (at == len(ours) - 1)  # KEY may have become KE
    return is_long and (ours[at] + theirs[at]).isalpha()


def _is_one_edit(one: str, other: str) -> bool:
    if one == other or abs(len(one) - len(other)) > 1:
        return False
    short, long = sorted((one, other), key=len)
    at = next((index for index, letter in enumerate(short) if letter != long[index]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    is_exchange = short[at : at + 2] == long[at : at + 2][::-1] and short[at + 2 :] == long[at + 2 :]
    return is_exchange or short[at + 1 :] == long[at + 1 :]


def _in_file(whole: Whole, path: str, doubtful: set[str], often: Mapping[str, int]) -> Iterator[Diagnostic]:
    document = parse(path, whole.tree.shown(path), whole.tree.files[path], Lexicon())
    if not document.is_readable:
        return
    for key, text, _, _ in document.scalars():
        name = _variable(text)
        if name in doubtful:
            known = meant(name, _usual_at(document.value, key), often)
            if known is not None:
                said = (f"the variable '{name}' looks misspelt", f"did you mean '{known}'?")
                yield whole.finding(RULE, path, key, said)


def _usual_at(value: object, key: KeyPath) -> tuple[str, ...]:
    """The usual variables of the provider whose connection a key is in."""
    if "providers" not in key[:-2]:
        return ()
    at = key.index("providers") + 2
    said = look_up(value, (*key[:at], "type")) if isinstance(value, dict) else None
    return usual_variables(said if isinstance(said, str) else str(key[at - 1]))


def _variable(text: str) -> str:
    try:
        reference = parse_reference(text)
    except NotAReference:
        return ""
    return reference.name if reference.source == "env" else ""
