from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from agentconf.server.access.caller import Scope
from agentconf.server.access.making import new_token, revoke_token
from agentconf.server.options import Options
from tests.live.support import wait_for
from tests.server.conftest import Secured
from tests.server.support import ADA, Running, bearer, problem_of, token_in

READING = ["/api/agents", "/api/agents/writer", "/api/agents/default", "/api/agents/writer/llm", "/api/models",
           "/api/agents/writer/explain?key=llm.model", "/api/models/recommend", "/api/status", "/api/usage",
           "/metrics"]  # fmt: skip
SECRET = "the-value-that-nobody-may-see"


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVER_TEST_KEY", SECRET)
    monkeypatch.setenv("SERVER_TEST_OTHER", f"{SECRET}-either")


def test_without_a_token_nothing_is_told_but_whether_it_lives(secured: Secured) -> None:
    for path in READING:
        answer = secured.running.get(path)
        assert (answer.status_code, problem_of(answer)) == (401, "unauthorized"), path
        assert answer.headers["www-authenticate"] == 'Bearer realm="agentconf"'
    for path in ("/healthz", "/readyz", "/openapi.json"):
        assert secured.running.get(path).status_code == 200


def test_a_method_that_there_is_not_is_said_before_anything_else(secured: Secured) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        answer = secured.running.client.request(method, "/api/status", content=b"{")
        assert (answer.status_code, problem_of(answer)) == (405, "method-not-allowed")


def test_a_token_lets_its_owner_read(secured: Secured) -> None:
    with secured.running.new_client(secured.read) as client:
        for path in set(READING) - {"/api/usage"}:
            assert client.get(path).status_code == 200, path


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer agentconf_reader_x", "Basic cmVhZGVyOng=", "bearer", "Bearer \xe9", "Token x",
     "Bearer agentconf_nobody_" + "A" * 43, "Bearer agentconf_reader_" + "A" * 43, "Bearer " + "A" * 5000],
)  # fmt: skip
def test_what_is_no_token_counts_for_nothing(secured: Secured, header: str) -> None:
    answer = secured.running.get("/api/agents", headers={b"Authorization": header.encode("latin-1")})
    assert (answer.status_code, problem_of(answer)) == (401, "unauthorized")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]
    assert header[-40:] not in answer.text or len(header) < 40


def test_a_token_with_too_little_scope_is_told_which_it_lacks(secured: Secured) -> None:
    with secured.running.new_client(secured.read) as client:
        for answer in (client.get("/api/agents/writer/llm?secrets=true"), client.post("/api/accept-deletes")):
            assert (answer.status_code, problem_of(answer)) == (403, "forbidden")
            assert "it has: read" in answer.json()["detail"]


def test_an_expired_token_is_refused_by_name(secured: Secured) -> None:
    _, token = new_token(str(secured.tokens), "late", frozenset({Scope.READ}), ADA, timedelta(seconds=-1))
    wait_for(lambda: "expired" in secured.running.get("/api/agents", headers=bearer(token)).text, "the new token")
    assert secured.running.get("/api/agents", headers=bearer(token)).status_code == 401


def test_a_revoked_token_is_refused_within_a_second_or_two(secured: Secured) -> None:
    assert secured.running.get("/api/agents", headers=bearer(secured.read)).status_code == 200
    revoke_token(str(secured.tokens), "reader")
    wait_for(lambda: secured.running.get("/api/agents", headers=bearer(secured.read)).status_code == 401, "the end", 3)
    assert "was revoked" in secured.running.get("/api/agents", headers=bearer(secured.read)).json()["detail"]


def test_a_new_token_counts_without_a_restart(secured: Secured) -> None:
    token = token_in(secured.tokens, "newcomer")
    wait_for(lambda: secured.running.get("/api/agents", headers=bearer(token)).status_code == 200, "the token", 3)


def test_a_broken_file_of_tokens_keeps_those_that_were_read(secured: Secured) -> None:
    secured.tokens.write_text("{")
    gate = secured.running.app.state.gate
    headers = bearer(secured.read)
    wait_for(lambda: (secured.running.get("/api/agents", headers=headers), gate.book.trouble)[1], "the trouble", 3)
    assert secured.running.get("/api/agents", headers=headers).status_code == 200


# -- secrets


def test_secrets_are_told_to_a_token_with_that_scope_and_nobody_stores_them(secured: Secured) -> None:
    answer = secured.running.get("/api/agents/writer/llm?secrets=true", headers=bearer(secured.secrets))
    said = answer.json()
    assert (said["model"], said["api_key"], said["extra_headers"]) == ("openai/gpt-4.1", SECRET, {"X-Team": "search"})
    assert said["fallbacks"][0]["api_key"] == f"{SECRET}-either"
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_each_reading_of_secrets_is_noted_down_without_them(secured: Secured) -> None:
    secured.running.get("/api/agents/writer/llm?secrets=true", headers=bearer(secured.secrets))
    noted = next(one for one in secured.running.log() if one.get("event") == "secrets-read")
    assert (noted["agent"], noted["token"], noted["client"]) == ("writer", "keeper", "127.0.0.1")
    assert noted["owner"] == "Ada Lovelace <ada@example.net>"
    secured.running.logged("/api/agents/writer/llm")
    assert SECRET not in str(secured.running.log())
    assert secured.secrets not in str(secured.running.log())


def test_what_cannot_be_noted_down_is_not_told(secured: Secured) -> None:
    secured.running.app.state.log._stream.close()
    answer = secured.running.get("/api/agents/writer/llm?secrets=true", headers=bearer(secured.secrets))
    assert (answer.status_code, problem_of(answer)) == (503, "not-audited")
    assert SECRET not in answer.text


def test_without_the_question_secrets_are_references(secured: Secured) -> None:
    for path in READING:
        answer = secured.running.get(path, headers=bearer(secured.secrets))
        assert SECRET not in answer.text
    said = secured.running.get("/api/agents/writer/llm", headers=bearer(secured.secrets)).json()
    assert said["api_key"] == "${env:SERVER_TEST_KEY}"
    assert said["fallbacks"][0]["api_key"] == "${env:SERVER_TEST_OTHER}"


@pytest.mark.parametrize(
    "header",
    ["X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Scheme", "Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP"],
)
def test_what_was_forwarded_by_an_unknown_proxy_gets_no_secrets(secured: Secured, header: str) -> None:
    headers = {**bearer(secured.secrets), header: "https"}
    answer = secured.running.get("/api/agents/writer/llm?secrets=true", headers=headers)
    assert (answer.status_code, problem_of(answer)) == (403, "not-private")
    assert SECRET not in answer.text


def test_a_secret_without_a_value_is_named_by_its_reference(
    secured: Secured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SERVER_TEST_KEY")
    answer = secured.running.get("/api/agents/writer/llm?secrets=true", headers=bearer(secured.secrets))
    assert (answer.status_code, problem_of(answer)) == (424, "secret-unavailable")
    assert "${env:SERVER_TEST_KEY}" in answer.json()["detail"]


def test_without_tokens_everybody_on_this_machine_reads_and_nobody_does_more(running: Running) -> None:
    assert running.get("/api/agents").status_code == 200
    for answer in (running.get("/api/agents/writer/llm?secrets=true"), running.client.post("/api/accept-deletes")):
        assert (answer.status_code, problem_of(answer)) == (401, "unauthorized")


# -- tickets, proxies


def test_a_ticket_is_for_streams_alone(secured: Secured) -> None:
    said = secured.running.client.post("/api/tickets", headers=bearer(secured.write)).json()
    assert said["expires_in_s"] == 30
    assert secured.running.get(f"/api/agents?ticket={said['ticket']}").status_code == 401


def test_without_a_token_there_is_no_ticket(secured: Secured) -> None:
    assert secured.running.client.post("/api/tickets").status_code == 401


def test_a_proxy_is_believed_only_where_it_is_named(tree: Path, tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.json"
    token = token_in(tokens, "keeper", Scope.SECRETS)
    headers = {**bearer(token), "X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"}
    with Running(tree, Options(tokens=str(tokens), proxies=("127.0.0.1",))) as running:
        assert running.get("/api/agents/writer/llm?secrets=true", headers=headers).status_code == 200
        assert running.logged("/api/agents/writer/llm")["client"] == "203.0.113.7"
        clear = {**headers, "X-Forwarded-Proto": "http"}
        assert running.get("/api/agents/writer/llm?secrets=true", headers=clear).status_code == 403
        silent = running.get("/api/agents/writer/llm?secrets=true", headers=bearer(token))
        assert (silent.status_code, problem_of(silent)) == (403, "not-private")
    with Running(tree, Options(tokens=str(tokens))) as running:
        running.get("/api/status", headers=headers)
        assert running.logged("/api/status")["client"] == "127.0.0.1"


def test_deletes_are_confirmed_by_who_may_write(secured: Secured) -> None:
    answer = secured.running.client.post("/api/accept-deletes", headers=bearer(secured.write))
    assert (answer.status_code, answer.json()) == (200, {"accepted": []})
