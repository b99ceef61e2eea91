"""A git that hangs, floods or dies in the middle."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.errors import GitUnavailable
from agentconf.source.git import command, output
from agentconf.source.git.command import Git
from agentconf.source.git.kept import Kept
from agentconf.source.git.moments import moment
from agentconf.source.git.objects import Objects
from agentconf.source.git.output import Output
from agentconf.source.git.repository import Repository
from tests.source.git.repositories import ENVIRONMENT, Repo


def as_git(folder: Path, script: str) -> Mapping[str, str]:
    """An environment in which git is this script."""
    program = folder / "bin" / "git"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return {**ENVIRONMENT, "PATH": f"{program.parent}:{ENVIRONMENT['PATH']}"}


@contextmanager
def printed(data: bytes) -> Iterator[Output]:
    reading, writing = os.pipe()
    os.write(writing, data)
    os.close(writing)
    yield Output(reading)
    os.close(reading)


def test_a_git_that_hangs_is_not_waited_for_and_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output, "_SILENCE_MS", 100)
    git = Git(as_git(tmp_path, f"echo $$ > '{tmp_path}/pid'; exec tail -f /dev/null"), str(tmp_path))
    while not (tmp_path / "pid").exists():  # on a busy machine it may not have come to its first line
        with pytest.raises(GitUnavailable, match="git says nothing for two minutes"):
            git.run("version")
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_git_that_closes_its_output_and_stays_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "_ENDING_S", 0.1)
    os.mkfifo(tmp_path / "fifo")  # that nobody will ever write to
    git = Git(as_git(tmp_path, f"exec >&-; read line < '{tmp_path}/fifo'"), str(tmp_path))
    with pytest.raises(GitUnavailable, match="git does not end"):
        git.run("version")


def test_a_git_that_floods_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "OUTPUT_LIMIT_BYTES", 1 << 20)
    monkeypatch.setattr(output, "_FIELD_LIMIT_BYTES", 1 << 20)
    git = Git(as_git(tmp_path, "exec yes"), str(tmp_path))
    with pytest.raises(GitUnavailable, match="git prints more than 1 MiB"):
        git.run("version")
    with pytest.raises(GitUnavailable, match="is longer than 1 MiB"):
        list(git.fields("log"))


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "0123",
        "0123 blob 99999\\nshort",
        "0123 blob 4\\n",
        "0123 blob x\\n",
        "0123 blob 1 2\\n",
        "fatal: no\\n",
        "0123 blob 4\\nabcd\\n",
    ],
)
def test_a_git_that_dies_in_the_middle_of_an_object_is_said(answer: str, tmp_path: Path) -> None:
    environment = as_git(tmp_path, f"read line; printf '{answer}'; echo 'fatal: disk on fire' >&2; exit 128")
    with Objects(Repository(Git(environment, str(tmp_path)), str(tmp_path), has_work_tree=True)) as objects:
        with pytest.raises(GitUnavailable):
            objects.load(["0" * 40, "1" * 40])
        with pytest.raises(GitUnavailable):  # and another is started, which does not fare better
            objects.root_of("1" * 40)


def test_objects_that_git_prints_slowly_are_read(tmp_path: Path) -> None:
    script = "read line; printf '%s blo' $line; printf 'b 5\\nab'; printf 'c\\nd'; printf '\\n'"
    with Objects(Repository(Git(as_git(tmp_path, script), "."), ".", has_work_tree=True)) as objects:
        assert objects.file("0" * 40) == b"abc\nd"


@given(st.lists(st.binary(max_size=6).map(lambda text: text.replace(b"\0", b"\n")), max_size=8), st.binary(max_size=3))
def test_fields_are_what_stands_before_each_nul(fields: list[bytes], rest: bytes) -> None:
    unfinished = rest.replace(b"\0", b"")
    with printed(b"".join(field + b"\0" for field in fields) + unfinished) as made:
        assert list(made.fields()) == fields


@given(st.binary(max_size=40), st.lists(st.integers(0, 9), max_size=8))
def test_bytes_are_read_in_any_pieces(data: bytes, counts: list[int]) -> None:
    at = 0
    with printed(data) as made:
        for count in counts:
            if at + count > len(data):
                assert made.exactly(count) is None
                return
            assert made.exactly(count) == data[at : at + count]
            at += count
        assert made.rest(1000) == data[at:]


def test_lines_are_read_up_to_their_end() -> None:
    with printed(b"one\n\ntwo\nrest") as made:
        assert [made.line(), made.line(), made.exactly(3), made.line(), made.line()] == [b"one", b"", b"two", b"", None]


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(1, 5)), max_size=30), st.integers(1, 12))
def test_what_is_kept_weighs_no_more_than_allowed_and_the_newest_stays(puts: list[tuple[str, int]], limit: int) -> None:
    kept: Kept[int] = Kept(limit)
    weights: dict[str, int] = {}
    for oid, weight in puts:
        kept.put(oid, weight, weight)
        weights[oid] = weight
        assert kept.get(oid) == weight
        there = [name for name in weights if name in kept]
        assert sum(weights[name] for name in there) <= limit or there == [oid]
    assert all(kept.get(name) in {None, weight} for name, weight in weights.items())


def test_what_was_asked_for_is_kept_longest() -> None:
    kept: Kept[str] = Kept(2)
    kept.put("a", "A", 1)
    kept.put("b", "B", 1)
    assert kept.get("a") == "A"
    kept.put("c", "C", 1)
    assert [kept.get(oid) for oid in "abc"] == ["A", None, "C"]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        (("1700000000", "+0130"), "2023-11-14T23:43:20+01:30"),
        (("1700000000", "-0330"), "2023-11-14T18:43:20-03:30"),
        (("0", "+0000"), "1970-01-01T00:00:00+00:00"),
        (("-1", "+0000"), "1969-12-31T23:59:59+00:00"),
        (("9" * 20, "+0000"), ""),
        (("1700000000", "+9999"), ""),
        (("", ""), ""),
        (("x", "y"), ""),
    ],
)
def test_moments_are_iso_8601_or_nothing(said: tuple[str, str], meant: str) -> None:
    assert moment(*said) == meant


def test_objects_are_read_after_the_end_as_well(repo: Repo) -> None:
    located = repo.located()
    oid = repo.git("rev-parse", "HEAD:agents.d/a.yaml")
    objects = Objects(located.repository)
    assert objects.file(oid) is objects.file(oid)
