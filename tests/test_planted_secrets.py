"""A literal that was put where a reference belongs, or near it, is repeated nowhere: in no finding, in nothing shown.

The planted secrets look like nothing a pattern could know; only the place they stand in gives them away.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from agentconf import pipeline
from agentconf.cli.entry import status_of
from agentconf.config.resolve import Resolver
from agentconf.errors import AgentconfError, InvalidConfig
from agentconf.live.load import seal
from agentconf.snapshot.explanation import explain, leaf_paths
from agentconf.snapshot.wire import config_json
from agentconf.source.tree import Tree
from tests.rules.keys import planted as formats
from tests.rules.trees import plant
from tests.support import texts

FORMATS = ("text", "concise", "json", "github", "gitlab", "sarif", "junit", "markdown")
DIFF_FORMATS = ("text", "markdown", "json")


@cache
def keys() -> dict[str, str]:
    """One key of each format that is planted below."""
    return formats.planted() | {"Mistral": "api-key: " + formats.without_format()["Mistral"]}


SECRET = "correcthorse-battery-staple"
LIKE_A_KEY = "sk-correcthorse0123456789"

PLANTS = {
    "api_key, block": "llm:\n  model: openai/gpt-4.1\n  api_key: {}\n",
    "api_key, flow": "llm: {{model: openai/gpt-4.1, api_key: {}}}\n",
    "api_key, quoted": "llm: {{model: openai/gpt-4.1, api_key: '{}'}}\n",
    "api_key, block scalar": "llm:\n  model: openai/gpt-4.1\n  api_key: |\n    {}\n",
    "api_key, beside a reference": "llm: {{model: openai/gpt-4.1, api_key: '${{env:KEY}} {}'}}\n",
    "api_key, as an unknown source": "llm: {{model: openai/gpt-4.1, api_key: '${{plain:{}}}'}}\n",
    "api_key, as the source itself": "llm: {{model: openai/gpt-4.1, api_key: '${{{}:x}}'}}\n",
    "api_key, as a variable's name": "llm: {{model: openai/gpt-4.1, api_key: '${{env:{}}}'}}\n",
    "api_key, in a list": "llm: {{model: openai/gpt-4.1, api_key: [{}]}}\n",
    "api_key, in a mapping": "llm: {{model: openai/gpt-4.1, api_key: {{value: {}}}}}\n",
    "api_key, as a key": "llm: {{model: openai/gpt-4.1, api_key: {{{}: 1}}}}\n",
    "api_key, through an alias": "x-key: &key {}\nllm: {{model: openai/gpt-4.1, api_key: *key}}\n",
    "api_key, with a tag": "llm: {{model: openai/gpt-4.1, api_key: !!str {}}}\n",
    "api_key, doubled": "llm: {{model: openai/gpt-4.1, api_key: '${{env:KEY}}', api_key: {}}}\n",
    "api_key of a fallback": "llm: {{model: openai/gpt-4.1, fallbacks: [{{model: a/b, api_key: {}}}]}}\n",
    "api_key of a variant": "variants: {{v: {{weight: 1, llm: {{api_key: {}}}}}}}\nexperiment: {{control: v}}\n",
    "api_key in an environment": "llm: {{model: a/b}}\nenvironments: {{prod: {{llm: {{api_key: {}}}}}}}\n",
    "a header": "llm:\n  model: openai/gpt-4.1\n  extra_headers:\n    Authorization: Bearer {}\n",
    "a header, flow": "llm: {{model: openai/gpt-4.1, extra_headers: {{x-api-key: {}}}}}\n",
    "a header, half a reference": "llm: {{model: openai/gpt-4.1, extra_headers: {{X-Any: '${{env:A}}{}'}}}}\n",
    "a header, of the wrong type": "llm: {{model: openai/gpt-4.1, extra_headers: {{Authorization: [{}]}}}}\n",
    "headers, as a text": "llm: {{model: openai/gpt-4.1, extra_headers: '{}'}}\n",
    "an unknown key beside": "llm:\n  model: openai/gpt-4.1\n  api_kee: {}\n",
    "an unknown key at the top": "llm: {{model: openai/gpt-4.1}}\napi_key: {}\n",
    "an unknown key's mapping": "llm: {{model: openai/gpt-4.1, credentials: {{key: {}}}}}\n",
    "extra": "llm: {{model: openai/gpt-4.1, extra: {{api_key: {}}}}}\n",
    "extra, nested": "llm: {{model: openai/gpt-4.1, extra: {{extra_body: {{token: {}}}}}}}\n",
    "before a syntax error": "llm:\n  model: openai/gpt-4.1\n  api_key: {}\n tags: [\n",
    "in a syntax error": "llm:\n  model: openai/gpt-4.1\n  api_key: {}: x\n",
    "in an unclosed quote": "llm:\n  model: openai/gpt-4.1\n  api_key: '{}\n",
    "an undefined alias": "llm:\n  model: openai/gpt-4.1\n  api_key: *{}\n",
    "a doubled anchor": "llm: &{0} {{model: openai/gpt-4.1}}\nmetadata: &{0} {{a: *{0}}}\ntags: *{0}\n",
    "llm, as a text": "llm: {}\n",
}
PROVIDER_PLANTS = {
    "api_key of a provider": "providers:\n  openai:\n    api_key: {}\n",
    "api_key of a provider, flow": "providers: {{openai: {{api_key: {}}}}}\n",
    "an entry that is a text": "providers: {{openai: {}}}\n",
    "a header of a provider": "providers: {{openai: {{extra_headers: {{Authorization: Bearer {}}}}}}}\n",
    "params": "providers:\n  bedrock:\n    params:\n      aws_secret_access_key: {}\n",
    "params, flow": "providers: {{vertex_ai: {{params: {{vertex_credentials: '{}'}}}}}}\n",
    "params, nested": "providers: {{vertex_ai: {{params: {{vertex_credentials: {{private_key: '{}'}}}}}}}}\n",
    "params, as a text": "providers: {{vertex_ai: {{params: '{}'}}}}\n",
    "an unknown key of a provider": "providers: {{openai: {{apikey: {}}}}}\n",
    "credentials": "providers: {{bedrock: {{credentials: {}}}}}\n",
}

TREES = {
    **{name: {"a.yaml": text, "_environments/prod.yaml": "{{}}\n"} for name, text in PLANTS.items()},
    **{
        name: {
            "_defaults.yaml": text,
            "a.yaml": "llm: {{model: openai/gpt-4.1}}\n",
            "_environments/prod.yaml": "{{}}\n",
        }
        for name, text in PROVIDER_PLANTS.items()
    },
}


IN_TEXT = {
    "a comment": {"a.yaml": "# {}\nllm: {{model: openai/gpt-4.1}}\n"},
    "a comment behind a mistake": {"a.yaml": "llm: {{model: openai/gpt-4.1, temprature: 1}}  # {}\n"},
    "a block scalar": {"a.yaml": "llm: {{model: openai/gpt-4.1}}\ninstructions: |\n  Use this:\n  {}\n"},
    "a prompt file": {
        "a.yaml": "llm: {{model: openai/gpt-4.1}}\ninstructions_file: a.md\n",
        "a.md": "Use this: {}\n",
    },
    "metadata": {"a.yaml": "llm: {{model: openai/gpt-4.1}}\nmetadata: {{note: '{}'}}\n"},
    "settings": {"a.yaml": "llm: {{model: openai/gpt-4.1}}\n", "_settings.yaml": "# {}\nformat: 1\n"},
    "an address": {
        "a.yaml": "llm: {{model: openai/gpt-4.1}}\n",
        "_defaults.yaml": "providers:\n  openai: {{api_base: 'http://me:{}@example.com/v1'}}\n",
    },
}
"""Where only its look gives a key away."""


def planted(name: str, secret: str) -> Tree:
    return texts({path: text.format(secret) for path, text in TREES[name].items()})


def everything_shown(tree: Tree) -> Iterator[Any]:
    """Whatever a person may get to see of a tree: findings, errors, snapshots, explanations, what `show` prints."""
    draft = pipeline.draft(tree)
    for environment in (None, "prod"):
        verdict = pipeline.judge(draft, environment)
        for finding in verdict.findings:
            yield from (str(finding), repr(finding), json.dumps(finding.as_json()))
        snapshot = seal(draft, environment)
        yield from (repr(snapshot), repr(dict(snapshot)), [agent.model_dump_json() for agent in snapshot.values()])
        try:
            snapshot.require_valid()
        except InvalidConfig as error:
            yield from (str(error), repr(error))
        try:
            yield repr(snapshot.explain("a", "llm.api_key"))
        except AgentconfError as error:
            yield from (str(error), repr(error))


@pytest.mark.parametrize("secret", [SECRET, LIKE_A_KEY])
@pytest.mark.parametrize("name", TREES)
def test_a_planted_secret_is_repeated_nowhere(name: str, secret: str) -> None:
    shown = list(everything_shown(planted(name, secret)))
    assert not [text for text in shown if secret in str(text) or "correcthorse" in str(text)]


PLACES_OF_KEYS = ("api_key", "Authorization", "x-api-key", "aws_secret_access_key", "vertex_credentials", "private_key")


@pytest.mark.parametrize(
    "name", [name for name in TREES if any(f"{place}:" in str(TREES[name]) for place in PLACES_OF_KEYS)]
)
def test_a_literal_in_a_secrets_place_is_not_explained_or_shown_even_where_it_resolves(name: str) -> None:
    draft = pipeline.draft(planted(name, SECRET))
    resolver = Resolver(draft.config, None)
    if not draft.config.agents["a"].document.is_readable:
        return
    try:
        agent = resolver.resolve(draft.config.agents["a"])
    except (TypeError, AttributeError):
        return  # of the wrong type altogether: the line never resolves it
    assert "correcthorse" not in json.dumps(config_json(agent.config))
    for path in leaf_paths(agent.config):
        said = explain(resolver, agent, path).as_json() | {"key": "what was asked for"}
        assert "correcthorse" not in json.dumps(said)
    for whole in agent.config:
        assert "correcthorse" not in json.dumps(explain(resolver, agent, (whole,)).as_json())


@pytest.mark.parametrize("name", TREES)
def test_each_of_these_is_found(name: str) -> None:
    """The plants are mistakes, all but the ones that only sit beside a mistake."""
    findings = [
        finding for finding in seal(pipeline.draft(planted(name, SECRET)), "prod").diagnostics if finding.is_error
    ]
    assert findings


@pytest.mark.parametrize("kind", keys())
@pytest.mark.parametrize("name", IN_TEXT)
def test_a_key_in_a_text_is_found_and_shown_by_no_report_and_kept_in_no_cache(
    name: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    key = keys()[kind]
    plant(tmp_path / "agents.d", {path: text.format(key) for path, text in IN_TEXT[name].items()})
    plant(tmp_path / "empty", {"a.yaml": "llm: {model: openai/gpt-4.1-mini}\n"})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr("agentconf.cli.console.is_terminal", lambda: True)  # excerpts are for people
    shown = []
    for form in FORMATS:
        assert status_of(["validate", "--format", form]) == 1
        said = capsys.readouterr()
        assert "AC40" in said.out
        shown.append(said.out + said.err)
    for form in DIFF_FORMATS:
        for sides in (("empty", "agents.d"), ("agents.d", "empty")):
            assert status_of(["diff", *sides, "--format", form]) == 0
            said = capsys.readouterr()
            shown.append(said.out + said.err)
    shown += [path.read_text("utf-8", "replace") for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    body = key.rpartition("\\n")[2]
    pieces = [body[at : at + 12] for at in range(4, len(body) - 12)]
    assert not [piece for piece in pieces if any(piece in text for text in shown)]


def test_a_password_in_an_address_is_not_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    address = f"https://someone:{SECRET}@llm.example.com/v1"
    defaults = f"providers: {{openai: {{api_base: '{address}'}}}}\n"
    root = plant(tmp_path / "agents.d", {"_defaults.yaml": defaults, "a.yaml": "llm: {model: openai/x}\n"})
    for form in ("text", "json"):
        for arguments in (["show", "a"], ["explain", "a"], ["explain", "a", "providers"]):
            assert status_of([*arguments, "--path", str(root), "--format", form]) == 0
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert "https://***@llm.example.com/v1" in said.out
