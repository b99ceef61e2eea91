from __future__ import annotations

import json

import pytest

from tests.cli.console import Console

NEW = ("token", "new", "ci", "--tokens", "tokens.json", "--owner", "Ada Lovelace <ada@example.net>")


def test_a_new_token_is_printed_once_and_alone(console: Console) -> None:
    made = console(*NEW, "--scope", "read", "--scope", "secrets")
    assert made.status == 0
    text = made.out.strip()
    assert text.startswith("agentconf_ci_")
    assert "allows read, secrets" in made.err
    assert "not printed again" in made.err
    listed = console("token", "list", "--tokens", "tokens.json")
    assert text.rpartition("_")[2] not in listed.out + (console.folder / "tokens.json").read_text()
    assert listed.out.splitlines()[1].split()[:3] == ["ci", "read,", "secrets"]


def test_json_has_what_a_script_needs(console: Console) -> None:
    said = console(*NEW, "--expires", "never", "--format", "json").json
    assert said == {"id": "ci", "token": said["token"], "scopes": ["read"], "owner": "Ada Lovelace <ada@example.net>",
                    "expires": None}  # fmt: skip
    listed = console("token", "list", "--tokens", "tokens.json", "--format", "json").json
    assert (listed[0]["id"], listed[0]["state"], listed[0]["expires"]) == ("ci", "good", None)
    assert "sha256" not in listed[0]


def test_a_revoked_token_says_so(console: Console) -> None:
    console(*NEW)
    assert console("token", "revoke", "ci", "--tokens", "tokens.json").out == "revoked ci\n"
    assert "revoked" in console("token", "list", "--tokens", "tokens.json").out
    assert json.loads((console.folder / "tokens.json").read_text())["tokens"][0]["revoked"]


def test_the_file_may_be_named_by_a_variable(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTCONF_TOKENS", "elsewhere.json")
    assert console("token", "new", "ci", "--owner", "Ada <ada@example.net>").status == 0
    assert (console.folder / "elsewhere.json").exists()
    assert console("token", "list").out.count("ci") == 1


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ((*NEW[:-1], "Ada"), "write a name and an address"),
        ((*NEW, "--expires", "soon"), "write days or hours"),
        ((*NEW, "--scope", "admin"), "'admin' is not one of 'read', 'secrets', 'write'"),
        (("token", "new", "Ci", *NEW[3:]), "small letters, digits and hyphens"),
        (("token", "new", "ci", "--owner", "Ada <ada@example.net>"), "Missing option '--tokens'"),
        (("token", "new", "ci", "--tokens", "no/t.json", *NEW[-2:]), "cannot write the tokens in no/t.json: no such"),
        (("token", "revoke", "nobody", "--tokens", "tokens.json"), "cannot read the tokens in tokens.json"),
        (("token", "list", "--tokens", "missing.json"), "cannot read the tokens in missing.json: no such file"),
        (("token", "new", "ci", "--tokens", "agents.d/tokens.json", "--owner", "A <a@b>"), "lies in the tree"),
    ],
)
def test_what_cannot_be_done_is_one_line(console: Console, arguments: tuple[str, ...], reason: str) -> None:
    (console.folder / "agents.d").mkdir()
    outcome = console(*arguments)
    assert outcome.status == 2
    assert outcome.out == ""
    assert reason in outcome.err
    assert outcome.err.count("\n") == 1
