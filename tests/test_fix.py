"""Which findings are mended, and how: in memory, and on the disk."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from agentconf import codes
from agentconf.diagnostic import Diagnostic, Rule, Span
from agentconf.errors import EditRefused
from agentconf.fix.fixers import FIXERS
from agentconf.fix.proposal import fixes, mended
from agentconf.fix.rounds import Fixed, fix
from agentconf.fix.writing import write
from agentconf.source.folder import read_folder
from agentconf.source.tree import Tree
from agentconf.validation import Validation, validate
from tests.support import REPOSITORY, findings_of, texts

MODEL = "llm: {model: openai/gpt-4.1}\n"


def fixed(text: str, path: str = "a.yaml") -> str:
    """A file after all fixes; the second time, there is nothing to do."""
    once = fix(texts({path: text}), validate)
    assert fix(once.tree, validate).fixes == ()
    return once.tree.files[path].decode()


MENDED = {
    "llm:\n  model: a/b\n  temprature: 0.2  # low\n": "llm:\n  model: a/b\n  temperature: 0.2  # low\n",
    "{'llm': {'model': 'a/b', 'temprature': 1}}": "{'llm': {'model': 'a/b', 'temperature': 1}}",
    "nmae: A\nlmm: {modle: a/b, max-tokens: 5}\n": "name: A\nllm: {model: a/b, max_tokens: 5}\n",
    "limits: {budget: {usd: 1, per: Day}}\n": "limits: {budget: {usd: 1, per: day}}\n",
    'limits: {budget: {usd: 1, per: "mnoth"}}\n': 'limits: {budget: {usd: 1, per: "month"}}\n',
    "enabled: yes  # on\n": "enabled: true  # on\n",
    'enabled: "Off"\n': "enabled: false\n",
    "llm: {temperature: '0.2', max_tokens: \"5\"}\n": "llm: {temperature: 0.2, max_tokens: 5}\n",
    "environments: {prod: {lmm: {temprature: 1}}}\n": "environments: {prod: {llm: {temperature: 1}}}\n",
    "llm:\n  fallbacks:\n    - modle: a/b\n": "llm:\n  fallbacks:\n    - model: a/b\n",
    "\ufeff# head\r\nlmm: {}\r\nzzz: 1": "\ufeff# head\r\nllm: {}\r\nzzz: 1",
}


@pytest.mark.parametrize("text", MENDED)
def test_what_is_certain_is_written(text: str) -> None:
    assert fixed(text) == MENDED[text]


LEFT = {
    "llm: {temperature: 1, temprature: 2}": "the right key is there",
    "llm: {temprature: 1, temperatuer: 2}": "two keys may mean it",
    "llm: {top_k: 1}": "another parameter",
    "temperature: 1": "it belongs elsewhere",
    "tag: a": "it would be of the wrong type",
    "zzz: 1": "nothing is near",
    "llm: {temperature: cold}": "no number",
    "llm: {max_tokens: '1.5'}": "no whole number",
    "limits: {budget: {per: week}}": "no value is near",
    "name: 12": "which text was meant is for people to say",
}


@pytest.mark.parametrize("text", LEFT, ids=list(LEFT.values()))
def test_what_is_not_certain_is_left_and_said_not_to_be_fixable(text: str) -> None:
    assert not any(finding.fixable for finding in findings_of(texts({"a.yaml": text})))
    assert fixed(text) == text


@pytest.mark.parametrize("text", MENDED)
def test_exactly_what_is_said_to_be_fixable_is_mended(text: str) -> None:
    tree = texts({"a.yaml": text})
    findings = validate(tree).diagnostics
    fixable = [finding for finding in findings if finding.fixable]
    assert [fix.finding for fix in fixes(tree, findings)] == fixable
    assert fixable


def test_every_bad_case_that_says_so_is_mended() -> None:
    for case in sorted((REPOSITORY / "tests" / "cases" / "bad").iterdir()):
        tree = read_folder(case)
        before = findings_of(tree)
        outcome = fix(tree, validate)
        assert not any(finding.fixable for finding in outcome.validation.diagnostics), case.name
        assert len(outcome.validation.diagnostics) <= len(before), case.name


def test_a_text_that_an_alias_repeats_is_left() -> None:
    text = f"environments:\n  dev: &x {{lmm: {{}}}}\n  prod: *x\n{MODEL}"
    assert fixed(text) == text


RETIRING = Rule("AC303", "retiring-model", "warning", refuses=False)


def retiring(line: int, column: int, successor: str | None, file: str = "a.yaml") -> Diagnostic:
    span = Span(line, column, line, column + 1)
    return Diagnostic(RETIRING, "goes", file, span, fixable=successor is not None, replacement=successor)


def test_a_model_gives_way_to_its_successor_wherever_it_was_written() -> None:
    tree = texts({"_defaults.yaml": "llm:\n  model: 'a/old'  # why\n", "a.yaml": "{}\n"})
    said = [retiring(2, 10, "a/new", "_defaults.yaml")] * 2  # two agents inherit it
    found = fixes(tree, said)
    assert [str(one) for one in found] == ["goes: now 'a/new'"]
    assert mended(tree, found).files["_defaults.yaml"] == b"llm:\n  model: 'a/new'  # why\n"
    assert fixes(tree, [retiring(2, 10, None, "_defaults.yaml"), retiring(9, 9, "a/new")]) == []


def test_models_that_succeed_each_other_are_left() -> None:
    def check(tree: Tree) -> Validation:
        successor = "a/two" if b"one" in tree.files["a.yaml"] else "a/one"
        return replace(validate(tree), diagnostics=(retiring(1, 7, successor),))

    tree = texts({"a.yaml": "name: a/one\n"})
    assert fix(tree, check) == Fixed(tree, check(tree), ())


def test_a_finding_of_an_unregistered_rule_is_left() -> None:
    assert RETIRING.name in FIXERS
    odd = replace(retiring(1, 7, "b"), rule=codes.NO_MODEL)
    assert fixes(texts({"a.yaml": "name: a\n"}), [odd]) == []


# -- the line that names the schema

LINE = "# yaml-language-server: $schema="


def with_lines(files: Mapping[str, str]) -> Tree:
    """A tree in which most files have their line."""
    usual = {f"usual-{number}.yaml": f"{LINE}../schema/agent.schema.json\n{MODEL}" for number in range(4)}
    return texts({**usual, **files})


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("sub/a.yaml", f"{LINE}../schema/agent.schema.json\n", f"{LINE}../../schema/agent.schema.json\n"),
        ("a.yaml", f"\ufeff# x\r\n{LINE}../schema/profile.schema.json\r\n",
         f"\ufeff# x\r\n{LINE}../schema/agent.schema.json\r\n"),
        ("_profiles/p.yaml", "", f"{LINE}../../schema/profile.schema.json\n\n"),
        ("a.yaml", "\n", f"{LINE}../schema/agent.schema.json\n\n"),
        ("a.yaml", "---\n", f"{LINE}../schema/agent.schema.json\n\n---\n"),
        ("a.yaml", f"{LINE}../schema/agent.schema.json\n", f"{LINE}../schema/agent.schema.json\n"),
        ("a.yaml", f"{LINE}./../schema/agent.schema.json\n", f"{LINE}./../schema/agent.schema.json\n"),
        ("a.yaml", f"{LINE}https://example.net/agent.schema.json\n", f"{LINE}https://example.net/agent.schema.json\n"),
        ("a.yaml", f"{LINE}mine/other.json\n", f"{LINE}mine/other.json\n"),
    ],
)  # fmt: skip
def test_a_line_that_leads_nowhere_is_mended_and_a_missing_one_written(path: str, before: str, after: str) -> None:
    body = "name: A\r\n" if "\r" in before else "name: A\n"
    outcome = fix(with_lines({path: before + body}), validate)
    assert outcome.tree.files[path].decode() == after + body
    assert len(outcome.fixes) == (before != after)
    assert fix(outcome.tree, validate).fixes == ()


def test_a_tree_that_does_not_use_such_lines_gets_none() -> None:
    files = {"a.yaml": f"{LINE}../schema/agent.schema.json\n{MODEL}", "b.yaml": MODEL, "c.yaml": MODEL}
    assert fix(texts(files), validate).fixes == ()


def test_a_line_in_a_text_is_no_line() -> None:
    text = f"name: A\ninstructions: |\n  {LINE}x\n"
    [only] = fix(with_lines({"a.yaml": text}), validate).fixes
    assert str(only) == "the line that names the schema: now ../schema/agent.schema.json"


def test_the_files_of_this_repository_and_of_init_have_nothing_to_fix() -> None:
    for tree in ("agents.d", "agentconf/cli/templates/repository/agents.d"):
        assert fix(read_folder(REPOSITORY / tree), validate).fixes == ()


# -- on the disk

TYPO = "lmm: {model: openai/gpt-4.1}\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tree").mkdir()
    (tmp_path / "tree" / "a.yaml").write_text(TYPO)
    return tmp_path / "tree"


def write_fixed(folder: Path) -> list[str]:
    tree = read_folder(folder)
    return write(tree, fix(tree, validate).tree)


def test_a_file_keeps_its_mode_and_files_without_fixes_are_not_touched(folder: Path) -> None:
    (folder / "b.yaml").write_text(MODEL)
    (folder / "a.yaml").chmod(0o640)
    before = (folder / "b.yaml").stat()
    assert write_fixed(folder) == ["a.yaml"]
    assert (folder / "a.yaml").read_text() == MODEL
    assert (folder / "a.yaml").stat().st_mode & 0o777 == 0o640
    assert ((folder / "b.yaml").stat().st_ino, (folder / "b.yaml").stat().st_mtime_ns) == (
        before.st_ino,
        before.st_mtime_ns,
    )
    assert sorted(os.listdir(folder)) == ["a.yaml", "b.yaml"]


def test_a_link_stays_and_the_file_that_it_leads_to_is_written(folder: Path) -> None:
    (folder / "real.txt").write_text(TYPO)
    (folder / "b.yaml").symlink_to("real.txt")
    assert write_fixed(folder) == ["a.yaml", "b.yaml"]
    assert (folder / "b.yaml").is_symlink()
    assert (folder / "real.txt").read_text() == MODEL


def test_two_names_for_one_file_are_written_once(folder: Path) -> None:
    (folder / "b.yaml").symlink_to("a.yaml")
    assert write_fixed(folder) == ["a.yaml", "b.yaml"]
    assert (folder / "a.yaml").read_text() == MODEL
    assert (folder / "b.yaml").is_symlink()


def test_what_lies_beside_the_tree_is_not_fixed(folder: Path) -> None:
    (folder.parent / "other.yaml").write_text(TYPO)
    (folder / "b.yaml").symlink_to("../other.yaml")
    assert write_fixed(folder) == ["a.yaml"]
    assert (folder.parent / "other.yaml").read_text() == TYPO


def test_a_link_that_comes_to_lead_out_meanwhile_is_not_followed(folder: Path) -> None:
    tree = read_folder(folder)
    (folder.parent / "other.yaml").write_text(TYPO)
    (folder / "a.yaml").unlink()
    (folder / "a.yaml").symlink_to("../other.yaml")
    after = replace(tree, files={"a.yaml": MODEL.encode()})
    with pytest.raises(EditRefused, match="leads out of the tree"):
        write(tree, after)
    assert (folder.parent / "other.yaml").read_text() == TYPO


@pytest.mark.parametrize("change", [lambda file: file.write_text("name: B\n"), lambda file: file.unlink()])
def test_nothing_is_written_where_a_file_has_changed_since_it_was_read(folder: Path, change: object) -> None:
    (folder / "b.yaml").write_text(TYPO)
    tree = read_folder(folder)
    after = fix(tree, validate).tree
    assert callable(change)
    change(folder / "b.yaml")
    with pytest.raises(EditRefused, match=r"b\.yaml has changed since it was read"):
        write(tree, after)
    assert (folder / "a.yaml").read_text() == TYPO


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anything")
@pytest.mark.parametrize("name", ["a.yaml", "."])
def test_nothing_is_written_where_it_may_not_be(folder: Path, name: str) -> None:
    mode = (folder / name).stat().st_mode
    (folder / name).chmod(0o555)
    try:
        with pytest.raises(EditRefused, match="read-only"):
            write_fixed(folder)
    finally:
        (folder / name).chmod(mode)
    assert (folder / "a.yaml").read_text() == TYPO
