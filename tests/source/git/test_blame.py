from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.errors import NotInCommit
from agentconf.source.git.blame import NOT_COMMITTED, Blame, Blamer
from agentconf.source.git.objects import Objects
from agentconf.source.git.repository import locate
from agentconf.source.git.same_lines import lines_before
from tests.source.git.repositories import ENVIRONMENT, Repo, git

OLD = "name: A\nowner: search\nllm:\n  model: openai/gpt-4.1\n"
NEW = OLD.replace("search", "billing")


@pytest.fixture
def wrote(repo: Repo) -> dict[int, str]:
    """The commits that wrote the lines of `b.yaml`, whose second line is newer."""
    first = repo.commit("Old", {"agents.d/b.yaml": OLD})
    second = repo.commit("New owner", {"agents.d/b.yaml": NEW})
    return {1: first, 2: second, 3: first, 4: first}


def committed(repo: Repo, path: str, *lines: int, commit: str = "HEAD") -> dict[int, Blame]:
    located = repo.located()
    with Objects(located.repository) as objects:
        return Blamer(objects, located, located.repository.commit_of(commit)).committed(path, lines)


def now(repo: Repo, path: str, text: str, *lines: int) -> dict[int, str | None]:
    located = repo.located()
    with Objects(located.repository) as objects:
        said = Blamer(objects, located, located.repository.commit_of("HEAD")).now(path, text.encode(), lines)
    return {line: blame.commit for line, blame in said.items()}


def test_a_line_is_that_of_the_commit_that_wrote_it(repo: Repo, wrote: dict[int, str]) -> None:
    said = committed(repo, "b.yaml", 1, 2, 4)
    assert {line: blame.commit for line, blame in said.items()} == {line: wrote[line] for line in (1, 2, 4)}
    assert said[2] == Blame(wrote[2], "Ada Löve", "2023-11-14T23:43:20+01:30", "New owner")
    assert committed(repo, "b.yaml", 2, commit="HEAD~1")[2].summary == "Old"


def test_lines_that_a_file_does_not_have_are_left_out(repo: Repo, wrote: dict[int, str]) -> None:
    assert committed(repo, "b.yaml", 0, -3, 5, 99) == {}
    assert committed(repo, "b.yaml", 4, 5).keys() == {4}
    assert committed(repo, "b.yaml") == {}
    repo.commit("Empty", {"agents.d/c.yaml": "", "agents.d/d.yaml": "a: 1"})
    assert committed(repo, "c.yaml", 1) == {}
    assert committed(repo, "d.yaml", 1, 2).keys() == {1}


def test_more_lines_than_fit_on_a_command_line_are_found(repo: Repo) -> None:
    repo.commit("Long", {"agents.d/b.yaml": "".join(f"k{number}: 1\n" for number in range(1000))})
    assert committed(repo, "b.yaml", *range(1, 1000, 2)).keys() == set(range(1, 1000, 2))


def test_a_file_that_is_not_in_the_commit_is_said(repo: Repo) -> None:
    for path in ("nothing.yaml", "a.yaml/x", "../.."):
        with pytest.raises(NotInCommit, match="is not in commit"):
            committed(repo, path, 1)


@pytest.mark.parametrize("name", ["a b.yaml", "-n.yaml", ":!x.yaml", "*.yaml", "ü\n.yaml", 'q"u.yaml', "\udcff.yaml"])
def test_strange_names_are_blamed(name: str, repo: Repo) -> None:
    (repo.tree / name).write_text(OLD)
    commit = repo.commit("Strange")
    assert committed(repo, name, 1)[1].commit == commit


def test_the_lines_behind_a_link_are_blamed_in_the_file_that_it_leads_to(repo: Repo) -> None:
    wrote = repo.commit("Shared", {"shared/b.yaml": OLD})
    (repo.tree / "b.yaml").symlink_to("../shared/b.yaml")
    repo.commit("Link")
    assert committed(repo, "b.yaml", 2)[2].commit == wrote


def test_a_line_is_followed_through_a_merge_and_a_rename(repo: Repo, wrote: dict[int, str]) -> None:
    repo.git("switch", "-q", "-c", "topic", "HEAD~1")
    other = repo.commit("Other model", {"agents.d/b.yaml": OLD.replace("gpt-4.1", "gpt-5")})
    repo.git("merge", "-q", "--no-edit", "main")
    repo.git("mv", "agents.d/b.yaml", "agents.d/renamed.yaml")
    repo.commit("Rename")
    said = committed(repo, "renamed.yaml", 1, 2, 4)
    assert [said[line].commit for line in (1, 2, 4)] == [wrote[1], wrote[2], other]


def test_where_a_shallow_clone_ends_a_line_may_be_older(repo: Repo, wrote: dict[int, str], tmp_path: Path) -> None:
    repo.commit("Third", {"agents.d/b.yaml": f"{NEW}tags: [a]\n"})
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{repo.folder}", "shallow")
    located = locate(tmp_path / "shallow" / "agents.d", ENVIRONMENT)
    with Objects(located.repository) as objects:
        said = Blamer(objects, located, located.repository.commit_of("HEAD")).committed("b.yaml", [1, 5])
    assert [(said[line].summary, said[line].is_boundary) for line in (1, 5)] == [("New owner", True), ("Third", False)]
    assert not any(blame.is_boundary for blame in committed(repo, "b.yaml", 1, 5).values())


# -- the files as they are now


def test_lines_that_are_not_committed_say_so(repo: Repo, wrote: dict[int, str]) -> None:
    text = f"# first\n{NEW.replace('name: A', 'name: B')}tags: []\n"
    assert now(repo, "b.yaml", text, 1, 2, 3, 4, 5, 6) == {
        1: None,
        2: None,
        3: wrote[2],
        4: wrote[3],
        5: wrote[4],
        6: None,
    }
    assert now(repo, "new.yaml", text, 1) == {1: None}
    assert NOT_COMMITTED.summary == "not committed yet"


def test_how_lines_end_on_disk_does_not_matter(repo: Repo, wrote: dict[int, str]) -> None:
    assert now(repo, "b.yaml", NEW.replace("\n", "\r\n"), 1, 2, 3, 4) == wrote


@given(before=st.lists(st.sampled_from("abc"), max_size=12), after=st.lists(st.sampled_from("abc"), max_size=12))
def test_lines_that_were_there_before_are_the_same_and_in_order(before: list[str], after: list[str]) -> None:
    same = lines_before("".join(f"{line}\n" for line in before).encode(), "\n".join(after).encode())
    assert all(before[old - 1] == after[new - 1] for new, old in same.items())
    pairs = sorted(same.items())
    assert pairs == sorted(pairs, key=lambda pair: pair[1])
    assert len(set(same.values())) == len(same)
    if before == after:
        assert len(same) == len(before)


def test_texts_that_would_take_long_to_compare_are_taken_for_new() -> None:
    before, after = (b"".join(b"%s %d\n" % (mark, number) for number in range(2000)) for mark in (b"a", b"b"))
    assert lines_before(b"same\n" + before + b"end\n", b"same\n" + after + b"end\n") == {1: 1, 2002: 2002}
