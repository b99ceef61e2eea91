"""What counts of the disk, look after look; the times are told, so that nothing is waited for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from agentconf import codes
from agentconf.diagnostic import Diagnostic
from agentconf.live.content import Barred, Content, looks_torn
from agentconf.live.patience import GRACE_S, RETRIES_S, Patience, Sifted, Sighting

SOUND = b"owner: first\n"
TORN = b"owner: [\n"
BARRED = Barred("a folder", Diagnostic(codes.NOT_A_FILE, "a folder", "a.yaml"))
PATIENCE_S = RETRIES_S[-1]


class Looks:
    """One look after the other, each at what lies there then."""

    def __init__(self, files: Mapping[str, Content]) -> None:
        self.patience = Patience(looks_torn)
        self._before: Mapping[str, Content] = {}
        self.look(0, files, at_once=True)

    def look(self, now: float, files: Mapping[str, Content], **said: Any) -> Sifted:
        """Look at a time; `said` is what else a `Sighting` says."""
        before, self._before = self._before, files
        changed = {path for path in before.keys() | files.keys() if before.get(path) != files.get(path)}
        return self.patience.sift(Sighting(files, {}, changed, now, **said))


def test_what_moves_half_written_is_kept_until_it_counts_in_its_new_place() -> None:
    looks = Looks({"a.yaml": SOUND})
    looks.look(1, {})
    there = {"x/a.yaml": TORN}
    assert set(looks.look(1.5, there).files) == {"a.yaml"}
    assert set(looks.look(1 + GRACE_S, there).files) == {"a.yaml"}
    assert set(looks.look(1.5 + PATIENCE_S, there).files) == {"x/a.yaml"}


def test_what_moves_half_written_and_is_gone_again_has_its_whole_grace() -> None:
    looks = Looks({"a.yaml": SOUND})
    looks.look(1, {})
    looks.look(1.9, {"x/a.yaml": TORN})
    assert set(looks.look(2.5, {}).files) == {"a.yaml"}
    assert looks.look(1.9 + GRACE_S, {}).files == {}


def test_what_is_sound_moves_at_once() -> None:
    looks = Looks({"a.yaml": SOUND, "_defaults.yaml": SOUND})
    there = {"x/a.yaml": SOUND, "_defaults.yml": SOUND}
    assert looks.look(1, there).files == there
    looks.look(2, {"_defaults.yml": SOUND})
    assert set(looks.look(2.5, {"y/a.yaml": SOUND, "_defaults.yml": SOUND}).files) == {"y/a.yaml", "_defaults.yml"}


def test_one_of_two_claims_that_is_gone_has_not_moved() -> None:
    looks = Looks({"a.yaml": SOUND, "x/a.yaml": SOUND})
    left = {"x/a.yaml": SOUND}
    assert set(looks.look(1, left).files) == {"a.yaml", "x/a.yaml"}
    assert set(looks.look(1 + GRACE_S, left).files) == {"x/a.yaml"}


@pytest.mark.parametrize("content", [BARRED, TORN, SOUND])
def test_whatever_is_gone_has_a_grace(content: Content) -> None:
    looks = Looks({"a.yaml": content})
    assert looks.look(1, {}).files == {"a.yaml": content}
    assert looks.look(1 + GRACE_S / 2, {}).again_at == 1 + GRACE_S
    assert looks.look(1 + GRACE_S, {}).files == {}


def test_nothing_is_given_up_by_a_look_at_some_folders() -> None:
    looks = Looks({"a.yaml": SOUND, "b.yaml": SOUND})
    looks.look(1, {"b.yaml": TORN})
    late = 2 + max(GRACE_S, PATIENCE_S)
    sifted = looks.look(late, {"b.yaml": TORN}, is_whole=False)
    assert sifted.files == {"a.yaml": SOUND, "b.yaml": SOUND}
    assert sifted.again_at is not None
    assert sifted.again_at <= late
    assert looks.look(late, {"b.yaml": TORN}).files == {"b.yaml": TORN}


def test_what_is_not_opened_counts_at_once_and_leaves_nothing_of_it_to_read() -> None:
    looks = Looks({"a.yaml": SOUND, "b.yaml": SOUND})
    sifted = looks.look(1, {"a.yaml": BARRED, "b.yaml": SOUND})
    assert sifted.again_at is None
    assert (dict(sifted.unread), dict(sifted.readable)) == ({"a.yaml": BARRED}, {"b.yaml": SOUND})


# -- all at once


def test_agents_that_were_gone_all_at_once_are_missing_until_each_is_back() -> None:
    whole = {f"{name}.yaml": SOUND for name in "abcdefghi"}
    looks = Looks(whole)
    gone = dict(list(whole.items())[5:])
    assert looks.look(1, gone).missing == tuple("abcde")
    some = {**gone, "a.yaml": SOUND, "b.yaml": SOUND}
    for now in (5, 6, 60):  # what brings them back may take its time
        sifted = looks.look(now, some)
        assert (sifted.missing, sifted.files.keys()) == (tuple("cde"), whole.keys())
    assert looks.look(61, whole).missing == ()
    looks.look(62, some)
    assert looks.look(62 + GRACE_S, some).files.keys() == some.keys()


def test_what_was_in_a_folder_that_could_not_be_listed_has_its_whole_grace() -> None:
    looks = Looks({"a.yaml": SOUND, "x/b.yaml": SOUND})
    here = {"a.yaml": SOUND}
    for now in (1, 60):
        assert set(looks.look(now, here, hidden=["x/"]).files) == {"a.yaml", "x/b.yaml"}
    assert set(looks.look(60.5, here).files) == {"a.yaml", "x/b.yaml"}
    assert looks.look(60 + GRACE_S, here).files == here
