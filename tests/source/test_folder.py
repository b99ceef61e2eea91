from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentconf.errors import SourceUnavailable
from agentconf.source.filesystem import holders
from agentconf.source.folder import FILE_LIMIT_BYTES, PROMPT_LIMIT_BYTES, read_folder, read_regular
from agentconf.source.tree import Unread
from tests.support import found

AGENT = "llm: {model: openai/gpt-4.1}\n"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    made = tmp_path / "holder" / "agents.d"
    made.mkdir(parents=True)
    (made / "a.yaml").write_text(AGENT)
    return made


def faults(root: Path) -> list[tuple[str, str]]:
    tree = read_folder(root)
    return [(finding.code, finding.file.removeprefix(f"{tree.shown_as}/")) for finding in tree.faults]


def test_files_are_read_by_their_path_in_its_order(root: Path) -> None:
    (root / "team").mkdir()
    (root / "team" / "b.yml").write_bytes(b"\xff\xfe")
    (root / "B.txt").write_text("passed over")
    (root / "_models.lock.json").write_text("{}")
    tree = read_folder(root)
    assert list(tree.files) == ["_models.lock.json", "a.yaml", "team/b.yml"]
    assert tree.files["team/b.yml"] == b"\xff\xfe"
    assert tree.faults == ()


def test_findings_name_files_relative_to_the_current_folder(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a.yaml").write_text("nme: A\n")
    names = []
    for here, path in ((root.parent, "agents.d"), (root.parent, "./agents.d/"), (root, "."), (root.parent, str(root))):
        monkeypatch.chdir(here)
        names.append(found(read_folder(path))[0][0])
    assert names == ["agents.d/a.yaml", "agents.d/a.yaml", "a.yaml", "agents.d/a.yaml"]


def test_a_folder_elsewhere_is_named_as_it_was_given(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert read_folder(root).shown("a.yaml") == f"{root}/a.yaml"
    assert read_folder("../holder/agents.d").shown("a.yaml") == "../holder/agents.d/a.yaml"


def test_a_name_above_the_root_does_not_matter(tmp_path: Path) -> None:
    root = tmp_path / ".cache" / "_x" / ".agents.d"
    root.mkdir(parents=True)
    (root / "a.yaml").write_text(AGENT)
    assert list(read_folder(root).files) == ["a.yaml"]


# -- what cannot be read at all


def test_a_missing_folder_is_said_with_what_to_do(tmp_path: Path) -> None:
    said = r"there is no folder '.*nowhere'; name the config tree, or make one with"
    with pytest.raises(SourceUnavailable, match=said):
        read_folder(tmp_path / "nowhere")


def test_a_file_is_no_folder(root: Path) -> None:
    with pytest.raises(SourceUnavailable, match="is a file; name the folder that holds the agents"):
        read_folder(root / "a.yaml")


def test_the_message_of_a_strange_path_is_printable(tmp_path: Path) -> None:
    with pytest.raises(SourceUnavailable) as raised:
        read_folder(tmp_path / "a\x1b[31m\n")
    assert str(raised.value).isprintable()
    assert isinstance(raised.value, OSError)


# -- sizes


def test_a_file_of_just_1_mib_is_read_and_a_larger_one_is_not(root: Path) -> None:
    (root / "b.yaml").write_bytes(b"#" * FILE_LIMIT_BYTES)
    assert faults(root) == []
    (root / "b.yaml").write_bytes(b"#" * (FILE_LIMIT_BYTES + 1))
    assert faults(root) == [("AC011", "b.yaml")]
    assert list(read_folder(root).files) == ["a.yaml"]


def test_a_prompt_of_just_256_kib_is_read_and_a_larger_one_is_not(root: Path) -> None:
    (root / "a.md").write_bytes(b"x" * PROMPT_LIMIT_BYTES)
    assert read_folder(root).open_prompt("a.md") == b"x" * PROMPT_LIMIT_BYTES
    (root / "a.md").write_bytes(b"x" * (PROMPT_LIMIT_BYTES + 1))
    assert isinstance(read_folder(root).open_prompt("a.md"), Unread)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that cannot be read even by root is Linux's")
def test_a_file_that_fails_to_be_read_says_why() -> None:
    assert read_regular("/proc/self/mem", 100) == Unread("input/output error")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_or_folder_without_permission_is_a_finding(root: Path) -> None:
    (root / "b.yaml").write_text(AGENT)
    (root / "b.yaml").chmod(0)
    (root / "team").mkdir(mode=0)
    assert faults(root) == [("AC016", "b.yaml"), ("AC016", "team")]


def test_what_became_something_else_meanwhile_is_neither_read_nor_waited_for(root: Path) -> None:
    os.mkfifo(root / "fifo")
    (root / "link").symlink_to("a.yaml")
    for name in ("fifo", "link", "."):
        said = read_regular(str(root / name), 100)
        assert isinstance(said, Unread)
        assert said.reason == "it is not a regular file"


# -- links


def test_links_are_followed_within_the_folder_that_holds_the_root(root: Path) -> None:
    shared = root.parent / "shared"
    shared.mkdir()
    (shared / "b.yaml").write_text(AGENT)
    (root / "b.yaml").symlink_to("../shared/b.yaml")
    (root / "team").symlink_to(shared)
    (root / "c.yaml").symlink_to("a.yaml")
    (root / "a.md").symlink_to("../shared/b.yaml")
    tree = read_folder(root)
    assert (list(tree.files), tree.faults) == (["a.yaml", "b.yaml", "c.yaml", "team/b.yaml"], ())
    assert tree.open_prompt("a.md") == AGENT.encode()


def test_links_out_of_it_are_not_followed(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "b.yaml").write_text(AGENT)
    (tmp_path / "holder-2").mkdir()
    (root / "b.yaml").symlink_to(tmp_path / "outside" / "b.yaml")
    (root / "team").symlink_to(tmp_path / "outside")
    (root / "twin").symlink_to(tmp_path / "holder-2")
    (root / "notes.txt").symlink_to(tmp_path / "outside" / "b.yaml")
    (root / "a.md").symlink_to(tmp_path / "outside" / "b.yaml")
    assert sorted(faults(root)) == [("AC018", "b.yaml"), ("AC018", "team"), ("AC018", "twin")]
    assert list(read_folder(root).files) == ["a.yaml"]
    said = read_folder(root).open_prompt("a.md")
    assert said == Unread("it is a link that leads out of the folder that holds the tree")


def test_a_config_map_is_read_once_through_its_links(root: Path) -> None:
    (root / "a.yaml").unlink()
    (root / "..2026_11_21").mkdir()
    (root / "..2026_11_21" / "a.yaml").write_text(AGENT)
    (root / "..data").symlink_to("..2026_11_21")
    (root / "a.yaml").symlink_to("..data/a.yaml")
    tree = read_folder(root)
    assert (dict(tree.files), tree.faults) == ({"a.yaml": AGENT.encode()}, ())


def test_a_root_that_is_a_link_may_hold_links_beside_either(root: Path, tmp_path: Path) -> None:
    (tmp_path / "mounted").mkdir()
    (tmp_path / "mounted" / "agents.d").symlink_to(root)
    (tmp_path / "mounted" / "b.yaml").write_text(AGENT)
    (root / "b.yaml").symlink_to(tmp_path / "mounted" / "b.yaml")
    (root.parent / "c.yaml").write_text(AGENT)
    (root / "c.yaml").symlink_to("../c.yaml")
    assert list(read_folder(tmp_path / "mounted" / "agents.d").files) == ["a.yaml", "b.yaml", "c.yaml"]


def test_a_tree_mounted_at_the_top_does_not_reach_the_whole_machine() -> None:
    assert holders("/agents.d", "/agents.d") == ("/agents.d",)
    assert holders("/etc/agents.d", "/data/v1/agents.d") == ("/data/v1/agents.d", "/data/v1", "/etc")


def test_folders_as_deep_as_no_tree_needs_are_not_entered(root: Path) -> None:
    deepest = root
    for _ in range(40):
        deepest = deepest / "d"
        deepest.mkdir()
    (deepest / "b.yaml").write_text(AGENT)
    assert [code for code, _ in faults(root)] == ["AC017"]


# -- names


@pytest.mark.parametrize("name", [b"\xff.yaml", b"a\n.yaml", b"\x1b[31m.yaml", "\u202e.yaml".encode()])
def test_a_name_that_is_no_readable_text_is_a_finding_that_can_be_printed(name: bytes, root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/" + name)).write_text(AGENT)
    [fault] = read_folder(root).faults
    assert fault.code == "AC107"
    assert str(fault).isprintable()


def test_a_strange_name_that_is_not_read_is_passed_over(root: Path) -> None:
    Path(os.fsdecode(os.fsencode(root) + b"/\xff.txt")).write_text(AGENT)
    assert faults(root) == []


def test_a_folder_with_such_a_name_is_a_finding_since_it_may_hold_agents(root: Path) -> None:
    strange = Path(os.fsdecode(os.fsencode(root) + b"/team\xff"))
    strange.mkdir()
    (strange / "b.yaml").write_text(AGENT)
    [fault] = read_folder(root).faults
    assert (fault.code, fault.message) == ("AC107", "this folder's name is not readable text")
    assert str(fault).isprintable()


# -- folders reached twice


def test_folders_that_link_to_each_other_are_read_once_each(root: Path) -> None:
    names = [f"team{number}" for number in range(8)]
    for name in names:
        (root / name).mkdir()
        (root / name / f"agent-{name}.yaml").write_text(AGENT)
        for other in names:
            if other != name:
                (root / name / other).symlink_to(f"../{other}")
    tree = read_folder(root)
    assert list(tree.files) == ["a.yaml", *(f"{name}/agent-{name}.yaml" for name in names)]
    assert len(tree.faults) == 8 * 7
    assert {fault.code for fault in tree.faults} == {"AC017"}


def test_a_link_that_leads_back_is_one_finding(root: Path) -> None:
    (root / "back").symlink_to(".")
    (root / "before").symlink_to("team")
    (root / "team").mkdir()
    (root / "team" / "b.yaml").write_text(AGENT)
    tree = read_folder(root)
    assert list(tree.files) == ["a.yaml", "team/b.yaml"]  # by its own name, though the link comes first
    assert faults(root) == [("AC017", "back"), ("AC017", "before")]
    assert "read already" in tree.faults[0].message


def test_a_folder_of_prompts_alone_may_be_linked_from_several_places(root: Path) -> None:
    (root.parent / "prompts").mkdir()
    (root.parent / "prompts" / "p.md").write_text("Be kind.")
    for name in ("one", "two"):
        (root / name).symlink_to("../prompts")
    tree = read_folder(root)
    assert tree.faults == ()
    assert tree.open_prompt("two/p.md") == b"Be kind."


def test_folders_too_deep_are_not_taken_for_links(root: Path) -> None:
    (root / "/".join("d" * 40)).mkdir(parents=True)
    [fault] = read_folder(root).faults
    assert (fault.code, fault.message) == ("AC017", "folders are nested deeper than 32 levels")


def test_a_link_that_is_replaced_meanwhile_is_a_fault_of_itself_alone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (root / "b.yaml").symlink_to("a.yaml")
    (root / "notes").symlink_to("a.yaml")
    real = os.path.realpath

    def replaced(path: str) -> str:
        if os.path.basename(path) in {"b.yaml", "notes", "p.md"}:
            raise OSError(22, "Invalid argument")
        return real(path)

    monkeypatch.setattr(os.path, "realpath", replaced)
    tree = read_folder(root)
    assert list(tree.files) == ["a.yaml"]
    assert [(fault.code, fault.file.rpartition("/")[2]) for fault in tree.faults] == [("AC016", "b.yaml")]
    assert tree.open_prompt("p.md") == Unread("invalid argument")
