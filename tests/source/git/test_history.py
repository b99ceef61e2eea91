from __future__ import annotations

from itertools import islice, pairwise
from pathlib import Path

import pytest

from agentconf.errors import GitUnavailable
from agentconf.source.git.changes import changed_paths
from agentconf.source.git.commit_tree import CommitTrees
from agentconf.source.git.history import Commit, history
from agentconf.source.git.objects import Objects
from agentconf.source.git.repository import locate
from tests.source.git.repositories import AGENT, ENVIRONMENT, Repo, git

LATER = {"GIT_AUTHOR_DATE": "1800000000 -0500", "GIT_AUTHOR_NAME": "Grace"}


def commits(repo: Repo, head: str = "HEAD", path: str = "agents.d", *beside: str) -> list[Commit]:
    located = repo.located(path)
    return list(history(located, located.repository.commit_of(head), beside))


def subjects(repo: Repo, path: str = "agents.d", *beside: str) -> list[str]:
    return [commit.subject for commit in commits(repo, "HEAD", path, *beside)]


def test_commits_are_newest_first_with_who_and_when(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.write({"agents.d/b.yaml": AGENT})
    repo.git("add", "--all")
    repo.git("commit", "-q", "-m", "Zweiter: ü\n\nBody.", more=LATER)
    second = repo.git("rev-parse", "HEAD")
    assert commits(repo) == [
        Commit(second, first, "Grace", "2027-01-15T03:00:00-05:00", "Zweiter: ü"),
        Commit(first, None, "Ada Löve", "2023-11-14T23:43:20+01:30", "First"),
    ]


def test_commits_that_leave_the_folder_as_it_was_are_left_out(repo: Repo) -> None:
    repo.commit("Elsewhere", {"README.md": "More.\n"})
    repo.commit("Nothing")
    repo.commit("Schema", {"schema/metadata.schema.json": "{}"})
    assert subjects(repo) == ["Schema", "First"]
    assert subjects(repo, ".") == ["Schema", "Nothing", "Elsewhere", "First"]


def test_what_a_link_leads_to_counts_where_it_is_named(repo: Repo) -> None:
    repo.write({"shared/b.yaml": AGENT})
    (repo.tree / "b.yaml").symlink_to("../shared/b.yaml")
    repo.commit("Link")
    repo.commit("Shared", {"shared/b.yaml": "owner: b\n"})
    assert subjects(repo) == ["Link", "First"]
    assert subjects(repo, "agents.d", *repo.read().reaches) == ["Shared", "Link", "First"]


def test_a_merge_is_one_change_of_the_line_that_it_was_merged_into(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "topic")
    repo.commit("One", {"agents.d/b.yaml": AGENT})
    repo.commit("Two", {"agents.d/c.yaml": AGENT})
    repo.git("switch", "-q", "main")
    repo.commit("Meanwhile", {"agents.d/d.yaml": AGENT})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "topic")
    repo.git("switch", "-q", "-c", "docs")
    repo.commit("Docs", {"README.md": "More.\n"})
    repo.git("switch", "-q", "main")
    repo.git("merge", "-q", "--no-ff", "-m", "Merge of nothing here", "docs")
    assert subjects(repo) == ["Merge", "Meanwhile", "First"]


def test_the_older_of_two_neighbours_has_the_tree_of_the_newer_ones_parent(repo: Repo) -> None:
    for number in range(4):
        repo.commit("Change", {"agents.d/a.yaml": f"owner: o{number}\n"})
        repo.commit("Elsewhere", {"README.md": f"{number}\n"})
    located = repo.located()
    with Objects(located.repository) as objects:
        trees = CommitTrees(objects, located)
        said = commits(repo)
        for newer, older in pairwise(said):
            assert newer.parent is not None
            assert trees.at(newer.parent).oids == trees.at(older.id).oids != trees.at(newer.id).oids


def test_texts_that_act_on_a_terminal_do_not(repo: Repo) -> None:
    repo.write({"agents.d/b.yaml": AGENT})
    repo.git("add", "--all")
    repo.git("commit", "-q", "-m", "\x1b[31mRed\u202e", more={"GIT_AUTHOR_NAME": "A\x1b[0m"})
    newest = commits(repo)[0]
    assert (newest.subject + newest.author).isprintable()


@pytest.mark.parametrize("date", ["99999999999999999999 +0000", "1700000000 +9999", "nonsense", "-1 +0000"])
def test_a_commit_with_a_date_that_is_none_is_read(date: str, repo: Repo) -> None:
    tree, parent = repo.git("rev-parse", "HEAD:"), repo.git("rev-parse", "HEAD")
    empty = git(repo.folder, "mktree", stdin=b"")
    tree = git(repo.folder, "mktree", stdin=f"040000 tree {empty}\tagents.d\n".encode())
    text = f"tree {tree}\nparent {parent}\nauthor A <a@b> {date}\ncommitter A <a@b> {date}\n\nOdd\n"
    odd = git(repo.folder, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", stdin=text.encode())
    newest = commits(repo, odd)[0]
    assert (newest.id, newest.subject) == (odd, "Odd")


def test_where_a_shallow_clone_ends_is_said(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Second", {"agents.d/b.yaml": AGENT})
    repo.commit("Third", {"agents.d/c.yaml": AGENT})
    git(tmp_path, "clone", "-q", "--depth", "2", f"file://{repo.folder}", "shallow")
    located = locate(tmp_path / "shallow" / "agents.d", ENVIRONMENT)
    said = list(history(located, located.repository.commit_of("HEAD")))
    assert [(commit.subject, commit.is_boundary) for commit in said] == [("Third", False), ("Second", True)]
    assert not any(commit.is_boundary for commit in commits(repo))


def test_a_history_that_is_not_read_to_the_end_leaves_no_git_behind(repo: Repo) -> None:
    for number in range(5):
        repo.commit("Change", {"agents.d/a.yaml": f"owner: o{number}\n"})
    located = repo.located()
    said = history(located, located.repository.commit_of("HEAD"))
    assert len(list(islice(said, 2))) == 2
    said.close()  # a git that is left running is a warning, and a warning fails


def test_a_history_of_nothing_is_said(repo: Repo) -> None:
    with pytest.raises(GitUnavailable):
        list(history(repo.located(), "0" * 40))
    assert subjects(repo, "nowhere") == []


# -- the paths that two commits differ in


def test_changed_paths_are_named_from_the_folder(repo: Repo) -> None:
    repo.commit("More", {"agents.d/b c.yaml": AGENT, "agents.d/team/ü\n.yaml": AGENT, "README.md": "More.\n"})
    first = repo.git("rev-parse", "HEAD")
    (repo.tree / "b c.yaml").rename(repo.tree / "d.yaml")
    (repo.tree / "a.yaml").unlink()
    (repo.tree / "a.yaml").symlink_to("d.yaml")
    second = repo.commit("Change", {"agents.d/team/ü\n.yaml": "owner: b\n", "agents.d/p.md": "", "other.txt": ""})
    said = changed_paths(repo.located(), first, second)
    assert said == {"a.yaml": "T", "b c.yaml": "D", "d.yaml": "A", "p.md": "A", "team/ü\n.yaml": "M"}
    assert changed_paths(repo.located("."), first, second)["agents.d/d.yaml"] == "A"
    assert changed_paths(repo.located(), second, second) == {}
