"""Agent documents from a seed: valid ones, and ones with something changed; ten thousand in a second."""

from __future__ import annotations

import copy
from collections.abc import Callable
from random import Random
from typing import Any

Document = dict[str, Any]
Make = Callable[[Random], Any]

ENVIRONMENT = "prod"

BASE: Document = {
    "llm": {"model": "openai/gpt-4.1"},
    "limits": {"budget": {"usd": 5, "per": "day"}},
}
"""The layer below: what a partial document lacks."""


def one_of(*choices: Any) -> Make:
    return lambda random: copy.deepcopy(random.choice(choices))


def number(low: float, high: float) -> Make:
    edges = (low, high, int(low), int(high), (low + high) / 2)
    return lambda random: random.choice((*edges, random.uniform(low, high)))


def whole(low: int, high: int) -> Make:
    return lambda random: random.choice((low, high, float(low), random.randint(low, high)))


def lists(make: Make, most: int = 3) -> Make:
    return lambda random: [make(random) for _ in range(random.randint(0, most))]


def mapping(keys: dict[str, Make], always: tuple[str, ...] = (), nulls: bool = True) -> Make:
    """Some of the keys; `always` are neither left out nor null."""

    def make(random: Random) -> Document:
        share = random.choice((0.1, 0.4, 0.9))
        chosen = [key for key in keys if key in always or random.random() < share]
        random.shuffle(chosen)
        made: Document = {}
        for key in chosen:
            made[key] = None if nulls and key not in always and random.random() < 0.06 else keys[key](random)
        if random.random() < 0.03:
            made["x-off"] = random.choice((1, "text", {"deep": [None]}))
        return made

    return make


TEXT = one_of(
    "", "a", "text with blanks", "ünïcode 翻訳 🦜", "two\nlines\n", "x" * 100, "- : {", "null", "12", "2026-01-02"
)
FREE = one_of({}, {"a": 1}, {"deep": {"er": [1, {"x": None}]}, "b": [], "c": "text"}, {"x-kept": 1.5, "no": False})
SECONDS = one_of(1, 0.5, 30, 1e9, "30s", "2m", "1.5h", "250ms", "999999999.999999999h", 1e-9)
REFERENCE = one_of("${env:KEY}", "${file:/run/secrets/key}", "${fernet:abc-_=}", "${age:some text}", "os.environ/KEY")
HEADERS = one_of({}, {"X-Team": "search"}, {"Authorization": "${env:TOKEN}", "X-Empty": ""})
COST = mapping(dict.fromkeys(("input_per_million", "output_per_million", "cached_input_per_million"), number(0, 1e9)))
RESPONSE_FORMAT = one_of(
    {"type": "text"},
    {"type": "json_object"},
    {"type": "json_schema", "json_schema": {"name": "a"}},
    {"type": "text", "more": 1},
)
MODEL = one_of(
    "openai/gpt-4.1", "anthropic/claude-haiku-4-5", "a/b", "openrouter/meta/llama", "A.b_c-1/ü:x@y", "o/" + "m" * 510
)

ENTRY: dict[str, Make] = {
    "enabled": one_of(True, False),
    "model": MODEL,
    "temperature": number(0, 2),
    "top_p": number(0, 1),
    "max_tokens": whole(1, 10**7),
    "timeout": SECONDS,
    "stream_timeout": SECONDS,
    "num_retries": whole(0, 100),
    "seed": whole(-(2**40), 2**40),
    "stop": one_of("END", "", ["END"], [], ["a", "b"]),
    "frequency_penalty": number(-2, 2),
    "presence_penalty": number(-2, 2),
    "reasoning_effort": one_of("none", "disable", "minimal", "low", "medium", "high", "xhigh", "max", "default"),
    "response_format": RESPONSE_FORMAT,
    "api_base": one_of("https://example.net", "http://localhost:11434/v1?x=1", "https://ü.example"),
    "api_key": REFERENCE,
    "api_version": TEXT,
    "extra_headers": HEADERS,
    "cost": COST,
    "extra": one_of({}, {"top_k": 40}, {"user": "a", "logit_bias": {"1": 2}}),
}
LLM: dict[str, Make] = {**ENTRY, "fallbacks": lists(mapping(ENTRY, always=("model",)), 2)}
VARIANT = mapping({"weight": number(0, 1e9), "llm": mapping(LLM), "instructions": TEXT}, always=("weight",))
BUDGET = {
    "usd": number(0, 1e9),
    "per": one_of("hour", "day", "month"),
    "on_exceeded": one_of("block", "warn", "fallback"),
    "alert_at": one_of(1, 0.8, 1e-9, 1.0),
}
LIMITS: dict[str, Make] = {
    "budget": mapping(BUDGET, nulls=False),
    "requests_per_minute": whole(1, 10**6),
    "tokens_per_minute": whole(1, 10**9),
    "max_parallel": whole(1, 64),
}
CAPABILITY = one_of("tools", "vision", "a_1", "z" * 64)
LAYER: dict[str, Make] = {
    "name": one_of("", "A name", "n" * 128, "翻" * 128),
    "description": TEXT,
    "owner": TEXT,
    "tags": lists(TEXT),
    "enabled": one_of(True, False),
    "instructions": TEXT,
    "llm": mapping(LLM),
    "requires": mapping({"capabilities": lists(CAPABILITY), "min_context_tokens": whole(1, 10**6)}),
    "limits": mapping(LIMITS),
    "delegates": lists(one_of("a", "b.c-d_e", "0", "z" * 64)),
    "metadata": FREE,
}
EXPERIMENT = {
    "control": one_of("one", "two"),
    "owner": TEXT,
    "metric": TEXT,
    "ends": one_of("2027-03-31", "2028-02-29", "1999-12-31", "2999-01-01"),
}
AGENT: dict[str, Make] = {
    **LAYER,
    "extends": one_of("careful", [], ["careful", "eu"]),
    "variants": lambda random: {
        name: VARIANT(random) for name in random.sample(("one", "two", "X.y_z-9"), random.randint(1, 2))
    },
    "experiment": mapping(EXPERIMENT, always=("control",)),
    "environments": lambda random: {ENVIRONMENT: mapping(LAYER)(random)},
}


def agent(random: Random) -> Document:
    """A document that the agent's schema accepts."""
    made: Document = mapping(AGENT)(random)
    if made.get("variants"):
        made["experiment"] = mapping(EXPERIMENT, always=("control",))(random)
    if "instructions" not in made and random.random() < 0.1:
        made["instructions_file"] = "prompt.md"
    return made


def tree(random: Random) -> dict[str, Document]:
    """A tree of two agents without errors, in two environments, by the names of its files."""
    overrides = {"llm": {"num_retries": 2}, "metadata": {"from": "prod"}}
    careful = {"llm": {"temperature": 0.1, "top_p": None}, "tags": ["careful"]}
    return {
        "_defaults": BASE,
        "_environments/prod": {"overrides": overrides},
        "_environments/dev": {},
        "_profiles/careful": careful,
        "a": _sound(random),
        "team/b": _sound(random),
    }


def _sound(random: Random) -> Document:
    """An agent's document that refers to nothing, and over `BASE` lacks nothing."""
    made = agent(random)
    for key in ("delegates", "instructions_file"):
        made.pop(key, None)
    if "extends" in made:
        made["extends"] = "careful"
    block = (made.get("environments") or {}).get(ENVIRONMENT) or {}
    for key in ("delegates", "limits"):  # a budget over a null would lack keys
        block.pop(key, None)
    if made.get("variants") or made.get("experiment"):
        made |= {"variants": {"one": {"weight": 1}, "two": {"weight": 2}}, "experiment": {"control": "one"}}
        made["variants"]["two"]["llm"] = {"temperature": 0.25, "api_version": "2"}
    return made


# -- and what may go wrong

OTHER_VALUES: tuple[Any, ...] = (
    None, True, False, 0, -0.0, 1, -1, 2, 2.0000001, 0.5, 1.5, 1.0, 64, 1e9, 1e9 + 1, 10**30, 1e300, "", "a", "A",
    "a\n", " a", "a b", "1", "0.5", "30s", "0s", "30", "-1s", "1.s", "1h30m", "30s\n", "2027-03-31", "2027-02-30",
    "2027-3-1", "20270331", "3027-01-01", "2027-03-31\n", "2027-W01-1", "2027-03-31T00:00", "openai/gpt-4.1",
    "openai/", "/x", "openai", "a/b c", "a/b\n", "a/b\u00a0c", "day", "Day", "block", "low", "LOW", "text", "default",
    "prod", "-", "-a", "a-", "a" * 64, "a" * 65, "n" * 129, "https://x", "https://", "ftp://x", "http://a b",
    "HTTPS://X", "https://x\n", "${env:KEY}", "${env:1}", "${env:}", "${ENV:A}", "${vault:a}", "${file:/a}",
    "${file:a}", "sk-123", "${env:A} ", "os.environ/A", "os.environ/", "${fernet:a b}", "${age:}", [], ["a"], [1],
    [None], [[]], [""], ["a", "a"], ["tools", "Tools"], {}, {"a": 1}, {"type": "text"}, {"type": "xml"},
    {"json_schema": {}}, {"type": None}, {"model": "a/b"}, {"model": None}, {"weight": 1}, {"a": None}, {"usd": -1},
    [{"model": "a/b"}], [{"temperature": 1}], {"openai": {}}, "${env:A}\n", "${file:/a\nb}", "${age:a\nb}",
    "${file:/" + "a" * 2000 + "}", "\u2028", "٣", "½",
)  # fmt: skip
OTHER_KEYS = ("temprature", "llm", "model", "usd", "weight", "x-new", "X-new", "x", "", "defaults")


def changed(document: Document, random: Random) -> Document:
    """The document with one thing changed: a value, a key more or a key less. It may still be valid.

    `environments` and the names below it stay, since the typed model never sees the blocks of other environments.
    """
    made = copy.deepcopy(document)
    named = made.get("environments")
    places = [place for place in _places(made) if place[0] is not named and place[1] != "environments"]
    container: Any
    container, step = random.choice(places) if places else (made, None)
    kind = random.random()
    if isinstance(container, dict) and (kind < 0.15 or step is None):
        step = random.choice(OTHER_KEYS)
    elif kind < 0.25:
        del container[step]
        return made
    container[step] = _other(random, step)
    return made


def _other(random: Random, key: Any) -> Any:
    """Any value; but an `llm` that Python calls false is taken for none by resolving, and never gets there."""
    value = random.choice(OTHER_VALUES)
    return "text" if key == "llm" and value is not None and not value else copy.deepcopy(value)


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every value below a value, as its container and its key or index."""
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)  # type: ignore[assignment]  # pairs, either way
    else:
        return []
    return [place for key, item in inner for place in ((value, key), *_places(item))]
