from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from agentconf.errors import GitUnavailable, SourceUnavailable
from agentconf.source.git.repository import Located, locate
from agentconf.source.git.sides import Sides, sides_of
from tests.source.git.repositories import AGENT, ENVIRONMENT, Repo, git, read

# -- which repository, and where in it


def test_a_folder_of_a_work_tree_is_located_with_its_path(repo: Repo) -> None:
    located = repo.located()
    assert (located.folder, located.repository.top) == ("agents.d", str(repo.folder))
    assert repo.located(".").folder == ""
    assert repo.located("deeper/than/anything").folder == "deeper/than/anything"


def test_findings_name_the_files_as_those_of_the_folder(repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repo.tree)
    assert locate(".", ENVIRONMENT).shown_as == "."
    assert locate("../agents.d", ENVIRONMENT).shown_as == "."
    monkeypatch.chdir(repo.folder)
    assert locate("agents.d/", ENVIRONMENT)[1:] == ("agents.d", "agents.d")
    assert read(locate("agents.d", ENVIRONMENT)).tree.shown("a.yaml") == "agents.d/a.yaml"


def test_a_linked_work_tree_has_commits_of_its_own(repo: Repo) -> None:
    other = repo.folder.parent / "other"
    repo.git("worktree", "add", "-q", "-b", "topic", str(other))
    (other / "agents.d" / "b.yaml").write_text(AGENT)
    git(other, "add", "--all")
    git(other, "commit", "-q", "-m", "Second")
    located = locate(other / "agents.d", ENVIRONMENT)
    assert (located.folder, located.repository.top) == ("agents.d", str(other))
    assert list(read(located).tree.files) == ["a.yaml", "b.yaml"]
    assert list(repo.read().tree.files) == ["a.yaml"]


def test_a_bare_repository_needs_no_files(repo: Repo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(repo.folder), "bare.git")
    monkeypatch.chdir(tmp_path / "bare.git")
    located = locate("agents.d", ENVIRONMENT)
    assert (located.folder, located.repository.has_work_tree) == ("agents.d", False)
    assert list(read(located).tree.files) == ["a.yaml"]
    head = located.repository.commit_of("HEAD")
    assert sides_of(located.repository, None) == Sides(head, head)
    with pytest.raises(GitUnavailable, match=r"no files to compare with; name both sides, as in A\.\.B"):
        sides_of(located.repository, "main")


def test_a_folder_in_a_submodule_belongs_to_the_submodule(repo: Repo, tmp_path: Path) -> None:
    outer = Repo(tmp_path / "outer")
    outer.git("submodule", "--quiet", "add", str(repo.folder), "config")
    outer.commit("With a submodule")
    located = locate(outer.folder / "config" / "agents.d", ENVIRONMENT)
    assert (located.folder, located.repository.top) == ("agents.d", str(outer.folder / "config"))
    assert list(read(located).tree.files) == ["a.yaml"]
    with pytest.raises(GitUnavailable, match="'config' is a submodule; name a folder in it"):
        read(Located(outer.located(".").repository, "config", "config"))


def test_a_link_to_the_repository_is_followed(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(repo.folder)
    (tmp_path / "inside").symlink_to(repo.tree)
    assert locate(tmp_path / "link" / "agents.d", ENVIRONMENT).folder == "agents.d"
    assert locate(tmp_path / "inside", ENVIRONMENT).folder == "agents.d"


def test_a_link_in_the_repository_keeps_its_name_since_it_may_lead_elsewhere_in_another_commit(repo: Repo) -> None:
    (repo.folder / "current").symlink_to("agents.d")
    first = repo.commit("A link")
    (repo.folder / "current").unlink()
    (repo.folder / "current").symlink_to("next")
    repo.commit("Another", {"next/b.yaml": AGENT})
    assert repo.located("current").folder == "current"
    assert list(repo.read(first, "current").tree.files) == ["a.yaml"]
    assert list(repo.read(path="current").tree.files) == ["b.yaml"]
    assert repo.read(path="current").reaches == ("next",)


def test_variables_of_a_hook_do_not_lead_to_another_repository(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    within = {"GIT_DIR": str(other.folder / ".git"), "GIT_WORK_TREE": str(other.folder), "GIT_INDEX_FILE": "nowhere"}
    assert locate(repo.tree, {**ENVIRONMENT, **within}).repository.top == str(repo.folder)


def test_a_folder_outside_of_any_repository_is_said(tmp_path: Path) -> None:
    fenced = {**ENVIRONMENT, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    (tmp_path / "plain").mkdir()
    with pytest.raises(GitUnavailable, match=r"^this is no git repository; run the command in a clone$"):
        locate(tmp_path / "plain", fenced)


@pytest.mark.parametrize("path", ["", "/nonexistent", "plain"])
def test_without_git_it_is_said_what_to_install(path: str, repo: Repo) -> None:
    with pytest.raises(SourceUnavailable, match="git is not installed, or not on the PATH"):
        locate(repo.tree, {"PATH": path and str(repo.folder / path)})


def test_a_git_that_may_not_be_started_is_said(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "bin" / "git").mkdir(parents=True)
    with pytest.raises(GitUnavailable, match="git cannot be started: permission denied"):
        locate(repo.tree, {"PATH": str(tmp_path / "bin")})


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder to another user")
def test_a_repository_of_another_user_is_not_trusted_and_the_way_out_works(repo: Repo) -> None:
    for at in (repo.folder, repo.folder / ".git"):
        os.chown(at, 4321, 4321)
    way_out = rf"git does not trust the repository at '{repo.folder}', .* --add safe\.directory '{repo.folder}'"
    with pytest.raises(GitUnavailable, match=way_out):
        repo.located()
    trusting = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": str(repo.folder)}
    assert list(read(locate(repo.tree, {**ENVIRONMENT, **trusting})).tree.files) == ["a.yaml"]


# -- names of commits


def test_branches_tags_and_ids_are_names_of_commits(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.git("tag", "-m", "Tag", "v1")
    repo.git("branch", "-q", "feature/ä b".replace(" ", "-"))
    repo.commit("Second")
    repository = repo.located().repository
    for name in ("HEAD~1", "v1", "feature/ä-b", first, first[:12], "main^", "@{1}", "v1^{commit}"):
        assert repository.commit_of(name) == first


@pytest.mark.parametrize("name", ["", "-", "--all", "-h", "--output=mark", "--upload-pack=touch mark"])
def test_a_name_that_could_be_an_option_is_refused(name: str, repo: Repo) -> None:
    with pytest.raises(GitUnavailable, match="cannot be the name of a commit; name a branch"):
        repo.located().repository.commit_of(name)
    with pytest.raises(GitUnavailable):
        sides_of(repo.located().repository, f"{name}..{name}" if name else name)
    assert not list(repo.folder.rglob("mark"))


@pytest.mark.parametrize(
    "name", ["nowhere", "HEAD:README.md", "main~7", "a b", "\x1b[31m", "a\nb", "\udcff", "../..", "@{9}"]
)
def test_a_name_of_nothing_is_said_and_can_be_printed(name: str, repo: Repo) -> None:
    with pytest.raises(GitUnavailable, match=r"there is no commit '.*' here; see 'git branch --all'") as raised:
        repo.located().repository.commit_of(name)
    assert str(raised.value).isprintable()


def test_a_name_with_a_nul_is_refused(repo: Repo) -> None:
    with pytest.raises(GitUnavailable, match="NUL"):
        repo.located().repository.commit_of("main\0")


def test_a_repository_without_commits_says_so(tmp_path: Path) -> None:
    empty = Repo(tmp_path / "empty")
    with pytest.raises(GitUnavailable, match="this repository has no commit yet; commit the tree first"):
        sides_of(empty.located().repository, None)


def test_a_branch_that_is_named_like_a_path_is_a_branch(repo: Repo) -> None:
    first = repo.git("rev-parse", "HEAD")
    repo.git("branch", "agents.d")
    repo.commit("Second")
    assert repo.located().repository.commit_of("agents.d") == first


# -- what is compared with what


@pytest.fixture
def forked(repo: Repo) -> dict[str, str]:
    """`main` and `topic` both have a commit that the other lacks; the work tree is at `topic`."""
    root = repo.git("rev-parse", "HEAD")
    repo.git("switch", "-q", "-c", "topic")
    topic = repo.commit("On topic", {"agents.d/t.yaml": AGENT})
    repo.git("switch", "-q", "main")
    main = repo.commit("On main", {"agents.d/m.yaml": AGENT})
    repo.git("switch", "-q", "topic")
    return {"root": root, "topic": topic, "main": main}


def test_sides_are_written_as_in_git(repo: Repo, forked: dict[str, str]) -> None:
    repository = repo.located().repository
    root, topic, main = forked.values()
    assert sides_of(repository, None) == Sides(root, None)
    assert sides_of(repository, "main") == Sides(main, None)
    assert sides_of(repository, "main..topic") == Sides(main, topic)
    assert sides_of(repository, "main...topic") == Sides(root, topic)
    assert sides_of(repository, "main..") == Sides(main, topic)
    assert sides_of(repository, "...main") == Sides(root, main)
    assert sides_of(repository, "..") == Sides(topic, topic)


def test_the_default_branch_is_that_of_origin_before_our_own(
    repo: Repo, forked: dict[str, str], tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "-b", "topic", str(repo.folder), "clone")
    clone = locate(tmp_path / "clone" / "agents.d", ENVIRONMENT).repository
    git(tmp_path / "clone", "branch", "main", "topic")
    for refs in (["HEAD", "main"], ["main"]):
        assert sides_of(clone, None) == Sides(forked["topic"] if "HEAD" in refs else forked["root"], None)
        if "HEAD" in refs:  # as the other clone had `topic` checked out
            git(tmp_path / "clone", "remote", "set-head", "origin", "--delete")
    git(tmp_path / "clone", "update-ref", "-d", "refs/remotes/origin/main")
    assert sides_of(clone, None) == Sides(forked["topic"], None)


def test_without_any_default_branch_it_is_said_which_were_looked_for(repo: Repo) -> None:
    repo.git("branch", "-m", "trunk")
    with pytest.raises(GitUnavailable, match=r"none of origin/HEAD, origin/main, .*, master is here; name a commit"):
        sides_of(repo.located().repository, None)


def test_histories_that_never_met_are_said(repo: Repo) -> None:
    repo.git("switch", "-q", "--orphan", "other")
    repo.commit("Another beginning")
    with pytest.raises(
        GitUnavailable, match=r"have no commit in common; name the commit to compare with, as in A\.\.B"
    ):
        sides_of(repo.located().repository, "main...other")


def test_the_merge_base_of_merged_branches_is_the_newest(repo: Repo, forked: dict[str, str]) -> None:
    repo.git("merge", "-q", "--no-edit", "main")
    assert sides_of(repo.located().repository, None) == Sides(forked["main"], None)


@pytest.fixture
def shallow(repo: Repo, forked: dict[str, str], tmp_path: Path) -> Path:
    """As a workflow checks out: one commit, and no other branch."""
    git(tmp_path, "clone", "-q", "--depth", "1", "-b", "topic", f"file://{repo.folder}", "shallow")
    return tmp_path / "shallow"


def test_a_shallow_clone_without_the_base_says_the_way_out_and_it_works(shallow: Path, forked: dict[str, str]) -> None:
    repository = locate(shallow / "agents.d", ENVIRONMENT).repository
    way_out = "this clone is shallow: set fetch-depth: 0 where the workflow checks out, or run 'git fetch --unshallow'"
    for text in (f"{forked['root']}..HEAD", "main..topic", "HEAD~1"):
        with pytest.raises(GitUnavailable, match=f"there is no commit '.*' here; {way_out}"):
            sides_of(repository, text)
    git(shallow, "remote", "set-head", "origin", "--delete")
    git(shallow, "fetch", "-q", "--depth", "1", "origin", "main:refs/remotes/origin/main")
    with pytest.raises(GitUnavailable, match=f"have no commit in common; {way_out}"):
        sides_of(repository, None)
    git(shallow, "fetch", "-q", "--unshallow", "origin", "main:refs/remotes/origin/main", "topic")
    assert sides_of(repository, None) == Sides(forked["root"], None)


def test_a_git_that_is_broken_is_quoted_without_what_it_may_betray(repo: Repo, tmp_path: Path) -> None:
    said = "fatal: cannot reach https://user:s3cretpassword@example.net/\\033[31m"
    (tmp_path / "git").write_text(f"#!/bin/sh\nprintf '{said}' >&2\nexit 128\n")
    (tmp_path / "git").chmod(0o755)
    with pytest.raises(GitUnavailable, match="git says: cannot reach https://") as raised:
        locate(repo.tree, {**ENVIRONMENT, "PATH": f"{tmp_path}:{ENVIRONMENT['PATH']}"})
    assert "s3cret" not in str(raised.value)
    assert str(raised.value).isprintable()


def test_a_git_that_says_nothing_is_said(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "git").write_text("#!/bin/sh\nexit 3\n")
    (tmp_path / "git").chmod(0o755)
    with pytest.raises(GitUnavailable, match="git ended with 3 and said nothing"):
        locate(repo.tree, {**ENVIRONMENT, "PATH": str(tmp_path)})


def test_git_is_there_for_these_tests() -> None:
    assert shutil.which("git")
    assert subprocess.run(["git", "--version"], capture_output=True, check=True).stdout
