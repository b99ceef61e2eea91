from __future__ import annotations

import json
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import agentconf
from agentconf.cli import events
from agentconf.config.agent import Agent
from agentconf.live.change import Change
from agentconf.snapshot.snapshot import Snapshot
from agentconf.testing import snapshot_of
from tests.cli.console import REPOSITORY, Console

DEADLINE_S = 20.0
GOOD = "llm: {{model: openai/gpt-4.1, temperature: {}}}\n"
TYPO = "llm:\n  model: openai/gpt-4.1\n  temprature: 0.2\n"
FINDING = "error AC102 unknown key 'temprature' under llm (did you mean 'temperature'?)"
KEYS = ["event", "generation", "digest", "created", "changed", "deleted", "quarantined", "diagnostics", "took_ms",
        "reason"]  # fmt: skip


class Stream:
    """What a process says on one descriptor, read as it comes."""

    def __init__(self, descriptor: int) -> None:
        self.text = ""
        self.has_ended = False
        self._descriptor = descriptor

    def until(self, condition: Callable[[str], Any], what: str) -> str:
        """All that was said once a condition holds of it. Fails by name behind the deadline."""
        end = time.monotonic() + DEADLINE_S
        while not condition(self.text):
            left = end - time.monotonic()
            if left < 0 or self.has_ended:
                pytest.fail(f"{what} was not said, but {self.text!r}")
            if select.select([self._descriptor], [], [], left)[0]:
                self._read()
        return self.text

    def rest(self) -> str:
        """All that was said, once there is no more."""
        while not self.has_ended:
            self._read()
        return self.text

    def _read(self) -> None:
        try:
            chunk = os.read(self._descriptor, 65536)
        except OSError:  # Linux answers so once the other side has closed the terminal
            chunk = b""
        self.has_ended = not chunk
        self.text += chunk.decode().replace("\r\n", "\n")


class Watching:
    """`agentconf watch` in a process of its own."""

    def __init__(self, folder: Path, *arguments: str, on_terminal: bool = False, **variables: str) -> None:
        inherited = {name: said for name, said in os.environ.items() if not name.startswith("AGENTCONF_")}
        cache = {"PYTHONPATH": str(REPOSITORY), "XDG_CACHE_HOME": str(folder / "cache-home"), "TERM": "xterm"}
        ours, theirs = pty.openpty() if on_terminal else os.pipe()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "agentconf", "watch", *arguments],
            cwd=folder, env={**inherited, **cache, **variables},
            stdin=subprocess.DEVNULL, stdout=theirs, stderr=subprocess.PIPE,
        )  # fmt: skip
        os.close(theirs)
        assert self.process.stderr is not None
        self.output = ours
        self.out, self.err = Stream(ours), Stream(self.process.stderr.fileno())

    def line(self, number: int) -> str:
        """A line of the output, once it is there."""
        return self.out.until(lambda text: text.count("\n") > number, f"line {number}").splitlines()[number]

    def event(self, number: int) -> Any:
        """The same, as JSON."""
        return json.loads(self.line(number))

    def noted(self, text: str) -> str:
        """What was said on standard error, once a text is in it."""
        return self.err.until(lambda said: text in said, text)

    def ends(self, number: int | None = None) -> int:
        """The exit status, after a signal."""
        if number is not None:
            self.process.send_signal(number)
        return self.process.wait(DEADLINE_S)


Watch = Callable[..., Watching]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A folder with three agents in `agents.d`, in which the command runs."""
    for name in ("a", "b", "c"):
        put(tmp_path, name, GOOD.format(0.2))
    return tmp_path


@pytest.fixture
def watch(tree: Path) -> Iterator[Watch]:
    """Starts the command; what still runs in the end is ended."""
    started: list[Watching] = []

    def start(*arguments: str, **options: Any) -> Watching:
        started.append(Watching(tree, *arguments, **options))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.wait()
        os.close(one.output)
        assert one.process.stderr is not None
        one.process.stderr.close()


def put(folder: Path, agent: str, text: str) -> None:
    """Write an agent's file as publishers do."""
    (folder / "agents.d").mkdir(exist_ok=True)
    agentconf.publish_file(folder / "agents.d" / f"{agent}.yaml", text)


def remove(folder: Path, agents: str) -> None:
    for agent in agents:
        (folder / "agents.d" / f"{agent}.yaml").unlink()


# -- what happens


def test_text_says_what_is_served_what_changed_and_what_is_refused(tree: Path, watch: Watch) -> None:
    watching = watch()
    assert watching.line(0)[8:].startswith(" ready   generation 1, ")
    assert watching.line(0).endswith(": agents.d has 3 agents")
    put(tree, "a", GOOD.format(0.3))
    assert watching.line(1)[8:].startswith(" applied generation 2, ")
    assert watching.line(1).endswith(": a: llm.temperature 0.2 -> 0.3")
    put(tree, "a", TYPO)
    assert watching.line(2).endswith(": a")
    assert watching.line(2)[8:].startswith(" refused generation 2, ")
    assert watching.line(3) == f"  agents.d/a.yaml:3:3: {FINDING}"
    put(tree, "d", GOOD.format(0.2))
    assert watching.line(4).endswith(": created d; refused: a")
    put(tree, "a", GOOD.format(0.4))
    assert watching.line(5).endswith(": a: llm.temperature 0.3 -> 0.4")
    remove(tree, "d")
    assert watching.line(6).endswith(": deleted d")


def test_json_has_the_published_keys_and_each_line_comes_at_once(tree: Path, watch: Watch) -> None:
    watching = watch("--format", "json")
    ready = watching.event(0)
    assert list(ready) == KEYS
    assert (ready["event"], ready["generation"], ready["quarantined"]) == ("ready", 1, [])
    assert ready["digest"] == agentconf.load(tree / "agents.d").digest
    put(tree, "b", GOOD.format(0.3))
    applied = watching.event(1)
    assert list(applied) == KEYS
    assert (applied["event"], applied["generation"]) == ("applied", 2)
    assert (applied["created"], applied["deleted"]) == ([], [])
    assert applied["changed"] == {"b": ["llm.temperature"]}
    put(tree, "b", TYPO)
    refused = watching.event(2)
    assert list(refused) == KEYS
    assert (refused["event"], refused["generation"], refused["quarantined"]) == ("refused", 2, ["b"])
    assert [(one["code"], one["line"]) for one in refused["diagnostics"]] == [("AC102", 3)]


def test_what_was_refused_before_the_start_is_said_with_ready(tree: Path, watch: Watch) -> None:
    put(tree, "b", TYPO)
    watching = watch()
    assert watching.line(0).endswith(": agents.d has 2 agents; refused: b")
    assert watching.line(1) == f"  agents.d/b.yaml:3:3: {FINDING}"


def test_a_restart_in_front_of_an_error_serves_the_last_good(tree: Path, watch: Watch) -> None:
    first = watch()
    first.line(0)
    assert first.ends(signal.SIGTERM) == 0
    put(tree, "b", TYPO)
    assert watch().line(0).endswith(": agents.d has 3 agents; refused: b")
    assert watch("--no-last-good").line(0).endswith(": agents.d has 2 agents; refused: b")
    kept = watch("--last-good", str(tree / "kept"))
    assert kept.line(0).endswith(": agents.d has 2 agents; refused: b")
    assert kept.ends(signal.SIGTERM) == 0
    assert (tree / "kept").is_dir()


def test_transactional_refuses_the_whole_change(tree: Path, watch: Watch) -> None:
    watching = watch("--mode", "transactional", "--format", "json")
    watching.line(0)
    put(tree, "a", TYPO)
    assert watching.event(1)["event"] == "refused"
    put(tree, "b", GOOD.format(0.9))
    assert watching.event(2)["event"] == "refused"
    put(tree, "a", GOOD.format(0.2))
    assert watching.event(3)["changed"] == {"b": ["llm.temperature"]}


def test_the_environment_and_the_folder_are_chosen_as_elsewhere(tree: Path, watch: Watch) -> None:
    (tree / "agents.d" / "_environments").mkdir()
    (tree / "agents.d" / "_environments" / "prod.yaml").write_text("{}\n")
    (tree / "agents.d").rename(tree / "served")
    assert watch("served", "-e", "prod").line(0).endswith(": served has 3 agents in prod")
    chosen = watch(AGENTCONF_DIR="served", AGENTCONF_ENVIRONMENT="prod")
    assert chosen.line(0).endswith(": served has 3 agents in prod")


def test_a_folder_that_is_gone_and_back_is_said_beside_the_output(tree: Path, watch: Watch) -> None:
    watching = watch("--format", "json")
    watching.line(0)
    (tree / "agents.d").rename(tree / "away")
    said = watching.noted("what was served last is served on\n")
    assert said[8:].startswith(" stale: there is no folder 'agents.d'")
    (tree / "away").rename(tree / "agents.d")
    said = watching.noted("fresh: what is served is what the folder says\n")
    assert said.count("\n") == 2
    assert watching.ends(signal.SIGTERM) == 0
    assert watching.out.rest().count("\n") == 1


# -- deletes


def test_a_mass_disappearance_is_confirmed_for_whoever_shares_the_last_good(tree: Path, watch: Watch) -> None:
    for name in "defgh":
        put(tree, name, GOOD.format(0.2))
    service = watch()
    service.line(0)
    remove(tree, "abcdef")
    said = service.noted("stale: 6 agents disappeared at once (a, b, c and 3 more)")
    assert "run 'agentconf watch agents.d --accept-deletes'; what was served last is served on" in said
    confirming = watch("--accept-deletes")
    assert confirming.line(0).endswith(": agents.d has 8 agents")
    confirming.noted("confirmed: 6 agents deleted: a, b, c, d, e, f\n")
    for one in (confirming, service):
        assert one.line(1).endswith(": deleted a, b, c and 3 more")
    put(tree, "g", GOOD.format(0.3))
    assert confirming.line(2).endswith(": g: llm.temperature 0.2 -> 0.3")


def test_where_nothing_is_missing_nothing_is_confirmed(tree: Path, watch: Watch) -> None:
    watching = watch("--accept-deletes")
    watching.noted("nothing is missing, and there is nothing to confirm\n")
    put(tree, "a", GOOD.format(0.3))
    watching.line(1)


def test_a_folder_that_is_gone_is_confirmed_like_agents(tree: Path, watch: Watch) -> None:
    first = watch()
    first.line(0)
    assert first.ends(signal.SIGTERM) == 0
    (tree / "agents.d").rename(tree / "away")
    watching = watch("--accept-deletes")
    watching.noted("confirmed: 3 agents deleted: a, b, c\n")
    watching.noted("stale: there is no folder 'agents.d'")
    assert watching.line(0).endswith(": agents.d has 3 agents")
    assert watching.line(1).endswith(": deleted a, b, c")


# -- how it begins and ends


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_cleanly(watch: Watch, number: int, status: int) -> None:
    watching = watch()
    watching.line(0)
    assert watching.ends(number) == status
    assert watching.err.rest().strip() == ""


@pytest.mark.parametrize("form", ["text", "json"])
def test_it_ends_when_the_reader_has_gone_though_nothing_happens(watch: Watch, form: str) -> None:
    watching = watch("--format", form)
    watching.line(0)
    nowhere = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nowhere, watching.output)
    os.close(nowhere)
    assert watching.ends() == 2
    assert watching.err.rest() == ""


@pytest.mark.parametrize("arguments", [("no-such-folder",), ("-e", "nowhere"), ("--no-last-good", "--accept-deletes"),
                                       ("--no-last-good", "--last-good", "x"), ("--mode", "some")])  # fmt: skip
def test_what_cannot_be_watched_is_one_line_and_status_2(watch: Watch, arguments: tuple[str, ...]) -> None:
    watching = watch(*arguments)
    assert watching.ends() == 2
    assert watching.out.rest() == ""
    said = watching.err.rest()
    assert said.startswith("agentconf: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_tree_of_which_nothing_can_be_served_is_reported_as_by_validate(
    tree: Path, watch: Watch, form: str
) -> None:
    for name in "abc":
        put(tree, name, TYPO)
    watching = watch("--format", form)
    assert watching.ends() == 1
    said = watching.out.rest()
    if form == "text":
        assert said.splitlines() == [
            *(f"agents.d/{name}.yaml:3:3: {FINDING}" for name in "abc"),
            "agents.d: 3 files, 3 agents: 3 errors, 0 warnings",
        ]
    else:
        refused = json.loads(said)
        assert list(refused) == KEYS
        assert (refused["event"], refused["generation"], refused["digest"]) == ("refused", 0, None)
        assert refused["quarantined"] == ["a", "b", "c"]
        assert len(refused["diagnostics"]) == 3
    assert watching.err.rest() == "nothing of it can be served, and there is no last good\n"


def test_colours_are_for_a_terminal(tree: Path, watch: Watch) -> None:
    coloured = watch(on_terminal=True)
    assert "\x1b[36m\x1b[1mready" in coloured.line(0)
    put(tree, "a", TYPO)
    assert "\x1b[31m\x1b[1mrefused" in coloured.line(1)
    assert coloured.line(2) == f"  agents.d/a.yaml:3:3: {FINDING}"
    plain = watch(on_terminal=True, NO_COLOR="1")
    assert "\x1b" not in plain.line(0)
    assert "\x1b" not in watch().line(0)


def test_the_errors_of_a_start_come_with_their_lines_on_a_terminal(tree: Path, watch: Watch) -> None:
    for name in "abc":
        put(tree, name, TYPO)
    watching = watch(on_terminal=True, NO_COLOR="1")
    assert "3 |   temprature: 0.2\n  |   ^^^^^^^^^^ did you mean 'temperature'?\n" in watching.out.rest()
    assert watching.ends() == 1


def test_the_command_is_listed_and_completed(console: Console) -> None:
    assert "\n  watch     Print what is applied" in console("--help").out
    shown = console("watch", "--help").out
    assert "agentconf watch -e prod" in shown


# -- the text of a change


def snapshots(before: dict[str, Any], after: dict[str, Any]) -> Change:
    def made(agents: dict[str, Any]) -> Snapshot:
        return snapshot_of({"_defaults": {"llm": {"model": "openai/gpt-4.1"}}, **agents})

    return Change(made(before), made(after))


def test_a_line_names_three_agents_with_three_keys_each() -> None:
    before = {f"agent-{number}": {"owner": "x", "llm": {"temperature": 0.1}} for number in range(9)}
    after = {name: {"owner": "y", "name": "n", "description": "d", "tags": ["t"], **said} for name, said in
             ((name, {"llm": {"temperature": 0.2}}) for name in before)}  # fmt: skip
    text = events.change_text(snapshots(before, after))
    assert text.startswith('agent-0: description unset -> "d", llm.temperature 0.1 -> 0.2, name unset -> "n", ')
    assert text.count("and 2 more keys; ") == 3
    assert text.endswith("; and 6 more agents")


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ({"owner": "x"}, {"owner": "y"}, 'owner "x" -> "y"'),
        ({"owner": "x"}, {}, 'owner "x" -> unset'),
        ({"tags": ["a"]}, {"tags": ["a", "b"]}, 'tags ["a"] -> ["a", "b"]'),
        ({"instructions": "x" * 50}, {"instructions": "y" * 60}, "instructions 50 characters -> 60 characters"),
        ({"instructions": "x" * 50}, {"instructions": "y" * 50}, "instructions changed"),
        ({"owner": "\x1b[31m"}, {"owner": "y"}, 'owner "\\u001b[31m" -> "y"'),
        ({"limits": {"max_parallel": 1}}, {"limits": {"max_parallel": 2}}, "limits.max_parallel 1 -> 2"),
        ({}, {"limits": {"max_parallel": 2}}, 'limits unset -> {"max_parallel": 2}'),
        ({"llm": {"timeout": "30s"}}, {"llm": {"timeout": "1m"}}, "llm.timeout 30 -> 60"),
        ({"metadata": {"a.b": 1}}, {"metadata": {"a.b": 2}}, 'metadata["a.b"] 1 -> 2'),
        ({"llm": {"api_key": "${env:A}"}}, {"llm": {"api_key": "${env:B}"}}, 'llm.api_key "${env:A}" -> "${env:B}"'),
        ({"llm": {"api_key": "${fernet:gAAAAone}"}}, {"llm": {"api_key": "${fernet:gAAAAtwo}"}}, "llm.api_key changed"),
        ({"llm": {"extra_headers": {"X-A": "${age:one}"}}}, {"llm": {"extra_headers": {"X-A": "${env:A}"}}},
         'llm.extra_headers.X-A "${age:***}" -> "${env:A}"'),
    ],
)  # fmt: skip
def test_values_are_short_and_secrets_stay_references(
    before: dict[str, Any], after: dict[str, Any], expected: str
) -> None:
    assert events.change_text(snapshots({"a": before}, {"a": after})) == f"a: {expected}"


def test_a_change_that_no_agent_shows_is_said_to_be_one() -> None:
    default = {"_settings": {"default_agent": "a"}, "a": {}}
    assert events.change_text(snapshots({"a": {}}, default)) == "nothing in the agents that are served"


def test_agents_that_come_and_go_are_counted() -> None:
    many: dict[str, Any] = {f"agent-{number}": {} for number in range(7)}
    assert events.change_text(snapshots({"a": {}}, many)) == (
        "created agent-0, agent-1, agent-2 and 4 more; deleted a"
    )
    assert isinstance(snapshots({"a": {}}, many).after["agent-1"], Agent)
