"""The law of reloading, in memory: hundreds of trees in a second."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from agentconf.live.reload import Mode
from tests.live.model import law
from tests.live.model.trees import ENVIRONMENT, UNREADABLE, Step

STEPS = 15
SEEDS = range(60)


@pytest.mark.parametrize("environment", [ENVIRONMENT, None])
def test_what_is_served_is_a_cold_load_and_the_last_good_of_what_is_bad(environment: str | None) -> None:
    for seed in SEEDS:
        law.check(seed, STEPS, environment)


def test_all_of_a_tree_is_applied_or_nothing() -> None:
    for seed in SEEDS:
        law.check(seed, STEPS, mode="transactional")


def test_a_file_that_cannot_be_read_stands_before_another_of_its_id() -> None:
    steps = [
        Step("plant", {"team/b.yaml": b'{"tags": ["first"]}', "_profiles/eu.yaml": b'{"enabled": false}'}),
        Step("break", {"team/b.yaml": UNREADABLE}),
        Step("add", {"ops/b.yaml": b'{"tags": ["second"]}'}),
        Step("edit", {"ops/b.yaml": b'{"tags": ["third"], "extends": "eu"}'}),
    ]
    assert law.failure_of(steps, None, "per-agent") is None


@pytest.mark.parametrize("mode", ["per-agent", "transactional"])
def test_a_sequence_is_the_same_each_time(mode: Mode) -> None:
    one, other = law.steps_of(7, STEPS), law.steps_of(7, STEPS)
    assert one == other
    assert law.failure_of(one, ENVIRONMENT, mode) == law.failure_of(other, ENVIRONMENT, mode)


def test_a_failure_is_told_by_its_smallest_sequence() -> None:
    steps = [Step(f"{number}", {"a": b"", "b": b""}) for number in range(20)]

    def is_wrong(some: Sequence[Step]) -> bool:
        return any(step.what == "11" and "b" in step.edits for step in some) and any(step.what == "3" for step in some)

    first, second = law.smallest(steps, is_wrong)
    assert (first.what, second.what, list(second.edits)) == ("3", "11", ["b"])
