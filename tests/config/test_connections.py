"""The law of connections: a key never travels to another address or provider.

The reference model is written from the format's page, not from the code: it walks the layers of an agent from the
lowest up and keeps, beside the model in force, the last connection that was written and the provider it was written
for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from agentconf import pipeline
from agentconf.config.agent import Agent
from agentconf.live.machine import machine_layers
from agentconf.snapshot.seal import Sealer
from tests.support import codes_of, judged, resolved, values

KEYS = ("api_base", "api_key", "api_version", "extra_headers")
MODELS = ("openai/gpt-4.1", "openai/gpt-4.1-mini", "mistral/mistral-large-2512", "azure/gpt-4.1", "ollama/llama3")
ENVIRONMENT = "prod"

Llm = dict[str, Any]


# -- trees


@dataclass
class Layers:
    """What each layer of the agent `a` says under `llm`, by the layer's name; `...` where it says nothing."""

    shared: dict[str, Any]
    variants: dict[str, list[Any]]
    machine: dict[str, str] = field(default_factory=dict)

    def in_order(self, environment: str | None, variant: str | None = None) -> Iterator[Any]:
        order = [
            "defaults",
            "folder",
            "environment-defaults",
            "first",
            "second",
            "agent",
            "environment-overrides",
            "agent-environment",
        ]
        for name in order:
            if environment is not None or "environment" not in name:
                yield self.shared[name]
            if name == "agent" and variant is not None:
                yield self.variants[variant][0]
                if environment is not None:
                    yield self.variants[variant][1]

    def tree(self) -> dict[str, Any]:
        said = {name: {} if llm is ... else {"llm": llm} for name, llm in self.shared.items()}
        block = dict(said["agent-environment"])
        agent = {**said["agent"], "extends": ["first", "second"], "environments": {ENVIRONMENT: block}}
        if self.variants:
            agent["variants"] = {name: {"weight": 1, **_llm(pair[0])} for name, pair in self.variants.items()}
            agent["experiment"] = {"control": min(self.variants)}
            block["variants"] = {name: _llm(pair[1]) for name, pair in self.variants.items()}
        return {
            "_defaults": said["defaults"],
            "team/_defaults": said["folder"],
            "_profiles/first": said["first"],
            "_profiles/second": said["second"],
            f"_environments/{ENVIRONMENT}": {
                "defaults": said["environment-defaults"],
                "overrides": said["environment-overrides"],
            },
            "team/a": agent,
        }


def _llm(llm: Any) -> dict[str, Any]:
    return {} if llm is ... else {"llm": llm}


SHARED = (
    "defaults",
    "folder",
    "environment-defaults",
    "first",
    "second",
    "agent",
    "environment-overrides",
    "agent-environment",
)


@st.composite
def trees(draw: Callable[[st.SearchStrategy[Any]], Any]) -> Layers:
    """Any stack of layers without providers. Every value of a connection bears the number of its writer."""
    numbers = count(1)

    def connection() -> Llm:
        number = next(numbers)
        written = {
            "api_base": f"https://host-{number}.example",
            "api_key": f"${{env:KEY_{number}}}",
            "api_version": f"version-{number}",
            "extra_headers": {f"X-{number}": str(number)},
        }
        chosen = draw(st.sets(st.sampled_from(KEYS)))
        nulls = draw(st.sets(st.sampled_from(KEYS), max_size=1)) if chosen else set()
        return {key: None if key in nulls else written[key] for key in KEYS if key in chosen}

    def fallback() -> Llm:
        return {"model": draw(st.sampled_from(MODELS)), **connection()}

    def llm() -> Any:
        kind = draw(st.sampled_from(("absent", "absent", "model", "connection", "both", "fallbacks", "null")))
        if kind in {"absent", "null"}:
            return ... if kind == "absent" else None
        said = {} if kind in {"connection", "fallbacks"} else {"model": draw(st.sampled_from((*MODELS, None)))}
        if kind in {"connection", "both"}:
            said |= connection()
        if kind == "fallbacks":
            said["fallbacks"] = [fallback() for _ in range(draw(st.integers(0, 2)))]
        return said

    variants = {name: [llm(), llm()] for name in draw(st.sampled_from(((), ("one",), ("one", "two"))))}
    machine = {f"AGENTCONF_LLM_{key}": value for key, value in PROCESS.items() if draw(st.booleans())}
    return Layers({name: llm() for name in SHARED}, variants, machine)


PROCESS = {"MODEL": "openai/gpt-4.1", "API_BASE": "https://process.example", "API_KEY": "sk-never-read"}


# -- the reference model


@dataclass
class Walk:
    """The model in force, the connection in force, and the provider that the connection was written for."""

    model: str | None = None
    connection: Llm = field(default_factory=dict)
    provider: str | None = None
    fallbacks: list[Llm] | None = None

    def step(self, llm: Any) -> None:
        if llm is None:
            self.__init__()  # type: ignore[misc]  # null clears all that lies below
        elif llm is not ...:
            self.model = llm.get("model", self.model)
            self.fallbacks = llm.get("fallbacks", self.fallbacks)
            written = {key: llm[key] for key in KEYS if key in llm}
            if written:
                self.connection, self.provider = written, None
            if self.model is not None:
                chosen = self.model.split("/")[0]
                if self.provider not in {None, chosen}:
                    self.connection = {}
                self.provider = chosen if self.connection else None

    def resolved(self) -> Llm:
        return {key: value for key, value in self.connection.items() if value is not None}


def walked(said: Iterable[Any]) -> Walk:
    walk = Walk()
    for llm in said:
        walk.step(llm)
    return walk


def connection_of(entry: Llm) -> Llm:
    return {key: entry[key] for key in KEYS if key in entry}


def writers(entry: Llm) -> set[str]:
    """The numbers that the values of a connection bear."""
    text = str({**connection_of(entry), "extra_headers": list(entry.get("extra_headers", ()))})
    return set("".join(character if character.isdigit() else " " for character in text).split())


# -- the law


@given(trees(), st.sampled_from((None, ENVIRONMENT)))
def test_every_connection_is_the_one_that_the_law_gives(layers: Layers, environment: str | None) -> None:
    verdict, kept, _ = judged(pipeline.draft(values(layers.tree())), environment)
    assert not [finding for finding in verdict.findings if finding.is_error]
    config = kept["a"].config
    assert_lawful(config.get("llm", {}), walked(layers.in_order(environment)))
    for name in layers.variants:
        assert_lawful(config["variants"][name]["llm"], walked(layers.in_order(environment, name)))


def assert_lawful(llm: Llm, walk: Walk) -> None:
    assert llm.get("model") == walk.model
    assert connection_of(llm) == walk.resolved()
    written = walk.fallbacks or []
    assert len(llm.get("fallbacks", ())) == len(written)
    for fallback, entry in zip(llm.get("fallbacks", ()), written, strict=True):
        assert fallback["model"] == entry["model"]
        assert connection_of(fallback) == {key: entry[key] for key in KEYS if entry.get(key) is not None}


@given(trees(), st.sampled_from((None, ENVIRONMENT)))
def test_what_stands_together_was_written_together(layers: Layers, environment: str | None) -> None:
    """Without the reference model: the values of one connection have one writer."""
    _, kept, _ = judged(pipeline.draft(values(layers.tree())), environment)
    config = kept["a"].config
    chains = [config.get("llm", {}), *(variant["llm"] for variant in config.get("variants", {}).values())]
    for llm in chains:
        for entry in (llm, *llm.get("fallbacks", ())):
            assert len(writers(entry)) <= 1


@given(trees(), st.sampled_from((None, ENVIRONMENT)))
def test_what_the_tree_connects_does_not_depend_on_the_machine(layers: Layers, environment: str | None) -> None:
    """The machine's connection is used whole and with its own provider, or not at all; never mixed with the tree's."""
    served: dict[str, Agent] = {}
    machine = machine_layers(layers.machine)
    pipeline.judge(
        pipeline.draft(values(layers.tree())),
        environment,
        lambda agent, _: served.update({agent.id: Sealer().seal(agent)}),
        machine,
    )
    of_machine = walked({**layer.config["llm"], **(layer.connection or {})} for layer in machine)
    of_tree = walked(layers.in_order(environment))
    is_cut = None in layers.in_order(environment)
    primary = served["a"].llm.model_dump()
    assert primary["model"] == (
        of_tree.model or (None if is_cut or "model" in written_keys(layers, environment) else of_machine.model)
    )
    connection = {key: primary[key] for key in KEYS if primary[key] is not None}
    if of_tree.connection:
        assert connection == of_tree.resolved()
    elif connection:
        assert connection == of_machine.resolved()
        assert (primary["model"] or f"{of_machine.provider}/").split("/")[0] == of_machine.provider


def written_keys(layers: Layers, environment: str | None) -> set[str]:
    """The keys of `llm` that any layer of the tree writes."""
    return {key for llm in layers.in_order(environment) if isinstance(llm, dict) for key in llm}


# -- where providers are declared


NAMES = ("openai", "azure", "mistral")


@st.composite
def provider_trees(draw: Callable[[st.SearchStrategy[Any]], Any]) -> dict[str, Any]:
    """What each layer says under `providers`; every entry bears the number of its writer."""
    numbers = count(1)

    def entry() -> Any:
        number = next(numbers)
        written = {
            "type": "openai",
            "api_base": f"https://host-{number}.example",
            "api_key": f"${{env:KEY_{number}}}",
            "extra_headers": {f"X-{number}": str(number)},
            "params": {f"p{number}": {"deep": number}},
        }
        chosen = draw(st.none() | st.sets(st.sampled_from(sorted(written))))
        return None if chosen is None else {key: value for key, value in written.items() if key in chosen}

    def providers() -> Any:
        names = draw(st.sampled_from((..., None)) | st.sets(st.sampled_from(NAMES)))
        return {name: entry() for name in sorted(names)} if isinstance(names, set) else names

    return {name: providers() for name in SHARED if name not in {"agent", "agent-environment"}}


@given(provider_trees())
def test_an_entry_of_providers_is_the_highest_layers_whole_and_never_merged(said: dict[str, Any]) -> None:
    expected: dict[str, Any] = {}
    for name in ("defaults", "folder", "environment-defaults", "first", "second", "environment-overrides"):
        if said[name] is None:
            expected = {}
        elif said[name] is not ...:
            expected |= said[name]
    expected = {name: entry for name, entry in expected.items() if entry is not None}
    # providers that were declared and all cleared leave an agent none that it may use: no resolved agent to look at
    declared = [entry for one in said.values() if isinstance(one, dict) for entry in one.values()]
    assume(expected or all(entry is None for entry in declared))
    model = f"{min(expected, default='openai')}/any"
    config = resolved(values(with_providers(said, {"model": model})), environment=ENVIRONMENT)
    assert config.get("providers", {}) == expected


def with_providers(said: dict[str, Any], llm: Llm) -> dict[str, Any]:
    def layer(name: str) -> dict[str, Any]:
        return {} if said[name] is ... else {"providers": said[name]}

    return {
        "_defaults": layer("defaults"),
        "team/_defaults": layer("folder"),
        "_profiles/first": layer("first"),
        "_profiles/second": layer("second"),
        f"_environments/{ENVIRONMENT}": {
            "defaults": layer("environment-defaults"),
            "overrides": layer("environment-overrides"),
        },
        "team/a": {"extends": ["first", "second"], "llm": llm},
    }


@given(trees(), st.sampled_from((None, ENVIRONMENT)))
def test_where_providers_are_declared_every_own_connection_is_refused_even_one_that_is_dropped(
    layers: Layers, environment: str | None
) -> None:
    tree = layers.tree()
    tree["_defaults"] = {
        **tree["_defaults"],
        "providers": {"openai": {"api_key": "${env:OPENAI_API_KEY}"}, "mistral": {}},
    }
    verdict, kept, _ = judged(pipeline.draft(values(tree)), environment)
    said = [llm for name in (None, *layers.variants) for llm in layers.in_order(environment, name)]
    refused = [finding for finding in verdict.findings if finding.code == "AC404"]
    assert bool(refused) == any(connects(llm) for llm in said)
    for agent in kept.values():
        chains = [
            agent.config.get("llm", {}),
            *(variant["llm"] for variant in agent.config.get("variants", {}).values()),
        ]
        for llm in chains:
            for entry in (llm, *llm.get("fallbacks", ())):
                assert not connection_of(entry)
                assert entry.get("model", "openai/").split("/")[0] in {"openai", "mistral"}


def connects(llm: Any) -> bool:
    """Whether a layer writes a connection key, or one of its fallbacks does; null writes none."""
    if not isinstance(llm, dict):
        return False
    return any(entry.get(key) is not None for entry in (llm, *llm.get("fallbacks", ())) for key in KEYS)


PROVIDERS = {"providers": {"openai": {"api_key": "${env:OPENAI_API_KEY}"}}, "llm": {"model": "openai/gpt-4.1"}}


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize("place", ["_defaults", "_profiles/p", "a", "environments", "variants", "fallbacks"])
def test_every_connection_key_is_refused_in_every_layer(key: str, place: str) -> None:
    written = {
        "api_base": "https://h.example",
        "api_key": "${env:K}",
        "api_version": "1",
        "extra_headers": {"X-A": "b"},
    }[key]
    own = {"llm": {"model": "openai/gpt-4.1", key: written}}
    agent: dict[str, Any] = {"extends": "p"}
    tree = {"_defaults": PROVIDERS, "_profiles/p": {}, "_environments/prod": {}, "a": agent}
    if place == "environments":
        agent["environments"] = {"prod": own}
    elif place == "variants":
        agent |= {"variants": {"v": {"weight": 1, **own}}, "experiment": {"control": "v"}}
    elif place == "fallbacks":
        agent["llm"] = {"fallbacks": [own["llm"]]}
    else:
        tree[place] = {**tree[place], **own}
    assert codes_of(values(tree)) == ["AC404"]


def test_null_under_llm_clears_the_connection_with_everything_else() -> None:
    low = {"llm": {"model": "openai/gpt-4.1", "api_key": "${env:ONE}"}}
    tree = values(
        {
            "_defaults": low,
            "_profiles/none": {"llm": None},
            "a": {"extends": "none", "llm": {"model": "openai/gpt-4.1"}},
        }
    )
    assert resolved(tree)["llm"] == {"model": "openai/gpt-4.1"}


def test_an_empty_entry_declares_a_provider() -> None:
    draft = pipeline.draft(
        values({"_defaults": {"providers": {"ollama": {}}}, "a": {"llm": {"model": "openai/gpt-4.1"}}})
    )
    assert draft.config.declares_providers
    assert [finding.code for finding in pipeline.judge(draft, None).findings] == ["AC310"]


@pytest.mark.parametrize("providers", [None, {}, {"openai": None}, {"x-openai": {"api_key": "${env:KEY}"}}])
def test_what_is_cleared_or_switched_off_declares_none(providers: object) -> None:
    draft = pipeline.draft(values({"_defaults": {"providers": providers}, "a": {"llm": {"model": "openai/gpt-4.1"}}}))
    assert not draft.config.declares_providers
    assert pipeline.judge(draft, None).findings == ()
