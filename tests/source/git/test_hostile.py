"""A repository is somebody else's text. Nothing that stands in it, or in its configuration, is run."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from agentconf.errors import GitUnavailable
from agentconf.source.folder import read_folder
from agentconf.source.git.blame import Blamer
from agentconf.source.git.changes import changed_paths
from agentconf.source.git.commit_tree import CommitTrees
from agentconf.source.git.history import history
from agentconf.source.git.objects import Objects
from agentconf.source.git.repository import locate
from agentconf.source.git.sides import sides_of
from tests.source.git.repositories import AGENT, ENVIRONMENT, Repo, git

HOOKS = [
    "post-checkout",
    "post-index-change",
    "reference-transaction",
    "pre-auto-gc",
    "fsmonitor-watchman",
    "query-watchman",
]


def use_everything(folder: Path, environment: Mapping[str, str] = ENVIRONMENT) -> None:
    located = locate(folder, environment)
    sides = sides_of(located.repository, None)
    head = located.repository.commit_of("HEAD")
    said = list(history(located, head))
    with Objects(located.repository) as objects:
        trees = CommitTrees(objects, located)
        made = [trees.at(commit.id) for commit in said]
        assert made[0].tree.open_prompt("p.md") == b"Be kind.\n"
        blamer = Blamer(objects, located, head)
        assert blamer.committed("a.yaml", [1])
        assert blamer.now("a.yaml", b"owner: x\n", [1])
    assert changed_paths(located, said[-1].id, head)
    assert sides.base


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    return tmp_path / "mark"


@pytest.fixture
def trap(tmp_path: Path, mark: Path) -> str:
    """A program that leaves a mark, whatever it is started as."""
    made = tmp_path / "trap"
    made.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{mark}'\ncat\n")
    made.chmod(0o755)
    return str(made)


@pytest.fixture
def hostile(repo: Repo, trap: str, mark: Path) -> Repo:
    repo.commit("Second", {"agents.d/p.md": "Be kind.\n", "agents.d/a.yaml": "owner: a\n"})
    attributes = "*.yaml diff=trap filter=trap merge=trap\n*.md diff=trap filter=trap text eol=crlf\n"
    repo.commit("Attributes", {".gitattributes": attributes, "agents.d/b.yaml": AGENT})
    settings = {
        "alias.blame": f"!{trap}",
        "alias.cat-file": f"!{trap}",
        "alias.log": f"!{trap}",
        "alias.rev-parse": f"!{trap}",
        "blame.ignoreRevsFile": "missing",
        "color.ui": "always",
        "core.alternateRefsCommand": trap,
        "core.askPass": trap,
        "core.editor": trap,
        "core.fsmonitor": trap,
        "core.gitProxy": trap,
        "core.hooksPath": str(repo.folder / "hooks"),
        "core.pager": trap,
        "core.sshCommand": trap,
        "credential.helper": f"!{trap}",
        "diff.external": trap,
        "diff.orderFile": "missing",
        "diff.trap.command": trap,
        "diff.trap.textconv": trap,
        "filter.trap.clean": trap,
        "filter.trap.process": trap,
        "filter.trap.required": "true",
        "filter.trap.smudge": trap,
        "gpg.program": trap,
        "gpg.ssh.program": trap,
        "log.follow": "true",
        "log.showSignature": "true",
        "merge.trap.driver": trap,
        "pager.blame": trap,
        "pager.log": trap,
        "protocol.ext.allow": "always",
        "format.pretty": "%G? %H",
        "log.date": "relative",
        "diff.renames": "copies",
        "log.diffMerges": "combined",
        "core.quotePath": "false",
        "i18n.logOutputEncoding": "UTF-16",
    }
    for folder in (repo.folder / "hooks", repo.folder / ".git" / "hooks"):
        folder.mkdir(exist_ok=True)
        for name in HOOKS:
            (folder / name).unlink(missing_ok=True)
            (folder / name).symlink_to(trap)
    signed = repo.git("cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n -----END\n\n", 1
    )
    made = git(repo.folder, "hash-object", "-t", "commit", "-w", "--stdin", stdin=f"{signed}\n".encode())
    repo.git("update-ref", "HEAD", made)
    for name, value in settings.items():
        repo.git("config", name, value)
    mark.unlink(missing_ok=True)  # git was at work here, too
    return repo


def test_no_program_that_a_repository_names_is_run(hostile: Repo, mark: Path) -> None:
    (hostile.tree / "a.yaml").write_text("owner: somebody else\n")  # the index has to be looked at anew
    use_everything(hostile.tree)
    assert not mark.exists(), mark.read_text()
    assert hostile.read().tree.files == {"a.yaml": b"owner: a\n", "b.yaml": AGENT.encode()}


@pytest.mark.parametrize(
    "command", ["log -1", "diff HEAD~2 HEAD", "log -p --no-ext-diff", "status", "blame --no-ignore-revs-file a.yaml"]
)
def test_the_traps_are_traps(command: str, hostile: Repo, mark: Path) -> None:
    """Otherwise the test above would prove nothing."""
    (hostile.tree / "a.yaml").write_text("owner: somebody else\n")
    ours = ["git", "-c", "diff.orderFile=/dev/null", "-c", "blame.ignoreRevsFile=/dev/null"]
    subprocess.run([*ours, *command.split()], cwd=hostile.tree, capture_output=True, check=False, env=ENVIRONMENT)
    assert mark.exists()


def test_nothing_is_written_into_a_repository(hostile: Repo) -> None:
    def state() -> dict[str, tuple[int, int]]:
        files = [path for path in hostile.folder.rglob("*") if path.is_file() and not path.is_symlink()]
        return {str(path): (path.stat().st_mtime_ns, path.stat().st_size) for path in files}

    (hostile.tree / "a.yaml").touch()
    before = state()
    use_everything(hostile.tree)
    assert state() == before


def test_variables_of_the_environment_change_nothing(hostile: Repo, trap: str, mark: Path) -> None:
    names = (
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "PAGER",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "GIT_EDITOR",
        "GIT_PROXY_COMMAND",
    )
    odd = {
        "GIT_DIR": "/nonexistent",
        "GIT_OBJECT_DIRECTORY": "/nonexistent",
        "GIT_TRACE": "1",
        "GIT_CONFIG": "/nonexistent",
        "GIT_ICASE_PATHSPECS": "1",
        "GIT_DIFF_OPTS": "-u9",
        "LC_ALL": "de_DE.UTF-8",
        "LANGUAGE": "de",
        "GIT_NAMESPACE": "x",
    }
    use_everything(hostile.tree, {**ENVIRONMENT, **dict.fromkeys(names, trap), **odd})
    assert not mark.exists(), mark.read_text()


@pytest.mark.parametrize("url", ["ext::{trap} %S", "ssh://example.invalid/x", "fd::17", "file:///nonexistent"])
def test_a_partial_clone_asks_nobody(url: str, repo: Repo, trap: str, mark: Path, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repo.folder}", "partial")
    partial = tmp_path / "partial"
    settings = {
        "remote.origin.url": url.format(trap=trap),
        "core.sshCommand": trap,
        "protocol.ext.allow": "always",
        "protocol.allow": "always",
        "remote.origin.uploadpack": trap,
    }
    for name, value in settings.items():
        git(partial, "config", name, value)
    located = locate(partial / "agents.d", ENVIRONMENT)
    with (
        Objects(located.repository) as objects,
        pytest.raises(GitUnavailable, match="this clone lacks objects"),
    ):
        CommitTrees(objects, located).at(located.repository.commit_of("HEAD"))
    assert not mark.exists(), mark.read_text()


def test_what_stands_in_for_an_object_is_not_taken_for_it(repo: Repo) -> None:
    old = repo.git("rev-parse", "HEAD:agents.d/a.yaml")
    new = git(repo.folder, "hash-object", "-w", "--stdin", stdin=b"owner: somebody else\n")
    repo.git("replace", old, new)
    assert repo.read().tree.files["a.yaml"] == AGENT.encode()


def test_a_bare_repository_in_a_tree_runs_nothing_either(repo: Repo, hostile: Repo, mark: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(hostile.folder), str(hostile.folder / "within"))
    mark.unlink(missing_ok=True)
    (hostile.folder / "within" / "config").write_text(
        (hostile.folder / ".git" / "config").read_text().replace("bare = false", "bare = true")
    )
    use_everything(hostile.folder / "within" / "agents.d")
    assert not mark.exists(), mark.read_text()


def test_a_folder_is_read_the_same_with_git_or_without(hostile: Repo) -> None:
    assert hostile.read().tree.files == read_folder(hostile.tree).files
