from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentconf import pipeline
from agentconf.diagnostic import Diagnostic
from agentconf.errors import GitUnavailable, NotInCommit
from agentconf.source.folder import FILE_LIMIT_BYTES, PROMPT_LIMIT_BYTES, TOO_LARGE, read_folder
from agentconf.source.git import commit_files
from agentconf.source.git.commit_tree import CommitTree, CommitTrees, read_commit
from agentconf.source.git.objects import Objects
from agentconf.source.git.repository import locate
from agentconf.source.tree import Tree, Unread
from tests.source.git.repositories import AGENT, ENVIRONMENT, Repo, git, read

MARK = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n"


def in_order(faults: tuple[Diagnostic, ...]) -> list[str]:
    """As one would compare them: a disk lists its names in any order."""
    return sorted(str(fault) for fault in faults)


def assert_same(commit: CommitTree, folder: Tree) -> None:
    assert list(commit.tree.files.items()) == list(folder.files.items())
    assert in_order(commit.tree.faults) == in_order(folder.faults)
    assert commit.tree.shown_as == folder.shown_as
    assert commit.tree.metadata_schema == folder.metadata_schema
    assert commit.oids.keys() == commit.tree.files.keys()


# -- the same as a checkout


def test_a_commit_is_read_as_its_folder_is(repo: Repo) -> None:
    repo.commit(
        "More",
        {
            "agents.d/_defaults.yaml": "owner: search\n",
            "agents.d/_profiles/careful.yaml": "tags: [careful]\n",
            "agents.d/_models.lock.json": "{}",
            "agents.d/team/b.yml": b"\xff\xfe",
            "agents.d/team/_notes.yaml": "a: 1\n",
            "agents.d/team/.hidden.yaml": AGENT,
            "agents.d/notes.txt": "passed over",
            "agents.d/x.yaml/README": "a folder with the name of a file",
            "elsewhere/c.yaml": AGENT,
        },
    )
    commit = repo.git("rev-parse", "HEAD")
    made = repo.read()
    assert_same(made, read_folder(repo.tree))
    assert len(made.tree.faults) == 2
    assert (made.tree.origin.kind, made.tree.origin.path, made.tree.origin.revision) == ("git", "agents.d", commit)
    assert made.oids["a.yaml"] == repo.git("rev-parse", "HEAD:agents.d/a.yaml")
    assert pipeline.draft(made.tree).config.agents.keys() >= {"a", "b"}


def test_the_whole_repository_may_be_the_tree(repo: Repo) -> None:
    repo.commit("More", {"b.yaml": AGENT, "schema/metadata.schema.json": "{}"})
    made = repo.read(path=".")
    assert_same(made, read_folder(repo.folder))
    assert list(made.tree.files) == ["agents.d/a.yaml", "b.yaml"]
    assert made.tree.metadata_schema is None


def test_an_older_commit_is_read_as_it_was(repo: Repo) -> None:
    repo.commit("Gone", {"agents.d/b.yaml": AGENT})
    shutil.rmtree(repo.tree)
    repo.commit("All gone")
    assert list(repo.read("HEAD~1").tree.files) == ["a.yaml", "b.yaml"]
    assert list(repo.read("HEAD~2").tree.files) == ["a.yaml"]
    with pytest.raises(NotInCommit, match=r"there is no folder 'agents\.d' in commit [0-9a-f]{10}"):
        repo.read()


def test_a_file_is_no_folder_in_a_commit_either(repo: Repo) -> None:
    with pytest.raises(NotInCommit, match=r"'README\.md' is a file; name the folder that holds the agents"):
        repo.read(path="README.md")


STRANGE = [
    "a b.yaml",
    "it's.yaml",
    'quo"te.yaml',
    "-n.yaml",
    "--all.yaml",
    ":!x.yaml",
    "*.yaml",
    "\\t.yaml",
    "ä.yaml",
    "翻訳.yaml",
    "new\nline.yaml",
    "\x1b[31m.yaml",
    "\udcff.yaml",
    "\u2028.yaml",
]


@pytest.mark.parametrize("name", STRANGE)
def test_strange_names_are_read_and_said_as_in_a_folder(name: str, repo: Repo) -> None:
    for path in (repo.tree / name, repo.tree / f"in {name[:-5]}" / "b.yaml"):
        path.parent.mkdir(exist_ok=True)
        path.write_text(AGENT)
    repo.commit("Strange")
    assert_same(repo.read(), read_folder(repo.tree))


@pytest.mark.parametrize("name", [name.removesuffix(".yaml") for name in STRANGE])
def test_the_tree_itself_may_have_a_strange_name(name: str, repo: Repo) -> None:
    (repo.folder / name).mkdir()
    (repo.folder / name / "b.yaml").write_text(AGENT)
    repo.commit("Strange")
    assert list(repo.read(path=name).tree.files) == ["b.yaml"]


def test_line_ends_and_large_file_pointers_are_read_as_they_were_committed(repo: Repo) -> None:
    files = {"agents.d/b.yaml": AGENT.replace("\n", "\r\n"), "agents.d/c.yaml": MARK}
    repo.commit("Verbatim", {".gitattributes": "*.yaml -text\n", **files})
    assert_same(repo.read(), read_folder(repo.tree))
    repo.commit("Converted", {".gitattributes": "*.yaml text eol=crlf\n"})
    assert repo.read().tree.files["b.yaml"] == AGENT.encode()


def test_files_of_just_1_mib_are_read_and_larger_ones_are_not(repo: Repo) -> None:
    large = {
        f"agents.d/{name}.yaml": b"#" * size
        for name, size in (("b", FILE_LIMIT_BYTES), ("c", FILE_LIMIT_BYTES + 1), ("d", 17 << 20), ("e", 1))
    }
    repo.commit("Large", large)
    made = repo.read()
    assert_same(made, read_folder(repo.tree))
    assert list(made.tree.files) == ["a.yaml", "b.yaml", "e.yaml"]
    with Objects(repo.located().repository) as objects:  # one at a time, too: git is ended in the middle of the largest
        oids = [repo.git("rev-parse", f"HEAD:agents.d/{name}.yaml") for name in "edce"]
        assert [objects.file(oid) is TOO_LARGE for oid in oids] == [False, True, True, False]


def test_a_submodule_is_an_empty_folder_as_in_a_clone_without_it(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other")
    other.commit("First", {"b.yaml": AGENT})
    for name in ("team", "_strange", "c.yaml"):
        repo.git("submodule", "--quiet", "add", str(other.folder), f"agents.d/{name}")
    repo.commit("Submodules")
    git(tmp_path, "clone", "-q", str(repo.folder), "clone")
    located = locate(tmp_path / "clone" / "agents.d", ENVIRONMENT)
    assert_same(read(located), read_folder(tmp_path / "clone" / "agents.d"))
    assert len(read(located).tree.faults) == 2


# -- links


def test_links_are_followed_within_the_folder_that_holds_the_tree(repo: Repo) -> None:
    repo.write({"shared/b.yaml": AGENT, "shared/p.md": "Be kind.", "deep/er/d.yaml": AGENT})
    links = {
        "b.yaml": "../shared/b.yaml",
        "team": "../shared",
        "c.yaml": "a.yaml",
        "p.md": "team/../shared/p.md",
        "d": "../deep",
        "twice.yaml": "b.yaml",
    }
    for name, target in links.items():
        (repo.tree / name).symlink_to(target)
    repo.commit("Links")
    made = repo.read()
    assert_same(made, read_folder(repo.tree))
    assert list(made.tree.files) == ["a.yaml", "b.yaml", "c.yaml", "d/er/d.yaml", "team/b.yaml", "twice.yaml"]
    assert made.tree.open_prompt("p.md") == read_folder(repo.tree).open_prompt("p.md")
    assert made.reaches == ("deep", "shared")


def test_links_that_lead_nowhere_or_out_are_faults_as_in_a_folder(repo: Repo) -> None:
    nested = repo.folder / "config" / "agents.d"
    nested.mkdir(parents=True)
    links = {
        "out.yaml": "../../README.md",
        "team": "../../agents.d",
        "gone.yaml": "nothing.yaml",
        "loop.yaml": "loop.yaml",
        "one.yaml": "two.yaml",
        "two.yaml": "one.yaml",
        "far.yaml": "../../../../../../nowhere/x.yaml",
        "notes": "../../README.md",
        "root.yaml": "/nonexistent/a.yaml",
        "through.yaml": "../../README.md/x.yaml",
        "back": ".",
        "up": "..",
    }
    for name, target in links.items():
        (nested / name).symlink_to(target)
    repo.commit("Links", {"config/agents.d/a.yaml": AGENT})
    made = repo.read(path="config/agents.d")
    assert_same(made, read_folder(nested))
    for name in links:
        assert made.tree.open_prompt(name) == read_folder(nested).open_prompt(name), name


def test_what_lies_beside_a_clone_is_no_part_of_a_commit_though_a_folder_may_link_to_it(repo: Repo) -> None:
    (repo.folder.parent / "b.yaml").write_text(AGENT)
    (repo.folder / "b.yaml").symlink_to("../b.yaml")
    repo.commit("Link")
    assert "b.yaml" in read_folder(repo.folder).files
    made = repo.read(path=".").tree
    assert list(made.files) == ["agents.d/a.yaml"]
    assert [fault.code for fault in made.faults] == ["AC018"]


def test_a_chain_of_a_thousand_links_is_a_fault(repo: Repo) -> None:
    for number in range(1200):
        (repo.tree / f"link{number}").symlink_to(f"link{number + 1}")
    (repo.tree / "b.yaml").symlink_to("link0")
    repo.commit("Links")
    for tree in (repo.read().tree, read_folder(repo.tree)):
        assert list(tree.files) == ["a.yaml"]
        assert [fault.file.rpartition("/")[2] for fault in tree.faults] == ["b.yaml"]
        assert isinstance(tree.open_prompt("link0"), Unread)


def test_a_chain_of_more_links_than_a_system_follows_is_not_followed(repo: Repo) -> None:
    for number in range(50):
        (repo.tree / f"link{number}.yaml").symlink_to(f"link{number + 1}.yaml" if number < 49 else "a.yaml")
    repo.commit("Links")
    assert_same(repo.read(), read_folder(repo.tree))
    assert len(repo.read().tree.files) == 1 + 40


# -- beside the config files


def test_prompts_are_read_from_the_same_commit_when_they_are_asked_for(repo: Repo) -> None:
    repo.commit("Prompt", {"agents.d/p.md": "Old.", "agents.d/.hidden/q.md": "Hidden."})
    made = repo.read()
    repo.commit("Prompt", {"agents.d/p.md": "New.", "agents.d/large.md": b"x" * (PROMPT_LIMIT_BYTES + 1)})
    assert made.tree.open_prompt("p.md") == b"Old."
    assert made.tree.open_prompt(".hidden/q.md") == b"Hidden."
    folder, now = read_folder(repo.tree), repo.read()
    for path in ("p.md", "large.md", "nothing.md", "a.yaml/x.md", "a.yaml", ".hidden"):
        assert now.tree.open_prompt(path) == folder.open_prompt(path), path
    assert now.oid_of_prompt("p.md") == repo.git("rev-parse", "HEAD:agents.d/p.md") != made.oid_of_prompt("p.md")
    assert now.oid_of_prompt("a.yaml") == made.oid_of_prompt("a.yaml")
    assert now.oid_of_prompt("nothing.md") is None


def test_the_organisations_schema_lies_beside_the_tree(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Schema", {"schema/metadata.schema.json": '{"type": "object"}'})
    made = repo.read()
    assert_same(made, read_folder(repo.tree))
    assert made.tree.metadata_schema is not None
    assert made.tree.metadata_schema.data == b'{"type": "object"}'
    assert repo.read("HEAD~1").tree.metadata_schema is None


@pytest.mark.parametrize(
    "target", ["other.json", "../../README.md", "../../../none.json", "metadata.schema.json", "nothing"]
)
def test_a_schema_that_is_a_link_is_read_as_beside_a_folder(target: str, repo: Repo) -> None:
    nested = repo.folder / "config"
    repo.write({"config/agents.d/a.yaml": AGENT, "config/schema/other.json": "{}"})
    (nested / "schema" / "metadata.schema.json").symlink_to(target)
    repo.commit("Schema")
    read_by_git = repo.read(path="config/agents.d").tree.metadata_schema
    assert read_by_git == read_folder(nested / "agents.d").metadata_schema
    assert (read_by_git is None) == (target in {"nothing", "../../../none.json"})


# -- once


def test_what_two_commits_share_is_read_once(repo: Repo) -> None:
    first = repo.commit("Prompts", {"agents.d/b.yaml": "owner: b\n", "agents.d/p.md": "Prompt."})
    second = repo.commit("Change", {"agents.d/a.yaml": "owner: a\n", "agents.d/c/d.yaml": "owner: b\n"})
    located = repo.located()
    with Objects(located.repository) as objects:
        trees = CommitTrees(objects, located)
        before, after = trees.at(first), trees.at(second)
        assert after.tree.files["b.yaml"] is before.tree.files["b.yaml"]
        assert after.tree.files["c/d.yaml"] is before.tree.files["b.yaml"]  # whatever the name
        assert after.oids["c/d.yaml"] == before.oids["b.yaml"]
        assert after.tree.open_prompt("p.md") is before.tree.open_prompt("p.md")
        assert {path for path, oid in after.oids.items() if before.oids.get(path) != oid} == {"a.yaml", "c/d.yaml"}


def test_a_link_that_leads_elsewhere_is_a_change_though_its_folder_is_as_it_was(repo: Repo) -> None:
    repo.write({"shared/b.yaml": "owner: one\n"})
    (repo.tree / "b.yaml").symlink_to("../shared/b.yaml")
    first = repo.commit("Link")
    second = repo.commit("Elsewhere", {"shared/b.yaml": "owner: two\n"})
    located = repo.located()
    with Objects(located.repository) as objects:
        trees = CommitTrees(objects, located)
        assert [trees.at(each).tree.files["b.yaml"] for each in (first, second)] == [b"owner: one\n", b"owner: two\n"]


def test_many_commits_give_what_each_gives_alone(repo: Repo) -> None:
    commits = [repo.git("rev-parse", "HEAD")]
    for number in range(6):
        (repo.tree / "link").unlink(missing_ok=True)
        (repo.tree / "link").symlink_to(("team", "../shared", "nothing")[number % 3])
        files = {f"agents.d/team/t{number % 4}.yaml": f"owner: o{number}\n", f"shared/s{number % 2}.yaml": AGENT}
        commits.append(repo.commit("Change", files))
    located = repo.located()
    with Objects(located.repository) as objects:
        trees = CommitTrees(objects, located)
        for commit in (*commits, *reversed(commits)):
            alone, together = repo.read(commit), trees.at(commit)
            assert together.tree.files == alone.tree.files
            assert together.tree.faults == alone.tree.faults
            assert (together.oids, together.reaches) == (alone.oids, alone.reaches)


# -- what is not there, or too much


def test_a_partial_clone_fetches_nothing_and_says_the_way_out(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--filter=blob:none", "--no-checkout", f"file://{repo.folder}", "partial")
    located = locate(tmp_path / "partial" / "agents.d", ENVIRONMENT)
    with pytest.raises(
        GitUnavailable, match="this clone lacks objects, and agentconf fetches none: if it is a partial one, run 'git"
    ):
        read(located)
    assert repo.git("rev-parse", "HEAD:agents.d/a.yaml") not in git(
        tmp_path / "partial", "cat-file", "--batch-all-objects", "--batch-check"
    )
    git(tmp_path / "partial", "fetch", "-q", "--refetch", "--no-filter")
    assert list(read(located).tree.files) == ["a.yaml"]


def test_a_missing_object_is_said(repo: Repo) -> None:
    oid = repo.git("rev-parse", "HEAD:agents.d/a.yaml")
    (repo.folder / ".git" / "objects" / oid[:2] / oid[2:]).unlink()
    with pytest.raises(GitUnavailable, match=f"the object {oid[:10]} is missing"):
        repo.read()


def test_a_damaged_object_is_said(repo: Repo) -> None:
    oid = repo.git("rev-parse", "HEAD:agents.d")
    at = repo.folder / ".git" / "objects" / oid[:2] / oid[2:]
    at.chmod(0o644)
    at.write_bytes(b"nonsense")
    with pytest.raises(GitUnavailable) as raised:
        repo.read()
    assert str(raised.value).isprintable()


def test_an_object_of_another_kind_is_said(repo: Repo) -> None:
    tree, file = repo.git("rev-parse", "HEAD:agents.d"), repo.git("rev-parse", "HEAD:agents.d/a.yaml")
    with Objects(repo.located().repository) as objects:
        for ask, oid, kind in (
            (objects.file, tree, "file"),
            (objects.folder, file, "folder"),
            (objects.root_of, file, "commit"),
        ):
            with pytest.raises(GitUnavailable, match=f"{oid[:10]} is no {kind}; the repository is damaged"):
                ask(oid)
        assert objects.file(file) == AGENT.encode()


def test_folders_that_hold_each_other_many_times_over_are_not_entered(
    repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_files, "_NAMES_LIMIT", 20_000)
    tree = repo.git("rev-parse", "HEAD:agents.d")
    for _ in range(12):  # 10 ** 12 files
        lines = "".join(f"040000 tree {tree}\tf{number}\n" for number in range(10))
        tree = git(repo.folder, "mktree", stdin=lines.encode())
    commit = repo.git("commit-tree", tree, "-m", "Bomb")
    with pytest.raises(GitUnavailable, match="the commit holds more than two million files"):
        repo.read(commit, ".")


def test_folders_as_deep_as_no_tree_needs_are_not_entered(repo: Repo) -> None:
    repo.commit("Deep", {"agents.d/" + "d/" * 40 + "b.yaml": AGENT})
    assert_same(repo.read(), read_folder(repo.tree))
    assert [fault.code for fault in repo.read().tree.faults] == ["AC017"]


def test_names_that_no_checkout_would_make_lead_nowhere(repo: Repo) -> None:
    blob, tree = repo.git("rev-parse", "HEAD:agents.d/a.yaml"), repo.git("rev-parse", "HEAD:agents.d")
    raw = b"".join(
        b"%s %s\0" % (mode, name) + bytes.fromhex(oid)
        for mode, name, oid in (
            (b"100644", b"../../evil.yaml", blob),
            (b"40000", b"..", tree),
            (b"40000", b".", tree),
            (b"100664", b"b.yaml", blob),
        )
    )
    made = git(repo.folder, "hash-object", "-t", "tree", "-w", "--stdin", "--literally", stdin=raw)
    commit = repo.git("commit-tree", made, "-m", "Evil")
    assert list(repo.read(commit, ".").tree.files) == ["b.yaml"]


def test_a_repository_of_sha_256_is_read(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "newer", "--object-format=sha256")
    repo.commit("First", {"agents.d/a.yaml": AGENT, "agents.d/team/b.yaml": AGENT})
    assert_same(repo.read(), read_folder(repo.tree))
    assert len(repo.read().commit) == 64


def test_more_files_than_fit_into_a_pipe_are_read(repo: Repo) -> None:
    repo.commit(
        "Many", {f"agents.d/team{number % 300}/t{number}.yaml": f"owner: o{number}\n" for number in range(1500)}
    )
    assert_same(repo.read(), read_folder(repo.tree))
    located = repo.located()
    with Objects(located.repository) as objects:
        made = read_commit(objects, located, located.repository.commit_of("HEAD"))
        assert made.tree.files == read_folder(repo.tree).files


# -- the law

PARTS = ["a", "b", "team", "_profiles", "_environments", "_x", ".dot", "d e", "ü"]
FILES = [
    "a.yaml",
    "b.yml",
    "_defaults.yaml",
    "_settings.yaml",
    "_defaults.yml",
    "p.md",
    "Ä.yaml",
    "#x#",
    "c.yaml~",
    "\n.yaml",
]
PATHS = st.tuples(
    st.sampled_from(["agents.d", "agents.d", "agents.d", "shared", "."]),
    st.lists(st.sampled_from(PARTS), max_size=2),
    st.sampled_from(FILES + PARTS),
).map(lambda made: os.path.normpath("/".join((made[0], *made[1], made[2]))))
TEXTS = st.sampled_from([b"", AGENT.encode(), b"owner: x\r\n", MARK.encode(), b"\xff\xfe\x00"])
TARGETS = st.one_of(
    PATHS.map(lambda path: f"../{path}"),
    PATHS.map(lambda path: f"../../{path}"),
    st.sampled_from([*FILES, *PARTS]),
    st.sampled_from(
        [".", "..", "../..", "../shared/..", "../../../nothing-there", "/nonexistent", "a.yaml/..", "team/../a.yaml"]
    ),
)


@settings(max_examples=60)
@given(
    files=st.dictionaries(PATHS, TEXTS, max_size=12),
    links=st.dictionaries(PATHS, TARGETS, max_size=5),
    folder=st.sampled_from(["agents.d", "agents.d", ".", "agents.d/team"]),
)
def test_a_commit_is_the_folder_of_its_checkout(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], links: dict[str, str], folder: str
) -> None:
    repo = Repo(tmp_path_factory.mktemp("law") / "outer" / "repo")
    wanted: dict[str, bytes | str] = {**links, **files, "agents.d/team/z.yaml": b""}
    for path, made in wanted.items():
        _put(repo.folder / path, made)
    _remove_ways_out(repo.folder)
    commit = repo.commit()
    try:
        there = read_folder(repo.folder / folder)
    except OSError:
        with pytest.raises(NotInCommit):
            repo.read(commit, folder)
        return
    made_by_git = repo.read(commit, folder)
    assert_same(made_by_git, there)
    for path in {*files, *links}:
        below = os.path.relpath(path, folder)
        if not below.startswith(".."):
            assert _prompt(made_by_git.tree, below) == _prompt(there, below), below


def _put(path: Path, made: bytes | str) -> None:
    """What cannot be there, since something else is, is left out."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(made, str):
            path.symlink_to(made)
        elif not path.is_symlink():
            path.write_bytes(made)
    except OSError:
        pass


def _remove_ways_out(folder: Path) -> None:
    """Links out of the clone: what lies beside it is no part of a commit."""
    for link in [path for path in folder.rglob("*") if path.is_symlink()]:
        real = os.path.realpath(link)
        if real != str(folder) and not real.startswith(f"{folder}/"):
            link.unlink()
            with suppress(OSError):  # it holds something else
                os.removedirs(link.parent)  # git knows no empty folders
            _remove_ways_out(folder)
            return


def _prompt(tree: Tree, path: str) -> bytes | Unread:
    return tree.open_prompt(path)
