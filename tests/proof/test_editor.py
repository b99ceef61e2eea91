"""What an editor completes and underlines, by the language server that it runs, with the schemas that `init` writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agentconf.cli.entry import status_of
from tests.proof.language_server import Editor, editor
from tests.support import needs_service

pytestmark = pytest.mark.proof

AGENT = "# yaml-language-server: $schema=../schema/agent.schema.json\n"
SETTINGS = "# yaml-language-server: $schema=../schema/settings.schema.json\n"
DEFAULTS = "# yaml-language-server: $schema=../schema/defaults.schema.json\n"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    program = needs_service("yaml-language-server")
    root = tmp_path_factory.mktemp("editor") / "repository"
    assert status_of(["init", str(root)]) == 0
    with editor(program, root) as one:
        yield one


OFFERED = {
    "a profile": (AGENT + "extends: ", 1, 9, {"careful"}),
    "a profile in a list": (AGENT + "extends:\n  - ", 2, 4, {"careful"}),
    "a model that the tree uses": (AGENT + "llm:\n  model: ", 2, 9, {"anthropic/claude-sonnet-4-6", "openai/gpt-4.1"}),
    "a fallback": (AGENT + "llm:\n  fallbacks:\n    - model: ", 3, 13, {"openai/gpt-4.1-mini"}),
    "an agent that may be called": (AGENT + "delegates:\n  - ", 2, 4, {"assistant", "extractor"}),
    "an environment": (AGENT + "environments:\n  ", 2, 2, {"dev", "prod"}),
    "a key": (AGENT + "llm:\n  ", 2, 2, {"temperature", "max_tokens"}),
    "the default agent": (SETTINGS + "default_agent: ", 1, 15, {"assistant", "extractor"}),
    "an environment to check": (SETTINGS + "environments:\n  - ", 2, 4, {"dev", "prod"}),
    "a provider": (DEFAULTS + "providers:\n  ", 2, 2, {"openai", "anthropic"}),
}


@pytest.mark.parametrize("what", OFFERED)
def test_an_editor_completes(opened: Editor, what: str) -> None:
    text, line, character, wanted = OFFERED[what]
    name = f"agents.d/{what.replace(' ', '-')}.yaml"
    opened.opened(name, text)
    assert wanted <= set(opened.completions(name, line, character))


def test_an_editor_underlines_a_misspelt_key(opened: Editor) -> None:
    (found,) = opened.opened("agents.d/misspelt.yaml", AGENT + "llm:\n  temprature: 0.2\n")
    assert found["range"] == {"start": {"line": 2, "character": 2}, "end": {"line": 2, "character": 12}}
    assert "temprature" in found["message"]


@pytest.mark.parametrize("text", ["extends: newer\n", "delegates: [newer]\n", "llm: {model: openai/newer}\n", "{}\n"])
def test_a_name_that_the_schema_does_not_list_yet_is_left_to_the_validator(opened: Editor, text: str) -> None:
    assert opened.opened(f"agents.d/new-{len(text)}.yaml", AGENT + text) == []


def test_what_init_writes_is_not_underlined(opened: Editor, tmp_path: Path) -> None:
    assert status_of(["init", str(tmp_path / "same")]) == 0
    for file in sorted((tmp_path / "same" / "agents.d").rglob("*.yaml")):
        path = file.relative_to(tmp_path / "same").as_posix()
        assert opened.opened(path, file.read_text()) == [], path
