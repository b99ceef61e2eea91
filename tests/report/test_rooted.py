from __future__ import annotations

import pytest

from agentconf.diagnostic import Related
from agentconf.report.rooted import from_root, rooted
from tests.report.findings import finding, outcome


@pytest.mark.parametrize(
    ("file", "seen"),
    [
        ("agents.d/a.yaml", "below/agents.d/a.yaml"),
        ("../agents.d/a.yaml", "agents.d/a.yaml"),
        ("/repository/below/agents.d/a.yaml", "below/agents.d/a.yaml"),
        ("../../elsewhere/a.yaml", "../../elsewhere/a.yaml"),
        ("/elsewhere/a.yaml", "/elsewhere/a.yaml"),
    ],
)
def test_files_are_named_from_the_root_unless_they_lie_outside(file: str, seen: str) -> None:
    assert from_root("/repository/below", "/repository")(file) == seen


def test_second_places_are_renamed_too() -> None:
    one = finding(related=(Related("the other one", "agents.d/b.yaml", 1, 1),))
    (moved,) = rooted(outcome(one), from_root("/repository/below", "/repository")).diagnostics
    assert (moved.file, moved.related[0].file) == ("below/agents.d/a.yaml", "below/agents.d/b.yaml")
