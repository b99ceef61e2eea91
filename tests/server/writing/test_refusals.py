"""What is refused, how it is said, and that nothing is written then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from agentconf.server.writing import alone
from tests.server.writing.hosted import AGENT, FILE, Answer, Client, Hosted, hosted
from tests.source.git.repositories import Repo

PATCH = {"name": "Other"}
DESCRIBED = "#/components/schemas/InvalidEdit"
KEY = "sk-proj-" + "".join(f"aB3{digit}xYz" for digit in range(9))


@pytest.fixture(autouse=True)
def untouched(repo: Repo) -> Iterator[None]:
    """Whatever is refused leaves the commit as it was."""
    yield
    assert repo.git("log", "--all", "--format=%s", "--author=Lovelace") == ""


def refused(answer: Answer, status: int, name: str) -> str:
    """What the problem document says."""
    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json"), answer
    assert answer.body["type"] == f"urn:agentconf:problem:{name}"
    return answer.detail


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_writes_that_are_off_are_a_405_before_anything_else(repo: Repo, tmp_path: Path, method: str) -> None:
    with hosted(repo.tree, tmp_path, "off") as server:
        for client in (server.anybody, server.reader, server.writer, Client(server.port, "nonsense")):
            answer = client.ask(method, "/api/agents/no%20such%20agent?dry_run=perhaps", b"{no json")
            assert "writes are off" in refused(answer, 405, "method-not-allowed")
            assert answer.headers["allow"] == "GET, HEAD"
        assert server.reader.ask("GET", f"{AGENT}/document").status == 200


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_write_needs_a_token_with_the_scope(server: Hosted, method: str) -> None:
    refused(server.anybody.ask(method, AGENT, PATCH), 401, "unauthorized")
    assert "lacks the scope 'write'" in refused(server.reader.ask(method, AGENT, PATCH), 403, "forbidden")
    refused(server.anybody.ask("GET", f"{AGENT}/document"), 401, "unauthorized")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_misspelt_parameter_is_no_write(server: Hosted, method: str) -> None:
    answer = server.writer.ask(method, f"{AGENT}?dryrun=true", PATCH, {"if-match": server.writer.tag()})
    assert "no parameter 'dryrun'; did you mean 'dry_run'?" in refused(answer, 422, "invalid-parameter")
    if method == "POST":
        answer = server.writer.ask(method, "/api/agents/fresh?foldr=team", PATCH)
        assert "did you mean 'folder'?" in refused(answer, 422, "invalid-parameter")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_parameter_that_is_said_twice_is_no_write(server: Hosted, method: str) -> None:
    address = f"{AGENT}?dry_run=true&dry_run=false"
    answer = server.writer.ask(method, address, PATCH, {"if-match": server.writer.tag()})
    assert refused(answer, 422, "invalid-parameter") == "the parameter 'dry_run' is said more than once; say it once"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_write_must_name_the_state_it_is_about(server: Hosted, method: str) -> None:
    said = refused(server.writer.ask(method, AGENT, PATCH), 428, "if-match-required")
    assert "GET /api/agents/{id}/document" in said
    refused(server.writer.ask(method, AGENT, PATCH, {"if-match": "*"}), 428, "if-match-required")
    tag = server.writer.tag()
    for wrong in ('"0123"', f"W/{tag}", tag.strip('"')):
        answer = server.writer.ask(method, AGENT, PATCH, {"if-match": wrong})
        refused(answer, 412, "file-changed")
        assert answer.headers["etag"] == tag


def test_a_document_that_the_reader_has_is_a_304(server: Hosted) -> None:
    tag = server.reader.tag()
    for known in (tag, f"W/{tag}", f'"0123", {tag}', "*"):
        answer = server.reader.ask("GET", f"{AGENT}/document", headers={"if-none-match": known})
        assert (answer.status, answer.headers["etag"], answer.body) == (304, tag, None)
    assert server.reader.ask("GET", f"{AGENT}/document", headers={"if-none-match": '"0123"'}).status == 200


def test_one_of_several_tags_is_enough(server: Hosted) -> None:
    tags = f'"0123", {server.writer.tag()}'
    assert server.writer.ask("PATCH", f"{AGENT}?dry_run=true", PATCH, {"if-match": tags}).status == 200


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"{", "no JSON"),
        (b"[]", "must be an object"),
        (b"null", "must be an object"),
        (b'{"a": 1, "a": 2}', "said twice"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": ' + b"1" * 5000 + b"}", "too many digits"),
        (b"\xff", "UTF-8"),
        (b'{"a": ' * 100 + b"1" + b"}" * 100, "deeper than 64"),
        (b'{"a": ' * 90_000 + b"1" + b"}" * 90_000, "deeper than 64"),
    ],
    ids=lambda value: value[:12] if isinstance(value, bytes) else value,
)
def test_a_body_that_is_no_object_of_json(server: Hosted, body: bytes, why: str) -> None:
    assert why in refused(server.writer.ask("PATCH", AGENT, body, {"if-match": '"x"'}), 400, "invalid-request")


def test_a_body_of_another_type(server: Hosted) -> None:
    sent = {"if-match": '"x"', "content-type": "text/yaml"}
    assert "merge-patch" in refused(server.writer.ask("PATCH", AGENT, PATCH, sent), 415, "wrong-content-type")
    refused(server.writer.ask("PUT", AGENT, PATCH, sent), 415, "wrong-content-type")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_an_agent_that_is_not_there(server: Hosted, method: str) -> None:
    for agent in ("nobody", "default", "..%2f_settings", "a.yaml"):
        answer = server.writer.ask(method, f"/api/agents/{agent}", PATCH, {"if-match": '"x"'})
        refused(answer, 404, "unknown-agent" if "%2f" not in agent else "not-found")


SHARED = {
    "_defaults": "what the agents of a folder share", "_defaults.yaml": "what the agents of a folder share",
    "_settings": "the settings", "_models": "what is known of models", "_models.lock.json": "the lock of models",
    "_profiles": "the folder of profiles", "_environments": "the folder of environments",
}  # fmt: skip


@pytest.mark.parametrize("name", SHARED)
def test_what_agents_share_is_no_writers_and_the_way_out_is_said(server: Hosted, name: str) -> None:
    path = f"/api/agents/{name}"
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        said = refused(server.writer.ask(method, path, PATCH), 422, "not-for-writers")
        assert f"'{name}' is no agent, but {SHARED[name]}" in said
        assert "by a pull request" in said
        refused(server.reader.ask(method, path, PATCH), 403, "forbidden")
    for address in (path, f"{path}/document", f"{path}/explain?key=owner", f"{path}/llm"):
        assert "by a pull request" in refused(server.reader.ask("GET", address), 404, "unknown-agent")


def test_the_name_of_a_layer_or_a_folder_is_no_agents(repo: Repo, tmp_path: Path) -> None:
    layers = ("_profiles/frugal.yaml", "_environments/prod.yaml")
    repo.commit("Layers", {f"agents.d/{layer}": "tags: [shared]\n" for layer in layers})
    said = {
        "frugal": "the profile _profiles/frugal.yaml; no server writes it",
        "prod": "the environment _environments/prod.yaml; no server writes it",
        "trading": "a folder; GET /api/agents lists the agents",
    }
    with hosted(repo.tree, tmp_path) as server:
        for name, why in said.items():
            read = refused(server.writer.ask("GET", f"/api/agents/{name}/document"), 404, "unknown-agent")
            assert f"'{name}' is no agent, but {why}" in read
            for method in ("PUT", "PATCH", "DELETE"):
                answer = server.writer.ask(method, f"/api/agents/{name}", PATCH, {"if-match": '"x"'})
                assert refused(answer, 404, "unknown-agent") == read
        tried = server.writer.ask("POST", "/api/agents/frugal?dry_run=true", {"llm": {"model": "openai/gpt-4.1"}})
        assert tried.status == 200, tried


def test_an_edit_with_errors_answers_what_validate_says(server: Hosted, repo: Repo) -> None:
    answer = server.writer.patch({"llm": {"temperature": 9}, "titel": "A"})
    assert "2 errors" in refused(answer, 422, "invalid-edit")
    said = {one["rule"]: one for one in answer.body["diagnostics"]}
    assert said.keys() == {"out-of-range", "unknown-key"}
    assert said["out-of-range"]["file"].endswith("agents.d/a.yaml")
    assert (said["out-of-range"]["line"], said["out-of-range"]["key"]) == (7, "llm.temperature")
    assert answer.body["ok"] is False
    assert (repo.tree / "a.yaml").read_text() == FILE
    described = server.reader.ask("GET", "/openapi.json").body
    schema = described["paths"]["/api/agents/{agent_id}"]["patch"]["responses"]["422"]
    assert [f"`{name}`" in schema["description"] for name in ("invalid-edit", "not-for-writers")] == [True, True]
    assert {"$ref": DESCRIBED} in schema["content"]["application/problem+json"]["schema"]["anyOf"]
    invalid_edit = described["components"]["schemas"]["InvalidEdit"]
    assert invalid_edit["properties"].keys() == answer.body.keys()
    validator = Draft202012Validator({"$ref": DESCRIBED, "components": described["components"]})
    assert validator.is_valid(answer.body)
    assert not validator.is_valid({**answer.body, "diagnostics": [{}]})


def test_errors_of_others_that_were_there_stand_in_nobodys_way(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Broken", {"agents.d/b.yaml": "llm: {temprature: 1}\n"})
    with hosted(repo.tree, tmp_path) as server:
        dry = {"if-match": server.writer.tag()}
        assert server.writer.ask("PATCH", f"{AGENT}?dry_run=true", PATCH, dry).status == 200
        own = {"if-match": server.writer.tag("/api/agents/b")}
        refused(server.writer.ask("PATCH", "/api/agents/b", PATCH, own), 422, "invalid-edit")
        mended = {"llm": {"temprature": None, "model": "openai/gpt-4.1"}}
        answer = server.writer.ask("PATCH", "/api/agents/b?dry_run=true", mended, own)
        assert answer.status == 200, answer


def test_removing_whom_others_need(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Delegates", {"agents.d/a.yaml": f"{FILE}delegates: [b]\n"})
    with hosted(repo.tree, tmp_path) as server:
        answer = server.writer.write("DELETE", path="/api/agents/b")
    refused(answer, 422, "invalid-edit")
    assert [one["rule"] for one in answer.body["diagnostics"]] == ["unknown-delegate"]


@pytest.mark.parametrize(
    ("patch", "why"),
    [
        ({"llm": {"api_key": "${env:HOME_KEY}", "api_base": "https://a.example"}}, "the settings do not allow"),
        ({"llm": {"api_key": "os.environ/HOME_KEY"}}, "the settings do not allow"),
        ({"llm": {"api_key": "${file:/run/secrets/x}"}}, "the settings do not allow"),
        ({"llm": {"extra_headers": {"x-a": "${env:HOME_KEY}"}}}, "the settings do not allow"),
        ({"llm": {"fallbacks": [{"model": "openai/b", "api_key": "${env:HOME_KEY}"}]}}, "the settings do not allow"),
        ({"llm": {"api_key": "${age:***}"}}, "is a mask"),
        ({"instructions_file": "_defaults.yaml"}, "names no prompt"),
        ({"instructions_file": ".env"}, "names no prompt"),
        ({"instructions_file": "trading/trader.yaml"}, "names no prompt"),
    ],
)
def test_what_a_writer_may_not_name(repo: Repo, tmp_path: Path, patch: dict[str, Any], why: str) -> None:
    repo.commit("Hidden", {"agents.d/.env": "A=1\n", "agents.d/_settings.yaml": "rules: {unknown-model: off}\n"})
    with hosted(repo.tree, tmp_path) as server:
        answer = server.writer.patch(patch)
    assert answer.status == 422, answer
    assert why in answer.detail or answer.body["diagnostics"]
    assert why in refused(answer, 422, "not-for-writers")


def test_a_reference_that_the_settings_allow(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Settings", {"agents.d/_settings.yaml": "secrets: {env: ['*_API_KEY']}\n"})
    with hosted(repo.tree, tmp_path) as server:
        tag = {"if-match": server.writer.tag()}
        allowed = {"llm": {"api_key": "${env:MY_API_KEY}", "api_base": "https://a.example"}}
        answer = server.writer.ask("PATCH", f"{AGENT}?dry_run=true", allowed, tag)
        assert answer.status == 200, answer
        other = {"llm": {"api_key": "${env:PASSWORD}", "api_base": "https://a.example"}}
        assert server.writer.ask("PATCH", AGENT, other, tag).status == 422


def test_settings_that_nobody_can_tell_allow_nothing(repo: Repo, tmp_path: Path) -> None:
    """Of two files none counts: not for a service, and so not for a writer."""
    both = {"agents.d/_settings.yaml": "secrets: {env: ['*']}\n", "agents.d/_settings.yml": "secrets: {env: []}\n"}
    repo.commit("Two", both)
    with hosted(repo.tree, tmp_path) as server:
        answer = server.writer.patch({"llm": {"api_key": "${env:PASSWORD}", "api_base": "https://a.example"}})
    assert "the settings do not allow" in refused(answer, 422, "not-for-writers")


OWN_KEY = "owner: a@example.com\nllm: {model: openai/gpt-4.1, api_base: 'https://a.example', api_key: '${env:MINE}'}\n"


def test_a_reference_that_is_there_stays_and_goes_nowhere_else(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Own", {"agents.d/a.yaml": OWN_KEY})
    with hosted(repo.tree, tmp_path) as server:
        tag = {"if-match": server.writer.tag()}
        cooler = {"llm": {"temperature": 0.1}}
        assert server.writer.ask("PATCH", f"{AGENT}?dry_run=true", cooler, tag).status == 200
        for elsewhere in ({"api_base": "https://evil.example"}, {"model": "deepseek/chat"}):
            answer = server.writer.ask("PATCH", AGENT, {"llm": elsewhere}, tag)
            assert "${env:MINE}" in refused(answer, 422, "not-for-writers")


@pytest.mark.parametrize("patch", [{"llm": {"api_key": KEY}}, {"description": f"use {KEY}"}, {"metadata": {KEY: 1}}])
def test_a_literal_key_is_refused_and_said_nowhere(
    repo: Repo, tmp_path: Path, patch: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    excuse = "# agentconf: allow secret-in-text -- an example\ndescription: Use it.\n"
    excused = FILE.replace("name: First", f"{excuse}name: A")
    repo.commit("Excused", {"agents.d/a.yaml": excused})
    with hosted(repo.tree, tmp_path) as server:
        answer = server.writer.patch(patch)
    assert answer.status == 422
    assert KEY not in str(answer)
    assert KEY not in caplog.text


def test_cipher_texts_are_masked_and_survive_the_way_back(repo: Repo, tmp_path: Path) -> None:
    cipher = "${fernet:gAAAAABm" + "Q" * 92 + "==}"
    text = OWN_KEY.replace("${env:MINE}", cipher)
    repo.commit("Own", {"agents.d/a.yaml": text})
    with hosted(repo.tree, tmp_path) as server:
        answer = server.reader.ask("GET", f"{AGENT}/document")
        assert cipher not in str(answer)
        document = answer.body["document"]
        assert document["llm"]["api_key"] == "${fernet:***}"
        tag = {"if-match": answer.headers["etag"]}
        answer = server.writer.ask("PUT", f"{AGENT}?dry_run=true", {**document, "name": "A"}, tag)
        assert [one["key"] for one in answer.body["diff"]["changes"]] == ["name"]
        moved = {"llm": {"model": "openai/gpt-4.1", "extra_headers": {"x-a": "${fernet:***}"}}}
        assert server.writer.ask("PATCH", AGENT, moved, tag).status == 422


def test_a_cipher_text_goes_nowhere_else(repo: Repo, tmp_path: Path) -> None:
    """Whoever decrypts it would send the key there."""
    cipher = "${fernet:gAAAAABm" + "Q" * 92 + "==}"
    repo.commit("Own", {"agents.d/a.yaml": OWN_KEY.replace("${env:MINE}", cipher)})
    with hosted(repo.tree, tmp_path) as server:
        tag = {"if-match": server.writer.tag()}
        mini = {"llm": {"model": "openai/gpt-4.1-mini"}}
        assert server.writer.ask("PATCH", f"{AGENT}?dry_run=true", mini, tag).status == 200
        masked = {"api_base": "https://evil.example", "api_key": "${fernet:***}"}
        for elsewhere in ({"api_base": "https://evil.example"}, {"model": "deepseek/chat"}, masked):
            answer = server.writer.ask("PATCH", AGENT, {"llm": elsewhere}, tag)
            assert "cipher text" in refused(answer, 422, "not-for-writers")
            assert cipher not in str(answer)
        anew = {"api_base": "https://other.example", "api_key": cipher.replace("Q", "R")}
        assert server.writer.ask("PATCH", f"{AGENT}?dry_run=true", {"llm": anew}, tag).status == 200


@pytest.mark.parametrize("folder", ["nowhere", "..", "_profiles", "trading/..", "/etc", "trading/trader.yaml", ".git"])
def test_a_folder_that_is_not_there(server: Hosted, folder: str) -> None:
    answer = server.writer.ask("POST", f"/api/agents/new?folder={folder}", {"owner": "a@example.com"})
    assert "there is no folder" in refused(answer, 422, "invalid-parameter")


@pytest.mark.parametrize("agent", ["New", "_setting", "default", "a..%20", "-x", "a" * 65])
def test_what_is_no_id(server: Hosted, agent: str) -> None:
    answer = server.writer.ask("POST", f"/api/agents/{agent}", {"owner": "a@example.com"})
    assert "cannot be the id" in refused(answer, 422, "invalid-parameter")


def in_the_way(repo: Repo, tmp_path: Path) -> str:
    with hosted(repo.tree, tmp_path) as server:
        return refused(server.writer.patch(PATCH), 409, "not-writable")


def test_a_folder_with_changes_that_are_not_committed(repo: Repo, tmp_path: Path) -> None:
    (repo.tree / "b.yaml").write_text("owner: x@example.com\nllm: {model: openai/gpt-4.1}\n")
    assert "agents.d/b.yaml: changed in the folder and not committed" in in_the_way(repo, tmp_path)
    assert "x@example.com" in (repo.tree / "b.yaml").read_text()


def test_a_file_that_is_not_committed(repo: Repo, tmp_path: Path) -> None:
    (repo.tree / "c.yaml").write_text("owner: x@example.com\nllm: {model: openai/gpt-4.1}\n")
    assert "agents.d/c.yaml: changed in the folder and not committed" in in_the_way(repo, tmp_path)


def test_a_file_that_is_staged(repo: Repo, tmp_path: Path) -> None:
    (repo.tree / "a.yaml").write_text(FILE + "description: Staged.\n")
    repo.git("add", "agents.d/a.yaml")
    (repo.tree / "a.yaml").write_text(FILE)
    assert "agents.d/a.yaml is staged" in in_the_way(repo, tmp_path)


def test_a_prompt_that_is_not_committed(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Prompt", {"agents.d/a.yaml": f"{FILE}instructions_file: a.md\n", "agents.d/a.md": "Be brief.\n"})
    (repo.tree / "a.md").write_text("Be long.\n")
    assert "agents.d/a.md: changed in the folder" in in_the_way(repo, tmp_path)


@pytest.mark.parametrize(
    ("name", "what"),
    [("MERGE_HEAD", "a merge"), ("rebase-merge", "a rebase"), ("CHERRY_PICK_HEAD", "a cherry-pick")],
)
def test_what_is_not_finished(repo: Repo, tmp_path: Path, name: str, what: str) -> None:
    (repo.folder / ".git" / name).write_text(repo.git("rev-parse", "HEAD"))
    assert f"{what} is not finished in this clone" in in_the_way(repo, tmp_path)


def test_a_detached_head(repo: Repo, tmp_path: Path) -> None:
    repo.git("checkout", "-q", "--detach")
    assert "HEAD is detached" in in_the_way(repo, tmp_path)


def test_no_clone(repo: Repo, tmp_path: Path) -> None:
    (repo.folder / ".git").rename(tmp_path / "elsewhere")
    try:
        assert "this is no git repository" in in_the_way(repo, tmp_path)
    finally:
        (tmp_path / "elsewhere").rename(repo.folder / ".git")


def test_a_tree_that_no_commit_has(tmp_path: Path, repo: Repo) -> None:
    fresh = Repo(tmp_path / "fresh")
    fresh.write({"agents.d/a.yaml": FILE})
    with hosted(fresh.tree, tmp_path) as server:
        assert "no commit yet" in refused(server.writer.patch(PATCH), 409, "not-writable")


@pytest.mark.parametrize("target", ["../outside.yaml", "trading/trader.yaml"])
def test_a_link_is_not_written_through(repo: Repo, tmp_path: Path, target: str) -> None:
    repo.write({"outside.yaml": FILE})
    (repo.tree / "linked.yaml").symlink_to(target)
    repo.commit("Linked")
    with hosted(repo.tree, tmp_path) as server:
        answer = server.writer.patch(PATCH, "/api/agents/linked")
    assert "is a link" in refused(answer, 409, "not-writable")


def test_two_files_with_one_id(repo: Repo, tmp_path: Path) -> None:
    repo.commit("Twice", {"agents.d/trading/a.yaml": FILE})
    with hosted(repo.tree, tmp_path) as server:
        answer = server.writer.ask("PATCH", AGENT, PATCH, {"if-match": '"x"'})
    assert "a.yaml and trading/a.yaml" in refused(answer, 409, "ambiguous-agent")


def test_another_git_at_work(server: Hosted, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alone, "_PATIENCE_S", 0.2)
    tag = server.writer.tag()
    (repo.folder / ".git/index.lock").touch()
    answer = server.writer.ask("PATCH", AGENT, PATCH, {"if-match": tag})
    assert "another git is at work" in refused(answer, 503, "unavailable")
    assert answer.headers["retry-after"] == "1"


def test_an_edit_that_cannot_be_made_in_place(repo: Repo, tmp_path: Path) -> None:
    text = "owner: a@example.com\nx-base: &base {temperature: 0.2}\nllm: {model: openai/gpt-4.1, extra: *base}\n"
    repo.commit("Alias", {"agents.d/a.yaml": text})
    with hosted(repo.tree, tmp_path) as server:
        answer = server.writer.patch({"llm": {"extra": {"temperature": 0.3}}})
    assert "edit it by hand" in refused(answer, 422, "not-editable")
