from __future__ import annotations

from pathlib import Path

import pytest

from tests.live.support import put, wait_for
from tests.server.support import Running, problem_of, request
from tests.source.git.repositories import Repo


def ids(running: Running, query: str = "") -> list[str]:
    return [one["id"] for one in running.get(f"/api/agents{query}").json()["agents"]]


def test_an_agent_is_answered_as_show_prints_it(running: Running) -> None:
    said = running.get("/api/agents/writer").json()
    assert said.pop("changed") is None  # no git
    assert said == running.watch.snapshot.show("writer")


def test_a_change_of_the_tree_is_answered_with_the_next_request(tree: Path) -> None:
    with Running(tree) as running:
        before = running.get("/api/agents/coder")
        put(tree, {"coder.yaml": "owner: other@example.net\nllm: {model: openai/gpt-4.1-mini}\n"})
        wait_for(lambda: running.watch.snapshot.generation == 2, "the change")
        after = running.get("/api/agents/coder")
        assert after.json()["config"]["owner"] == "other@example.net"
        assert after.headers["etag"] != before.headers["etag"]
        assert running.get("/api/agents/writer").json()["digest"] == after.json()["digest"]
        assert [one["owner"] for one in running.get("/api/agents?limit=1").json()["agents"]] == ["other@example.net"]


def test_the_list_has_every_agent_those_that_are_switched_off_too(running: Running) -> None:
    said = running.get("/api/agents").json()
    assert [one["id"] for one in said["agents"]] == ["coder", "old", "trader", "writer"]
    assert said["agents"][3] == {
        "id": "writer", "name": "Writer", "owner": "docs@example.net", "tags": ["docs", "eu"], "enabled": True,
        "file": f"{running.tree}/writer.yaml", "environment": None, "model": "openai/gpt-4.1", "provider": "openai",
    }  # fmt: skip
    assert (said["total"], said["next"], said["digest"]) == (4, None, running.watch.snapshot.digest)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?owner=docs@example.net", ["old", "writer"]),
        ("?tag=eu", ["trader", "writer"]),
        ("?tag=eu&tag=docs", ["writer"]),
        ("?provider=mistral", ["trader"]),
        ("?model=openai/gpt-4.1", ["old", "writer"]),
        ("?enabled=false", ["old"]),
        ("?enabled=true&owner=docs@example.net", ["writer"]),
        ("?owner=nobody", []),
    ],
)
def test_a_filter_leaves_those_that_fit(running: Running, query: str, expected: list[str]) -> None:
    assert ids(running, query) == expected


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/api/agents?onwer=nobody", "this address takes no parameter 'onwer'; did you mean 'owner'?"),
        ("/api/agents/writer/llm?secret=true", "this address takes no parameter 'secret'; did you mean 'secrets'?"),
        ("/api/agents/writer/explain?key=name&in=dev", "this address takes no parameter 'in'; it takes key"),
        ("/api/agents/writer?environment=dev", "this address takes no parameter 'environment'; it takes none"),
        ("/api/models?limit=3", "this address takes no parameter 'limit'; it takes none"),
        ("/api/models/recommend?mod=chat", "this address takes no parameter 'mod'; did you mean 'mode'?"),
        ("/api/usage?form=2026-01-01", "this address takes no parameter 'form'; it takes agent, by, since, until"),
        ("/api/agents?owner=a&owner=b", "the parameter 'owner' is said more than once; say it once"),
    ],
)  # fmt: skip
def test_a_parameter_that_an_address_does_not_take_is_not_left_out_without_a_word(
    running: Running, path: str, said: str
) -> None:
    answer = running.get(path)
    assert (answer.status_code, problem_of(answer), answer.json()["detail"]) == (422, "invalid-parameter", said)


def test_pages_follow_each_other_without_a_gap(running: Running) -> None:
    first = running.get("/api/agents?limit=3").json()
    assert (first["total"], first["next"]) == (4, "trader")
    assert ids(running, "?limit=3&after=trader") == ["writer"]


def test_a_page_has_a_hundred_agents_unless_told_otherwise(tree: Path) -> None:
    put(tree, {f"agent-{number:03}.yaml": "llm: {model: openai/gpt-4.1}\n" for number in range(120)})
    with Running(tree) as running:
        assert len(ids(running)) == 100
        assert len(ids(running, "?limit=1000")) == 124


@pytest.mark.parametrize("query", ["?limit=0", "?limit=1001", "?limit=x", "?enabled=perhaps"])
def test_a_parameter_that_is_none_is_said(running: Running, query: str) -> None:
    answer = running.get(f"/api/agents{query}")
    assert (answer.status_code, problem_of(answer)) == (422, "invalid-parameter")


def test_the_default_agent_has_its_address(running: Running) -> None:
    assert running.get("/api/agents/default").json()["id"] == "writer"


def test_without_a_default_agent_its_address_says_so(tree: Path) -> None:
    (tree / "_settings.yaml").unlink()
    with Running(tree) as running:
        answer = running.get("/api/agents/default")
    assert (answer.status_code, problem_of(answer)) == (404, "no-default-agent")


def test_an_explanation_names_every_layer(running: Running) -> None:
    said = running.get("/api/agents/coder/explain", params={"key": "llm.temperature"}).json()
    assert said == running.watch.explain("coder", "llm.temperature").as_json()
    assert [layer["layer"] for layer in said["layers"]] == ["defaults", "agent"]


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("/api/agents/coder/explain?key=llm.nothing", 404, "unknown-key"),
        ("/api/agents/nobody/explain?key=llm.model", 404, "unknown-agent"),
        ("/api/agents/coder/explain?key=llm..model", 422, "invalid-parameter"),
        ("/api/agents/coder/explain", 422, "invalid-parameter"),
        ("/api/agents/nobody", 404, "unknown-agent"),
        ("/api/agents/old", 404, "unknown-agent"),
        ("/api/agents/nobody/llm", 404, "unknown-agent"),
        ("/api/agents/coder/llm?variant=none", 404, "unknown-variant"),
        ("/api/nothing", 404, "not-found"),
        ("/api/agents/", 404, "not-found"),
    ],
)
def test_what_is_not_there_is_a_problem_with_its_name(running: Running, path: str, status: int, kind: str) -> None:
    answer = running.get(path)
    assert (answer.status_code, problem_of(answer)) == (status, kind)


def test_a_misspelt_agent_is_told_which_was_meant(running: Running) -> None:
    assert "did you mean 'writer'" in running.get("/api/agents/writr").json()["detail"]


def test_among_many_agents_the_one_that_was_meant_is_not_looked_for(tree: Path) -> None:
    put(tree, {f"agent-{number:03}.yaml": "llm: {model: openai/gpt-4.1}\n" for number in range(120)})
    with Running(tree) as running:
        said = "there is no agent 'agent-0001'; GET /api/agents lists those that there are"
        for path in ("", "/llm", "/explain?key=owner"):
            assert running.get(f"/api/agents/agent-0001{path}").json()["detail"] == said
        flag = running.client.post("/ofrep/v1/evaluate/flags/agent-0001", json={})
        assert (flag.status_code, flag.json()["errorDetails"]) == (404, said)
        assert "is disabled" in running.get("/api/agents/old").json()["detail"]


@pytest.mark.parametrize(
    "path",
    [
        "/api/agents/..%2f..%2fetc%2fpasswd", "/api/agents/%2e%2e", "/api/agents/writer%00", "/api/agents/writer%0a",
        "/api/agents/writer/..%5c", "/api/agents/_defaults", "/api/agents/writer.yaml", "/api/agents/%ff%fe",
        "/api/agents/WRITER", "/api/agents//writer", "/api/agents/writer;x=1", "/api/agents/trading%2ftrader",
    ],
)  # fmt: skip
def test_tricks_in_an_id_find_nothing(running: Running, path: str) -> None:
    assert running.said(request(path)).startswith(b"HTTP/1.1 404 ")


def test_head_says_what_get_would_without_the_body(running: Running) -> None:
    got, asked = running.get("/api/agents/writer"), running.client.head("/api/agents/writer")
    assert asked.status_code == 200
    assert asked.content == b""
    for name in ("content-length", "content-type", "etag"):
        assert asked.headers[name] == got.headers[name]
    assert running.client.head("/api/agents/nobody").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("POST", "/api/agents/writer", "GET, HEAD"), ("PUT", "/api/agents/writer", "GET, HEAD"),
        ("DELETE", "/api/status", "GET, HEAD"), ("GET", "/api/tickets", "POST"),
        ("PATCH", "/api/agents/nobody", "GET, HEAD"),
    ],
)  # fmt: skip
def test_another_method_is_told_which_there_are(running: Running, method: str, path: str, allow: str) -> None:
    answer = running.client.request(method, path)
    assert (answer.status_code, answer.headers["allow"], problem_of(answer)) == (405, allow, "method-not-allowed")


def test_who_has_the_newest_already_gets_no_body(running: Running) -> None:
    tag = running.get("/api/agents/writer").headers["etag"]
    for known in (tag, f'"other", W/{tag}', "*"):
        answer = running.get("/api/agents/writer", headers={"If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert running.get("/api/agents/writer", headers={"If-None-Match": '"other"'}).status_code == 200


def test_in_git_an_agent_says_who_changed_it_last(tmp_path: Path) -> None:
    repo = Repo(tmp_path / "repo")
    head = repo.commit("First", {"agents.d/a.yaml": "llm: {model: openai/gpt-4.1}\n"})
    with Running(repo.tree) as running:
        changed = wait_for(lambda: running.get("/api/agents/a").json()["changed"], "git's answer")
        assert changed == {"commit": head, "author": "Ada Löve", "at": "2023-11-14T23:43:20+01:30"}
        put(repo.tree, {"a.yaml": "owner: me@example.net\nllm: {model: openai/gpt-4.1}\n"})
        none = {"commit": None, "author": None, "at": None}
        wait_for(lambda: running.get("/api/agents/a").json()["changed"] == none, "the change that is not committed")
        second = repo.commit("Second")
        running.serving.last_changes.look()
        wait_for(lambda: (running.get("/api/agents/a").json()["changed"] or {}).get("commit") == second, "the commit")
