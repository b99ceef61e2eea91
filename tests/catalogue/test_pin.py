from __future__ import annotations

from dataclasses import replace

from agentconf.catalogue.facts import Facts
from agentconf.catalogue.litellm_file import LiteLLMFile
from agentconf.catalogue.lock import Lock
from agentconf.catalogue.pin import Move, moves, pin
from agentconf.frozen import FrozenDict


def parameters(model: str, provider: str) -> list[str] | None:
    return None if provider == "nobody" else ["temperature", f"{provider}:{model}"]


def test_models_are_locked_as_agents_write_them(litellm: LiteLLMFile) -> None:
    found = pin([("azure-eu/gpt-4.1", "azure"), ("openai/gpt-4.1", None)], (), litellm, parameters)
    assert list(found.lock.models) == ["azure-eu/gpt-4.1", "openai/gpt-4.1"]
    assert found.lock.litellm == litellm.version == "1.106.2"
    facts = found.lock.models["azure-eu/gpt-4.1"]
    assert (facts.source, facts.name, facts.provider) == ("lock", "azure-eu/gpt-4.1", "azure")
    assert facts.parameters == frozenset(("temperature", "azure:gpt-4.1"))


def test_a_name_that_is_two_models_is_locked_as_both(litellm: LiteLLMFile) -> None:
    found = pin([("gateway/gpt-4.1", "azure"), ("gateway/gpt-4.1", "openai")], (), litellm, parameters)
    assert list(found.lock.models) == ["azure/gpt-4.1", "openai/gpt-4.1"]


def test_what_the_tree_alone_knows_has_its_parameters_locked(litellm: LiteLLMFile) -> None:
    found = pin([("local/a", "openai"), ("nobody/b", None)], {"openai/a", "nobody/b"}, litellm, parameters)
    assert found.lock.models["local/a"] == Facts(
        "local/a", "lock", parameters=frozenset(("temperature", "openai:a"))
    )
    assert found.lock.models["nobody/b"] == Facts("nobody/b", "lock")


def test_what_nobody_knows_stays_unknown_and_is_named(litellm: LiteLLMFile) -> None:
    found = pin([("openai/gpt-none", None), ("openai/gpt-4.1", None)], (), litellm, parameters)
    assert found.unknown == ("openai/gpt-none",)
    assert list(found.lock.models) == ["openai/gpt-4.1"]


def test_what_moves_from_one_lock_to_the_next() -> None:
    facts = Facts("a/a", "lock", max_input_tokens=5, capabilities=FrozenDict({"vision": False}))
    old = Lock("1", {"a/a": facts, "a/gone": facts})
    new = Lock("2", {"a/a": replace(facts, max_input_tokens=None, capabilities=FrozenDict({"vision": True})),
                     "a/new": facts})  # fmt: skip
    found = moves(old, new)
    assert (found.added, found.removed) == (("a/new",), ("a/gone",))
    assert found.changed == (
        Move("a/a", "capabilities.vision", False, True), Move("a/a", "max_input_tokens", 5, None),
    )  # fmt: skip
    assert moves(None, new).added == ("a/a", "a/new")
    assert not moves(new, new)
