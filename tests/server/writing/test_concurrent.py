"""Many writers at once, of one file and of several, through one server and through two: nobody's edit is lost."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.server.writing.hosted import Answer, Client, hosted
from tests.source.git.repositories import Repo

WRITERS = 50


def written(client: Client, path: str, patch: object) -> tuple[Answer, int]:
    """The answer in the end, and how often the file had changed meanwhile."""
    late = 0
    while True:
        answer = client.patch(patch, path)
        if answer.status != 412:
            return answer, late
        late += 1


@pytest.mark.timeout(240)
def test_each_of_fifty_accepted_writes_is_in_the_history_exactly_once(repo: Repo, tmp_path: Path) -> None:
    before = repo.git("rev-parse", "HEAD")
    with hosted(repo.tree, tmp_path) as one, hosted(repo.tree, tmp_path) as other:

        def write(number: int) -> tuple[Answer, int]:
            client = (one, other)[number // 2 % 2].writer
            return written(client, f"/api/agents/{'ab'[number % 2]}", {"metadata": {f"writer-{number}": number}})

        with ThreadPoolExecutor(WRITERS) as pool:
            done = list(pool.map(write, range(WRITERS)))
        documents = {name: one.reader.ask("GET", f"/api/agents/{name}/document").body["document"] for name in "ab"}
    assert [answer.status for answer, _ in done] == [200] * WRITERS, done
    assert sum(late for _, late in done) > 0, "they were not at it at the same time"
    for at, name in enumerate("ab"):
        assert documents[name]["metadata"] == {f"writer-{number}": number for number in range(at, WRITERS, 2)}
    commits = repo.git("rev-list", f"{before}..HEAD").split()
    assert sorted(commits) == sorted(answer.body["commit"] for answer, _ in done)
    for number, (answer, _) in enumerate(done):
        shown = repo.git("show", "--format=", "--unified=0", answer.body["commit"])
        added = [line for line in shown.splitlines() if line.startswith("+") and "writer-" in line]
        assert added == [f"+  writer-{number}: {number}"]
    assert repo.git("fsck", "--strict", "--no-dangling") == ""
    assert repo.git("status", "--porcelain") == ""


@pytest.mark.timeout(120)
def test_of_writers_that_saw_the_same_one_wins(repo: Repo, tmp_path: Path) -> None:
    with hosted(repo.tree, tmp_path) as server:
        tag = {"if-match": server.writer.tag()}

        def write(number: int) -> int:
            patch = json.dumps({"description": f"Number {number}."}).encode()
            return server.writer.ask("PATCH", "/api/agents/a", patch, tag).status

        with ThreadPoolExecutor(20) as pool:
            statuses = list(pool.map(write, range(20)))
    assert sorted(statuses) == [200] + [412] * 19
    assert repo.git("rev-list", "--count", "HEAD") == "2"


def by_hand(repo: Repo, subject: str) -> None:
    """As a person who is told that another git is at work, and tries again."""
    while True:
        try:
            repo.git("commit", "-q", "--allow-empty", "--no-gpg-sign", "-m", subject)
        except AssertionError as error:
            if "index.lock" not in str(error) and "cannot lock ref" not in str(error):
                raise
        else:
            return


@pytest.mark.timeout(120)
def test_a_person_who_commits_meanwhile_loses_nothing(repo: Repo, tmp_path: Path) -> None:
    with hosted(repo.tree, tmp_path) as server:

        def write(number: int) -> int:
            return written(server.writer, "/api/agents/a", {"metadata": {f"w{number}": number}})[0].status

        with ThreadPoolExecutor(8) as pool:
            done = [pool.submit(write, number) for number in range(8)]
            for number in range(8):
                by_hand(repo, f"By hand {number}")
        assert {one.result() for one in done} == {200}
        document = server.reader.ask("GET", "/api/agents/a/document").body["document"]
    assert document["metadata"] == {f"w{number}": number for number in range(8)}
    subjects = repo.git("log", "--format=%s").splitlines()
    assert sum(subject.startswith("By hand") for subject in subjects) == 8
    assert len(subjects) == 17
    assert repo.git("status", "--porcelain") == ""
