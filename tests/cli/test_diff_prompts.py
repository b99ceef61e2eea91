"""Prompts in files of their own, through `agentconf diff` and `log` in real repositories."""

from __future__ import annotations

import hashlib

import pytest

from tests.cli.console import Console
from tests.source.git.repositories import AGENT, Repo

NAMES_PROMPT = f"{AGENT}instructions_file: p.md\n"
NOTHING = "nothing changes for any resolved agent\n"


@pytest.fixture
def repo(console: Console) -> Repo:
    """One commit with the agent `a`, whose prompt is of two lines."""
    repo = Repo(console.folder)
    repo.commit("First", {"agents.d/a.yaml": NAMES_PROMPT, "agents.d/p.md": "One.\nTwo.\n"})
    return repo


def pointer(text: str) -> str:
    """What git holds of a file in Git LFS."""
    data = text.encode()
    digest = hashlib.sha256(data).hexdigest()
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {len(data)}\n"


def test_line_ends_of_a_checkout_are_no_change(console: Console, repo: Repo) -> None:
    repo.commit("Ends", {".gitattributes": "* text=auto eol=crlf\n"})
    repo.git("rm", "-q", "-r", "--cached", "agents.d")
    repo.git("reset", "-q", "--hard")
    (repo.folder / "agents.d" / "p.md").unlink()
    repo.git("checkout", "--", "agents.d")
    assert (repo.folder / "agents.d" / "p.md").read_bytes() == b"One.\r\nTwo.\r\n"
    assert console("diff", "HEAD", "--exit-code").out == NOTHING
    (repo.folder / "agents.d" / "p.md").write_bytes(b"One.\r\nThree.\r\n")
    out = console("diff", "HEAD").out
    assert "One. [-Two-]{+Three+}." in out
    assert "\\r" not in out
    assert "agents.d/p.md:1" in out


def test_a_prompt_in_git_lfs_is_the_text_that_its_pointer_points_at(console: Console, repo: Repo) -> None:
    repo.commit("Pointer", {"agents.d/p.md": pointer("The text.\n")})
    repo.write({"agents.d/p.md": "The text.\n"})
    assert console("diff", "HEAD").out == NOTHING
    repo.write({"agents.d/p.md": "Another text.\n"})
    out = console("diff", "HEAD").out
    assert "the system prompt changes; it lies in Git LFS" in out
    assert "the text lies in Git LFS, and is not compared" in out
    assert "oid" not in out


@pytest.mark.parametrize("form", ["text", "markdown"])
def test_of_two_commits_with_pointers_it_is_said_that_the_texts_differ(console: Console, repo: Repo, form: str) -> None:
    repo.commit("Pointer", {"agents.d/p.md": pointer("The text.\n")})
    repo.commit("Another", {"agents.d/p.md": pointer("Another text.\n")})
    out = console("diff", "HEAD~..HEAD", "--format", form).out
    assert "it lies in Git LFS, and a commit says no more than that" in out
    assert "sha256" not in out
    assert console("log", "a", "-n", "1", "--format", "json").json[0]["subject"] == "Another"


def test_a_pointer_is_told_to_no_model(console: Console, repo: Repo) -> None:
    repo.write({"agents.d/p.md": pointer("The text.\n")})
    outcome = console("validate")
    assert outcome.status == 1
    assert "cannot use the prompt file 'p.md': it is a pointer of Git LFS, and not the text (run 'git lfs pull')" in (
        outcome.out
    )


def test_a_pointer_in_the_place_of_an_agent_is_said_to_be_one(console: Console, repo: Repo) -> None:
    repo.commit("Pointer", {"agents.d/b.yaml": pointer(AGENT)})
    for outcome in (console("diff", "HEAD~..HEAD"), console("validate")):
        assert "AC101 this file is a pointer of Git LFS, and not the file itself (run 'git lfs pull'" in outcome.out


def test_a_link_is_followed_to_what_it_is_about(console: Console, repo: Repo) -> None:
    links = {"agents.d/p.md": "../shared/p.md", "agents.d/b.yaml": "../shared/b.yaml"}
    repo.write({"shared/p.md": "One.\nTwo.\n", "shared/b.yaml": NAMES_PROMPT})
    for link, target in links.items():
        (repo.folder / link).unlink(missing_ok=True)
        (repo.folder / link).symlink_to(target)
    repo.commit("Links")
    assert "b is new" in console("diff", "HEAD~..HEAD").out
    repo.commit("Elsewhere", {"shared/p.md": "One.\nThree.\n"})
    change = console("diff", "HEAD~..HEAD", "--format", "json").json["changes"][0]
    assert change["cause"] == {"file": "agents.d/p.md", "line": 1}
    assert console("diff", "HEAD").out == NOTHING
    repo.write({"shared/b.yaml": NAMES_PROMPT + "name: B\n"})
    assert "agents.d/b.yaml:3  name: (not set) to B" in console("diff", "HEAD").out


def test_log_sees_what_a_link_led_to_though_the_link_is_gone(console: Console, repo: Repo) -> None:
    repo.write({"shared/p.md": "One.\n"})
    (repo.folder / "agents.d" / "p.md").unlink()
    (repo.folder / "agents.d" / "p.md").symlink_to("../shared/p.md")
    repo.commit("Link")
    repo.commit("Elsewhere", {"shared/p.md": "Three.\n"})
    (repo.folder / "agents.d" / "p.md").unlink()
    repo.commit("No link", {"agents.d/p.md": "Three.\n"})
    subjects = [entry["subject"] for entry in console("log", "a", "--format", "json").json]
    assert subjects == ["Elsewhere", "Link", "First"]


def test_prompts_of_many_agents_are_read_by_every_process_for_itself(console: Console, repo: Repo) -> None:
    agents = {f"agents.d/n{number}.yaml": f"{AGENT}instructions_file: n{number}.md\n" for number in range(600)}
    repo.commit("Many", agents | {f"agents.d/n{number}.md": f"Before {number}." for number in range(600)})
    repo.commit("Other", {f"agents.d/n{number}.md": f"After {number}." for number in range(600)})
    changes = console("diff", "HEAD~..HEAD", "--format", "json").json["changes"]
    assert {(one["agent"], one["old"], one["new"]) for one in changes} == {
        (f"n{number}", f"Before {number}.", f"After {number}.") for number in range(600)
    }


def test_a_small_edit_of_a_long_prompt_is_shown_and_a_new_long_prompt_is_said_to_be_one(
    console: Console, repo: Repo
) -> None:
    words = [f"word{number}" for number in range(20_000)]
    repo.commit("Long", {"agents.d/p.md": " ".join(words)})
    repo.write({"agents.d/p.md": " ".join([*words[:9_000], "NEW", *words[9_001:]])})
    assert "[-word9000-] {+NEW+} word9001" in console("diff", "HEAD").out
    repo.write({"agents.d/p.md": " ".join(reversed(words))})
    for form in ("text", "markdown"):
        said = console("diff", "HEAD", "--format", form).out
        assert "too much differs to show it word by word: 20,000 words before, 20,000 after" in said
