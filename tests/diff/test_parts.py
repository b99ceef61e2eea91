"""A review in several parts says what one in a single part says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from agentconf.diff.usage import Record
from agentconf.diff.work import Order, Share, review
from agentconf.spread import each_forked
from tests.diff.cases import OUTLOOK
from tests.support import texts

DEFAULTS = "llm: {model: openai/a, temperature: 0.1}\n"
BEFORE = {
    "_defaults.yaml": DEFAULTS,
    "_environments/dev.yaml": "{}\n",
    "_environments/prod.yaml": "overrides: {llm: {seed: 1}}\n",
    **{f"team-{number % 7}/agent-{number}.yaml": f"name: N {number}\n" for number in range(450)},
    "team-0/caller.yaml": "name: Caller\ndelegates: [agent-7]\n",
    "team-0/old-name.yaml": "name: The same agent\ntags: [a, b, c]\n",
}
EDITS: dict[str, dict[str, str | None]] = {
    "a default": {"_defaults.yaml": DEFAULTS.replace("0.1", "0.2")},
    "some agents": {f"team-{number % 7}/agent-{number}.yaml": "name: Another\n" for number in range(0, 450, 9)},
    "agents that come and go": {
        "team-0/agent-7.yaml": None,
        "team-0/old-name.yaml": None,
        "team-0/new-name.yaml": "name: The same agent\ntags: [a, b, c]\n",
        "team-1/new.yaml": "name: New\n",
        "_defaults.yaml": DEFAULTS.replace("0.1", "0.2"),
    },
    "a delegate": {"team-0/agent-7.yaml": "name: N 7\nenabled: false\n"},
    "a delegate by a profile": {
        "_profiles/off.yaml": "enabled: false\n",
        "team-0/agent-7.yaml": "name: N 7\nextends: [off]\n",
    },
    "a key in a comment": {"team-0/agent-7.yaml": "# password: hunter2hunter2\nname: N 7\n"},
    "an error": {"team-1/agent-1.yaml": "llm: {modell: a}\n"},
    "settings": {"_settings.yaml": 'policies: [{id: named, require: "agent.name != \'N 8\'"}]\n'},
}


def in_turn(work: Callable[[list[str]], Share], parts: Sequence[list[str]]) -> list[Share]:
    return [work(part) for part in parts]


@pytest.mark.parametrize("name", EDITS)
def test_parts_make_the_same_whole(name: str) -> None:
    after = {path: text for path, text in (BEFORE | EDITS[name]).items() if text is not None}
    usage = (Record("agent-8", "openai/a", 1, 1, 1, "prod"), Record("old-name", "openai/a", 1, 1, 1, "dev"))
    order = Order(OUTLOOK, usage=usage)
    whole = review(texts(BEFORE), texts(after), ("a", "b"), order).as_json()
    assert whole["changes"] or whole["head_diagnostics"]
    for spread in (in_turn, each_forked):
        in_parts = review(texts(BEFORE), texts(after), ("a", "b"), replace(order, parts=3, spread=spread)).as_json()
        for said in (whole, in_parts):
            said["forecast"]["agents"].sort(key=lambda one: (one["agent"], one["environment"]))
        assert in_parts == whole


@pytest.mark.parametrize("name", ["a delegate", "a delegate by a profile"])
def test_who_delegates_to_an_agent_that_is_switched_off_is_told_though_its_file_is_the_same(name: str) -> None:
    after = {path: text for path, text in (BEFORE | EDITS[name]).items() if text is not None}
    found = review(texts(BEFORE), texts(after), ("a", "b"), Order(OUTLOOK)).changes
    told = [one for one in found if one.agent == "caller"]
    assert [one.meanings[0].text for one in told] == [
        "newly fails: disabled-delegate: the delegate 'agent-7' is disabled in dev"
    ]
    assert told[0].cause is not None
    assert told[0].cause.file in {"team-0/agent-7.yaml", "_profiles/off.yaml"}
