"""`agentconf secret` as it is used: keys made, secrets encrypted, checked, rotated, and never shown."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import SecretStr

from agentconf.secrets import age, fernet
from agentconf.secrets.keys import AGE_FILE_VARIABLE, FERNET_FILE_VARIABLE, FERNET_VARIABLE, KeyRing
from tests.cli.console import Console, Outcome
from tests.support import REPOSITORY

VALUE = "correcthorse-battery-staple"
REFERENCE = re.compile(r"\$\{(?:fernet|age):[A-Za-z0-9_+/=-]+\}\n")


@pytest.fixture(autouse=True)
def _no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (FERNET_VARIABLE, FERNET_FILE_VARIABLE, AGE_FILE_VARIABLE):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> str:
    made = fernet.new_key()
    monkeypatch.setenv(FERNET_VARIABLE, made)
    return made


def fed(text: bytes, *arguments: str, folder: Path) -> Outcome:
    """The command in a process of its own, with something on its standard input."""
    done = subprocess.run(
        [sys.executable, "-m", "agentconf", "secret", *arguments],
        input=text, cwd=folder, env={**os.environ, "PYTHONPATH": str(REPOSITORY)}, capture_output=True, check=False,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())


def token_of(key: str, value: str = VALUE) -> str:
    return f"${{fernet:{fernet.encrypt(KeyRing({FERNET_VARIABLE: key}), SecretStr(value))}}}"


def plant(console: Console, reference: str) -> None:
    console.write("agents.d/_defaults.yaml", f'providers:\n  openai: {{api_key: "{reference}"}}   # ours\n')
    console.write("agents.d/a.yaml", "llm: {model: openai/gpt-4.1-mini}\n")
    console.write("agents.d/_environments/prod.yaml", "{}\n")
    console.write("agents.d/_environments/dev.yaml", "{}\n")


class TestKeygen:
    def test_a_key_is_printed_or_written_for_this_user_alone(self, console: Console) -> None:
        assert len(console("secret", "keygen").out.strip()) == 44
        assert console("secret", "keygen", "--output", "key").out == "wrote key\n"
        assert (console.folder / "key").stat().st_mode & 0o777 == 0o600
        assert len((console.folder / "key").read_text("utf-8").strip()) == 44

    def test_an_identity_is_written_as_age_does_and_its_recipient_said(self, console: Console) -> None:
        outcome = console("secret", "keygen", "--type", "age", "-o", "key")
        written = (console.folder / "key").read_text("utf-8")
        recipient = outcome.out.splitlines()[1].removeprefix("recipient: ")
        assert written.startswith(f"# public key: {recipient}\nAGE-SECRET-" + "KEY-1")
        assert "AGE-SECRET" not in outcome.out

    def test_an_existing_file_stays(self, console: Console) -> None:
        console.write("key", "mine\n")
        outcome = console("secret", "keygen", "-o", "key")
        assert (outcome.status, outcome.out) == (2, "")
        assert "already" in outcome.err
        assert (console.folder / "key").read_text("utf-8") == "mine\n"

    def test_no_key_is_written_into_the_tree(self, repository: Console) -> None:
        outcome = repository("secret", "keygen", "-o", "agents.d/key")
        assert outcome.status == 2
        assert "lies in the tree" in outcome.err

    def test_a_folder_that_is_not_there_is_said(self, console: Console) -> None:
        outcome = console("secret", "keygen", "-o", "no/key")
        assert outcome.status == 2
        assert outcome.err.count("\n") == 1


class TestEncrypt:
    def test_a_secret_from_standard_input_becomes_a_reference(self, console: Console, key: str) -> None:
        outcome = fed(f"{VALUE}\n".encode(), "encrypt", folder=console.folder)
        assert outcome.status == 0
        assert REFERENCE.fullmatch(outcome.out)
        source = fernet.FernetSource(KeyRing({FERNET_VARIABLE: key}))
        assert source.reveal(outcome.out[9:-2]).get_secret_value() == VALUE

    def test_or_for_recipients(self, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        console("secret", "keygen", "--type", "age", "-o", "key")
        recipient = console.folder.joinpath("key").read_text("utf-8").split()[3]
        monkeypatch.setenv(AGE_FILE_VARIABLE, str(console.folder / "key"))
        for options in (("--recipient", recipient), ("--type", "age")):
            outcome = fed(VALUE.encode(), "encrypt", *options, folder=console.folder)
            assert REFERENCE.fullmatch(outcome.out)
            ring = KeyRing({AGE_FILE_VARIABLE: str(console.folder / "key")})
            assert age.AgeSource(ring).reveal(outcome.out[6:-2]).get_secret_value() == VALUE

    def test_it_is_asked_for_on_a_terminal_and_not_shown(self, console: Console, key: str) -> None:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "agentconf", "secret", "encrypt"],
            cwd=console.folder, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, start_new_session=True,
        ) as process:  # fmt: skip
            os.close(theirs)
            shown = b""
            for word in (b"secret", b"epeat"):  # answered when it asks, so that nothing is echoed
                while word not in shown.rpartition(b"\n")[2]:
                    shown += os.read(ours, 1024)
                os.write(ours, f"{VALUE}\n".encode())
            assert process.stdout is not None
            out = process.stdout.read().decode()
        os.close(ours)
        assert VALUE.encode() not in shown
        assert REFERENCE.fullmatch(out)

    @pytest.mark.parametrize(
        ("given", "reason"), [(b"", "empty"), (b"\n", "empty"), (b"\xff", "UTF-8"), (b"x" * 70_000, "64 KiB")]
    )
    def test_what_is_no_secret_is_refused(self, given: bytes, reason: str, console: Console, key: str) -> None:
        outcome = fed(given, "encrypt", folder=console.folder)
        assert (outcome.status, outcome.out) == (2, "")
        assert reason in outcome.err

    @pytest.mark.parametrize(
        ("arguments", "reason"),
        [
            ((), "neither AGENTCONF_FERNET_KEYS"),
            (("--type", "age"), "AGENTCONF_AGE_IDENTITY_FILE is not set"),
            (("-r", "bob"), "a recipient begins with"),
            (("--type", "fernet", "-r", "age1x"), "--recipient is of age"),
        ],
    )
    def test_why_it_cannot(self, arguments: tuple[str, ...], reason: str, console: Console) -> None:
        outcome = fed(VALUE.encode(), "encrypt", *arguments, folder=console.folder)
        assert (outcome.status, outcome.out) == (2, "")
        assert reason in outcome.err
        assert VALUE not in outcome.err

    def test_an_argument_is_never_a_secret(self, console: Console, key: str) -> None:
        outcome = fed(b"", "encrypt", VALUE, folder=console.folder)
        assert outcome.status == 2
        assert outcome.out == ""


class TestCheck:
    def test_each_reference_is_checked_in_each_environment(self, console: Console, key: str) -> None:
        plant(console, token_of(key))
        said = "defaults:\n  providers:\n    openai: {api_key: '${env:NOT_SET}'}\n"
        console.write("agents.d/_environments/prod.yaml", said)
        outcome = console("secret", "check")
        assert outcome.status == 1
        assert outcome.out.splitlines() == [
            "environment  reference       where                               outcome",
            "dev          ${fernet:***}   agents.d/_defaults.yaml:2           ok",
            "prod         ${env:NOT_SET}  agents.d/_environments/prod.yaml:3  the variable is not set",
        ]
        assert console("secret", "check", "-e", "dev").status == 0

    def test_as_json(self, console: Console, key: str) -> None:
        plant(console, "${file:/etc/passwd}")
        outcome = console("secret", "check", "-e", "prod", "--format", "json")
        (one,) = outcome.json
        assert {name: one[name] for name in ("environment", "reference", "key", "file", "line", "column", "ok")} == {
            "environment": "prod", "reference": "${file:/etc/passwd}", "key": "providers.openai.api_key",
            "file": "agents.d/_defaults.yaml", "line": 2, "column": 21, "ok": False,
        }  # fmt: skip
        assert "/run/secrets" in one["reason"]

    def test_no_value_is_shown(self, console: Console, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("A_KEY", VALUE)
        for reference in (token_of(key), "${env:A_KEY}", "os.environ/A_KEY"):
            plant(console, reference)
            for form in ("text", "json"):
                outcome = console("secret", "check", "--format", form)
                assert outcome.status == 0
                assert "correcthorse" not in outcome.out + outcome.err

    def test_the_settings_count(self, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("OTHER", VALUE)
        plant(console, "${env:OTHER}")
        console.write("agents.d/_settings.yaml", "secrets: {env: ['*_API_KEY']}\n")
        assert "do not allow" in console("secret", "check").out

    def test_settings_that_cannot_be_read_allow_nothing(
        self, console: Console, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("OTHER", VALUE)
        plant(console, "${env:OTHER}")
        console.write("agents.d/_settings.yaml", "secrets: {env: [\n")
        outcome = console("secret", "check")
        assert (outcome.status, "cannot be read" in outcome.out) == (1, True)

    def test_a_key_in_the_tree_decrypts_nothing(self, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        made = fernet.new_key()
        plant(console, token_of(made))
        console.write("agents.d/keys.txt", made)
        monkeypatch.setenv(FERNET_FILE_VARIABLE, "agents.d/keys.txt")
        outcome = console("secret", "check", "-e", "dev")
        assert outcome.status == 1
        assert "lies in the tree" in outcome.out

    def test_agents_with_errors_are_counted(self, console: Console) -> None:
        plant(console, "${env:A_KEY}")
        console.write("agents.d/a.yaml", "llm: {model: openai/gpt-4.1-mini, temperature: hot}\n")
        outcome = console("secret", "check")
        assert (outcome.status, outcome.out) == (1, "no references\n")
        assert "1 agent has errors" in outcome.err

    def test_a_tree_that_is_not_there(self, console: Console) -> None:
        assert console("secret", "check").status == 2

    def test_many_agents_share_one_line(self, console: Console) -> None:
        plant(console, "${env:A_KEY}")
        for number in range(30):
            console.write(f"agents.d/b{number}.yaml", "llm: {model: openai/gpt-4.1-mini}\n")
        assert len(console("secret", "check", "--format", "json").json) == 2


class TestRotate:
    @pytest.fixture
    def keys(self, monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
        old, new = fernet.new_key(), fernet.new_key()
        monkeypatch.setenv(FERNET_VARIABLE, f"{new},{old}")
        return old, new

    def test_every_reference_moves_to_the_first_key_and_nothing_else_moves(
        self, console: Console, keys: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plant(console, token_of(keys[0]))
        file = console.folder / "agents.d/_defaults.yaml"
        before = file.read_text("utf-8")
        outcome = console("secret", "rotate")
        assert outcome.status == 0
        assert outcome.out.splitlines() == [
            "agents.d/_defaults.yaml:2:22: fernet: rotated", "1 rotated, 0 under the first key already",
        ]  # fmt: skip
        after = file.read_text("utf-8")
        mask = re.compile(r"\{fernet:[^}]+")
        assert after != before
        assert mask.sub("", after) == mask.sub("", before)
        again = console("secret", "rotate")
        assert again.out.endswith("0 rotated, 1 under the first key already\n")
        assert file.read_text("utf-8") == after
        monkeypatch.setenv(FERNET_VARIABLE, keys[1])
        assert console("secret", "check").status == 0

    @pytest.mark.parametrize("option", ["--check", "--dry-run"])
    def test_a_look_writes_nothing_and_says_by_its_status_whether_anything_is_due(
        self, option: str, console: Console, keys: tuple[str, str]
    ) -> None:
        plant(console, token_of(keys[0]))
        before = (console.folder / "agents.d/_defaults.yaml").read_bytes()
        outcome = console("secret", "rotate", option)
        assert outcome.status == 1
        assert "fernet: due" in outcome.out
        assert (console.folder / "agents.d/_defaults.yaml").read_bytes() == before
        console("secret", "rotate")
        assert console("secret", "rotate", option).status == 0

    def test_a_file_that_cannot_be_decrypted_stays_and_others_do_not(
        self, console: Console, keys: tuple[str, str]
    ) -> None:
        plant(console, token_of(keys[0]))
        ours, theirs = token_of(keys[0]), token_of(fernet.new_key())
        lost = f"providers:\n  a: {{api_key: '{ours}'}}\n  b: {{api_key: '{theirs}'}}\n"
        console.write("agents.d/team/_defaults.yaml", lost)
        outcome = console("secret", "rotate")
        assert outcome.status == 1
        assert "none of the Fernet keys decrypts it" in outcome.out
        assert outcome.out.endswith("1 rotated, 0 under the first key already, 1 failed\n")
        assert (console.folder / "agents.d/team/_defaults.yaml").read_text("utf-8") == lost

    def test_as_json(self, console: Console, keys: tuple[str, str]) -> None:
        plant(console, token_of(keys[0]))
        (one,) = console("secret", "rotate", "--format", "json").json
        said = {"line": 2, "column": 22, "source": "fernet", "outcome": "rotated", "reason": None}
        assert one == {"file": "agents.d/_defaults.yaml", "written": True, "reason": None, "references": [said]}

    def test_age_moves_only_with_a_recipient(self, console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
        console("secret", "keygen", "--type", "age", "-o", "old")
        new, recipient = age.new_identity()
        console.write("new", new)
        ring = KeyRing({AGE_FILE_VARIABLE: str(console.folder / "old")})
        plant(console, f"${{age:{age.encrypt(age.own_recipients(ring), SecretStr(VALUE))}}}")
        monkeypatch.setenv(AGE_FILE_VARIABLE, str(console.folder / "old"))
        assert console("secret", "rotate").out == "no encrypted references to rotate\n"
        assert console("secret", "rotate", "-r", recipient).status == 0
        assert console("secret", "check").status == 1
        monkeypatch.setenv(AGE_FILE_VARIABLE, str(console.folder / "new"))
        assert console("secret", "check").status == 0

    def test_no_plain_text_is_left_on_the_disk(self, console: Console, keys: tuple[str, str]) -> None:
        plant(console, token_of(keys[0]))
        outcome = console("secret", "rotate")
        assert "correcthorse" not in outcome.out + outcome.err
        left = [path.read_bytes() for path in console.folder.rglob("*") if path.is_file()]
        assert not [data for data in left if b"correcthorse" in data]

    def test_without_keys_nothing_is_written(self, console: Console) -> None:
        plant(console, token_of(fernet.new_key()))
        outcome = console("secret", "rotate")
        assert outcome.status == 1
        assert "neither AGENTCONF_FERNET_KEYS" in outcome.out


def test_the_group_says_what_there_is(console: Console) -> None:
    outcome = console("secret")
    assert (outcome.status, outcome.out) == (2, "")
    assert [word for word in ("check", "encrypt", "keygen", "rotate") if word in outcome.err] == [
        "check", "encrypt", "keygen", "rotate",
    ]  # fmt: skip
    assert console("secret", "chekc").status == 2
    assert json.dumps(console("secret", "--help").out)


def test_a_secret_given_as_an_argument_is_refused_and_not_repeated(console: Console) -> None:
    said = console("secret", "encrypt", VALUE)
    assert (said.status, VALUE in said.out + said.err) == (2, False)
    assert "standard input" in said.err
