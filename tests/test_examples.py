"""The programs of examples/, run as their readers run them, against the provider on loopback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentconf.source.folder import read_folder
from agentconf.source.publish import publish_file
from examples.loopback_provider import Behaviour, LoopbackProvider
from tests.support import REPOSITORY, codes_of

EXAMPLES = REPOSITORY / "examples"
KEY = "sk-loopback-5up3r53cr3t"
MODELS = {
    "triage": "mistral-small", "researcher": "gpt-4.1", "empath": "mistral-small", "writer": "gpt-4.1",
    "translator": "gpt-4.1-mini", "archivist": "mistral-small",
}  # fmt: skip


@pytest.fixture
def provider() -> Iterator[LoopbackProvider]:
    with LoopbackProvider() as provider:
        yield provider


@pytest.fixture
def folder(tmp_path: Path, provider: LoopbackProvider) -> Path:
    """A copy of the examples whose tree leads to the provider of the test."""
    shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__"))
    defaults = tmp_path / "examples" / "agents.d" / "_defaults.yaml"
    said = defaults.read_text("utf-8")
    assert "http://127.0.0.1:8401/v1" in said
    defaults.write_text(said.replace("http://127.0.0.1:8401/v1", provider.url), "utf-8")
    return tmp_path


def variables(folder: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AGENTCONF_")}
    ours = {"PYTHONPATH": str(REPOSITORY), "XDG_STATE_HOME": str(folder / "state"), "HOUSE_API_KEY": KEY}
    return {**inherited, **ours, **more}


def ran(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=variables(folder, **more), capture_output=True, text=True,
        check=False, timeout=50,
    )  # fmt: skip


def asked_by(provider: LoopbackProvider) -> list[tuple[str, dict[str, Any]]]:
    """The agent that made each request, by its instructions."""
    told = {}
    for name in MODELS:
        said = (EXAMPLES / "agents.d" / f"{name}.yaml").read_text("utf-8")
        told[said.partition("instructions: ")[2].partition("\n")[0]] = name
    return [(told[one.as_json()["system"]], one.as_json()) for one in provider.requests]


def test_the_tree_of_the_example_is_without_a_finding() -> None:
    assert codes_of(read_folder(EXAMPLES / "agents.d")) == []


def test_the_example_fits_on_a_page() -> None:
    assert len((EXAMPLES / "pipeline.py").read_text("utf-8").splitlines()) < 100


def test_each_agent_of_the_pipeline_calls_its_own_model(folder: Path, provider: LoopbackProvider) -> None:
    provider.tell("*", Behaviour(text="{model} says so", delay_s=0.2))
    letters = [f"Where is parcel {number}?" for number in range(20)]
    done = ran(folder, "examples/pipeline.py", *letters)
    assert (done.returncode, done.stdout) == (0, "gpt-4.1-mini says so\n" * 20)
    asked = asked_by(provider)
    assert sorted(name for name, _ in asked) == sorted([*MODELS] * 20)
    for name, said in asked:
        assert (said["model"], said["key_end"]) == (MODELS[name], KEY[-4:])
        assert said.get("temperature") == {"triage": 0, "empath": 0.7, "translator": 0}.get(name, 0.2)
    assert done.stderr.count("writer > translator: house/gpt-4.1-mini, ") == 20
    assert provider.count("most_at_once") > 20, "letters are answered together, and two agents of each at the same time"


def test_the_pipeline_falls_back(folder: Path, provider: LoopbackProvider) -> None:
    provider.tell("gpt-4.1", Behaviour(status=400))
    provider.tell("*", Behaviour(text="{model} says so"))
    writer_alone = folder / "examples" / "agents.d" / "researcher.yaml"
    writer_alone.write_text(writer_alone.read_text("utf-8").replace("house/gpt-4.1", "house/mistral-small"), "utf-8")
    done = ran(folder, "examples/pipeline.py", "Where is it?")
    assert done.returncode == 0
    assert "writer: house/gpt-4.1-mini, " in done.stderr


def test_the_pipeline_says_in_a_sentence_what_is_missing(folder: Path) -> None:
    done = ran(folder, "examples/pipeline.py", "Where is it?", HOUSE_API_KEY="")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "${env:HOUSE_API_KEY}: the variable is empty\n"


def test_the_pipeline_says_in_a_line_that_there_is_no_provider(folder: Path, provider: LoopbackProvider) -> None:
    provider.tell("*", Behaviour(status=401))
    done = ran(folder, "examples/pipeline.py", "Where is it?")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("litellm.AuthenticationError")
    assert "Traceback" not in done.stderr
    assert KEY not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [((), "usage: python examples/live_call.py TREE"), (("nowhere", "prod", "a", "b"), "there is no folder 'nowhere'")],
)
def test_the_service_says_what_it_was_not_told(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    done = ran(folder, "examples/live_call.py", *arguments)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_an_edit_changes_the_model_of_the_next_call_without_a_restart(folder: Path, provider: LoopbackProvider) -> None:
    provider.tell("*", Behaviour(text="I am {model}."))
    tree = folder / "examples" / "agents.d"
    (tree / "_environments").mkdir()
    (tree / "_environments" / "prod.yaml").write_text("{}")
    command = [sys.executable, "examples/live_call.py", str(tree), "prod", "translator", "Good morning"]
    with subprocess.Popen(command, cwd=folder, env=variables(folder), stdout=subprocess.PIPE, text=True) as service:
        assert service.stdout is not None
        assert service.stdout.readline() == "house/gpt-4.1-mini: I am gpt-4.1-mini.\n"
        edited = (tree / "translator.yaml").read_text("utf-8").replace("house/gpt-4.1-mini", "house/gpt-4.1")
        publish_file(tree / "translator.yaml", edited)
        assert service.stdout.readline() == "house/gpt-4.1: I am gpt-4.1.\n"
        service.terminate()
        assert service.wait(20) == 0


@pytest.mark.proof
def test_the_demo() -> None:
    done = subprocess.run(["make", "demo"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "openai/gpt-4.1-mini: This is gpt-4.1-mini, at your service.\n" in done.stdout
