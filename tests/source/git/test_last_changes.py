from __future__ import annotations

from agentconf.source.git.last_changes import LastChange, last_changes
from tests.source.git.repositories import AGENT, Repo

LATER = {"GIT_AUTHOR_DATE": "1800000000 -0500", "GIT_AUTHOR_NAME": "Grace\x1b[31m"}


def changes(repo: Repo, *paths: str, folder: str = "agents.d") -> dict[str, LastChange]:
    located = repo.located(folder)
    return dict(last_changes(located, located.repository.commit_of("HEAD"), paths))


def commits(repo: Repo, *paths: str, folder: str = "agents.d") -> list[str]:
    found = changes(repo, *paths, folder=folder)
    return [found[path].commit for path in paths]


def test_the_newest_commit_that_touched_a_file_is_its_last_change(repo: Repo) -> None:
    first = repo.commit("B", {"agents.d/b.yaml": AGENT})
    second = repo.commit("A again", {"agents.d/a.yaml": AGENT + "# more\n"})
    repo.commit("Elsewhere", {"README.md": "Other.\n"})
    assert commits(repo, "a.yaml", "b.yaml") == [second, first]


def test_it_says_who_and_when_as_it_may_be_printed(repo: Repo) -> None:
    repo.write({"agents.d/a.yaml": AGENT + "# more\n"})
    repo.git("add", "--all")
    repo.git("commit", "-q", "-m", "More", more=LATER)
    found = changes(repo, "a.yaml")["a.yaml"]
    assert (found.author, found.at) == ("Grace\\x1b[31m", "2027-01-15T03:00:00-05:00")


def test_a_merge_is_one_change_of_the_line_that_it_was_merged_into(repo: Repo) -> None:
    repo.git("switch", "-q", "-c", "topic")
    repo.commit("On the topic", {"agents.d/b.yaml": AGENT})
    repo.git("switch", "-q", "main")
    repo.commit("On main", {"agents.d/a.yaml": AGENT + "# more\n"})
    repo.git("merge", "-q", "--no-ff", "-m", "Merge", "topic")
    assert commits(repo, "b.yaml") == [repo.git("rev-parse", "HEAD")]


def test_a_file_that_no_commit_has_is_left_out(repo: Repo) -> None:
    repo.write({"agents.d/new.yaml": AGENT})
    assert changes(repo, "new.yaml") == {}


def test_names_of_all_kinds_are_told_apart(repo: Repo) -> None:
    names = ("ü.yaml", "with blank.yaml", "deep/er/a.yaml", "\nline.yaml")
    head = repo.commit("Names", {f"agents.d/{name}": AGENT for name in names})
    assert commits(repo, *names) == [head] * 4


def test_a_tree_that_is_the_whole_repository_is_looked_at_too(repo: Repo) -> None:
    head = repo.commit("At the top", {"c.yaml": AGENT})
    assert commits(repo, "c.yaml", folder=".") == [head]
