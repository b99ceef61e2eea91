"""The action's comment: made once, found again, written anew; the token shown to nobody; no refusal fails the job."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agentconf.report.review.markdown import MARK
from tests.github_api import COMMENTS, GitHub, serving
from tests.support import REPOSITORY

TOKEN = "ghs_" + "planted1" * 4
REVIEW = f"{MARK}\n### agentconf: 1 edit reaches 1 agent 🔴\n"
SCRIPT = REPOSITORY / "scripts" / "action" / "comment.py"


@pytest.fixture
def github() -> Iterator[GitHub]:
    with serving(GitHub()) as served:
        yield served


def comment(github: GitHub, folder: Path, **said: str) -> str:
    """What the step prints. It never fails, and never shows the token."""
    file = folder / "review.md"
    file.write_text(REVIEW, encoding="utf-8")
    variables = {
        "TOKEN": TOKEN, "FILE": str(file), "NUMBER": "7", "SAYS_SOMETHING": "true", "GITHUB_REPOSITORY": "acme/agents",
        "GITHUB_API_URL": github.address, "GITHUB_GRAPHQL_URL": f"{github.address}/graphql",
        "no_proxy": "*", "PYTHONUTF8": "1",
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-I", str(SCRIPT)], env=variables | said, capture_output=True, encoding="utf-8", check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert TOKEN not in done.stdout
    assert TOKEN not in github.command_lines
    assert len(done.stdout.splitlines()) == 1
    return done.stdout


def methods(github: GitHub) -> list[str]:
    """What was asked of the comments."""
    return [method for method, target in github.seen if target != "/graphql"]


def test_the_mark_is_that_of_the_report() -> None:
    assert f'MARK = "{MARK}"\n' in SCRIPT.read_text(encoding="utf-8")


def test_a_comment_is_made_once_and_then_written_anew_in_place(github: GitHub, tmp_path: Path) -> None:
    github.add("Looks good to me.", "ada")
    assert "the comment is made" in comment(github, tmp_path)
    assert github.comments[1]["body"] == REVIEW
    github.comments[1]["body"] = f"{MARK}\nof the commit before\n"
    assert "written anew" in comment(github, tmp_path, SAYS_SOMETHING="false")
    assert [one["body"] for one in github.comments] == ["Looks good to me.", REVIEW]
    assert github.tokens == {f"Bearer {TOKEN}"}


def test_a_comment_is_found_on_a_later_page(github: GitHub, tmp_path: Path) -> None:
    for number in range(230):
        github.add(f"{number}", "ada")
    ours = github.add(f"{MARK}\nold\n")
    comment(github, tmp_path)
    assert methods(github) == ["GET", "GET", "GET", "PATCH"]
    assert github.comments[ours - 1]["body"] == REVIEW


def test_a_full_last_page_is_not_the_end(github: GitHub, tmp_path: Path) -> None:
    for number in range(100):
        github.add(f"{number}", "ada")
    comment(github, tmp_path)
    assert methods(github) == ["GET", "GET", "POST"]


@pytest.mark.parametrize(
    ("body", "login"),
    [
        (f"{MARK}\nforged", "ada"),
        (f"{MARK}\nof another app", "renovate[bot]"),
        (f"> {MARK}\nquoted", "github-actions[bot]"),
        (f"See this:\n{MARK}\n", "github-actions[bot]"),
    ],
)
def test_what_others_wrote_or_quote_is_left_alone(github: GitHub, tmp_path: Path, body: str, login: str) -> None:
    github.add(body, login)
    comment(github, tmp_path)
    assert [one["body"] for one in github.comments] == [body, REVIEW]


def test_with_a_token_of_ones_own_the_comment_of_its_owner_is_written_anew(github: GitHub, tmp_path: Path) -> None:
    github.viewer = "release-robot"
    github.add(f"{MARK}\nof the workflow's token", "github-actions[bot]")
    github.add(f"{MARK}\nold", "release-robot")
    comment(github, tmp_path)
    assert [one["body"] for one in github.comments] == [f"{MARK}\nof the workflow's token", REVIEW]


def test_where_github_does_not_say_who_asks_it_is_the_workflow(github: GitHub, tmp_path: Path) -> None:
    github.viewer = None
    github.add(f"{MARK}\nold")
    assert "written anew" in comment(github, tmp_path)


def test_nothing_to_say_makes_no_comment(github: GitHub, tmp_path: Path) -> None:
    assert "no comment to write anew" in comment(github, tmp_path, SAYS_SOMETHING="false")
    assert github.comments == []


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_token_that_may_only_read_leaves_the_summary(github: GitHub, tmp_path: Path, method: str) -> None:
    github.refuses = {method: 403}
    said = comment(github, tmp_path)
    assert said.startswith("::notice title=agentconf::this token may not comment")
    assert "the review is in the summary" in said
    assert github.comments == []


@pytest.mark.parametrize("status", [401, 404, 422, 500, 503])
def test_a_refusal_is_a_warning_that_shows_no_token(github: GitHub, tmp_path: Path, status: int) -> None:
    github.refuses, github.told = {"POST": status}, f"bad {TOKEN}\n::error::100%"
    said = comment(github, tmp_path)
    assert said.startswith(f"::warning title=agentconf::no comment: GitHub answers {status} (bad *** ::error::100%25)")


def test_a_list_that_cannot_be_read_to_its_end_makes_no_second_comment(github: GitHub, tmp_path: Path) -> None:
    github.refuses = {"GET": 500}
    comment(github, tmp_path)
    assert methods(github) == ["GET"]


def test_a_redirect_is_not_followed(github: GitHub, tmp_path: Path) -> None:
    with serving(GitHub()) as elsewhere:
        github.refuses, github.location = {"GET": 302}, f"{elsewhere.address}{COMMENTS}"
        assert "GitHub answers 302" in comment(github, tmp_path)
        assert elsewhere.seen == []


def test_without_a_network_there_is_a_warning(tmp_path: Path) -> None:
    with serving(GitHub()) as gone:
        pass
    assert "::warning title=agentconf::no comment: GitHub is not reached" in comment(gone, tmp_path)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("GITHUB_API_URL", "http://api.example.com", "not https"),
        ("GITHUB_API_URL", "file:///etc", "not https"),
        ("GITHUB_API_URL", "http://[", "no comment"),
        ("GITHUB_REPOSITORY", "acme/agents/../../user", "no pull request"),
        ("NUMBER", "7/../8", "no pull request"),
        ("NUMBER", "", "no pull request"),
        ("TOKEN", "two\nlines", "no token"),
        ("TOKEN", "", "there is no token"),
    ],
)
def test_what_makes_no_sense_is_sent_nowhere(
    github: GitHub, tmp_path: Path, name: str, value: str, reason: str
) -> None:
    more = {"GITHUB_GRAPHQL_URL": value} if name == "GITHUB_API_URL" else {}
    assert reason in comment(github, tmp_path, **{name: value}, **more)
    assert github.seen == []
