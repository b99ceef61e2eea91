from __future__ import annotations

import base64
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from agentconf.config.secrets import parse_reference
from agentconf.errors import SecretUnavailable
from agentconf.secrets import age
from agentconf.secrets.age import AgeSource
from agentconf.secrets.keys import AGE_FILE_VARIABLE, KeyRing

VALUE = SecretStr("hunter2")


def needs(program: str) -> str:
    """A program that `make services` installs. Without it the test is skipped, and in CI it fails."""
    found = shutil.which(program)
    if found is None:
        reason = f"{program} is not installed; run make services"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


def ring_of(tmp_path: Path, *texts: str) -> KeyRing:
    (tmp_path / "identities").write_text("".join(texts), "utf-8")
    return KeyRing({AGE_FILE_VARIABLE: str(tmp_path / "identities")})


def test_what_is_written_is_a_reference_on_one_line(ring: KeyRing) -> None:
    text = age.encrypt(age.own_recipients(ring), VALUE)
    assert parse_reference(f"${{age:{text}}}").name == text
    assert base64.b64decode(text).startswith(b"age-encryption.org/v1\n")
    assert AgeSource(ring).reveal(text).get_secret_value() == "hunter2"


def test_any_of_several_identities_decrypts_and_any_recipient_may(tmp_path: Path) -> None:
    pairs = [age.new_identity() for _ in range(3)]
    text = age.encrypt([recipient for _, recipient in pairs[:2]], VALUE)
    for identity, _ in pairs[:2]:
        assert AgeSource(ring_of(tmp_path, pairs[2][0], "\n", identity)).reveal(text).get_secret_value() == "hunter2"
    with pytest.raises(SecretUnavailable, match="none of the age identities"):
        AgeSource(ring_of(tmp_path, pairs[2][0])).reveal(text)


def test_rotation_adds_a_recipient(tmp_path: Path) -> None:
    (old, old_recipient), (new, new_recipient) = age.new_identity(), age.new_identity()
    text = age.encrypt([old_recipient], VALUE)
    both = age.reencrypted(ring_of(tmp_path, old), [old_recipient, new_recipient], text)
    assert AgeSource(ring_of(tmp_path, new)).reveal(both).get_secret_value() == "hunter2"


@pytest.mark.parametrize(
    "said", ["", "no identity here\n", "AGE-SECRET-" + "KEY-1NOTONE\n", "# " + "AGE-SECRET-" + "KEY-1\n"]
)
def test_a_file_without_an_identity_says_so(said: str, tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable, match="holds no identity") as raised:
        age.own_recipients(ring_of(tmp_path, said))
    assert "NOTONE" not in str(raised.value)


def test_one_wrong_identity_spoils_the_file(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable, match="holds no identity"):
        age.own_recipients(ring_of(tmp_path, age.new_identity()[0], "\n", "AGE-SECRET-" + "KEY-1NOTONE\n"))


@pytest.mark.parametrize("recipient", ["", "age1nobody", "bob@example.com", "ssh-ed25519 AAAA", "ssh-rsa", "age1\n"])
def test_a_wrong_recipient_is_refused(recipient: str) -> None:
    with pytest.raises(SecretUnavailable, match="a recipient begins with"):
        age.encrypt([recipient], VALUE)


def test_no_identity_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable, match="is not set"):
        KeyRing({}).age_identities()
    with pytest.raises(SecretUnavailable, match="no such file"):
        KeyRing({AGE_FILE_VARIABLE: str(tmp_path / "none")}).age_identities()
    (tmp_path / "key").write_text("a", "utf-8")
    with pytest.raises(SecretUnavailable, match="lies in the tree"):
        KeyRing({AGE_FILE_VARIABLE: str(tmp_path / "key")}, str(tmp_path)).age_identities()


@given(data=st.binary(max_size=300), has_header=st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=300)
def test_any_bytes_are_answered(data: bytes, has_header: bool, ring: KeyRing) -> None:
    written = b"age-encryption.org/v1\n" + data if has_header else data
    with pytest.raises(SecretUnavailable):
        AgeSource(ring).reveal(base64.b64encode(written).decode() or "x")


@given(at=st.integers(0, 10_000), flip=st.integers(1, 255))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_a_text_that_was_tampered_with_gives_no_value(at: int, flip: int, ring: KeyRing) -> None:
    data = bytearray(base64.b64decode(age.encrypt(age.own_recipients(ring), VALUE)))
    data[at % len(data)] ^= flip
    try:
        said = AgeSource(ring).reveal(base64.b64encode(bytes(data)).decode())
    except SecretUnavailable:
        return
    assert said.get_secret_value() == "hunter2"  # a line of a stanza that nobody need read


def test_age_reads_what_is_written_here(tmp_path: Path) -> None:
    program = needs("age")
    identity, recipient = age.new_identity()
    (tmp_path / "key").write_text(identity, "utf-8")
    text = age.encrypt([recipient], SecretStr("grüße, hunter2"))
    command = [program, "--decrypt", "-i", str(tmp_path / "key")]
    done = subprocess.run(command, input=base64.b64decode(text), capture_output=True, check=True)
    assert done.stdout.decode() == "grüße, hunter2"


@pytest.mark.parametrize("armor", [False, True])
@pytest.mark.parametrize("joined", ["\n", " ", "", "\\n", "\n      "])
def test_what_age_writes_is_read_here(armor: bool, joined: str, tmp_path: Path) -> None:
    program, keygen = needs("age"), needs("age-keygen")
    made = subprocess.run([keygen, "-o", str(tmp_path / "key")], capture_output=True, check=True, text=True)
    recipient = made.stderr.strip().rpartition(" ")[2]
    options = ["--armor"] if armor else []
    data = subprocess.run(
        [program, "--encrypt", *options, "-r", recipient], input=b"hunter2\n", capture_output=True, check=True
    ).stdout
    text = data.decode().replace("\n", joined) if armor else base64.encodebytes(data).decode().replace("\n", joined)
    ring = KeyRing({AGE_FILE_VARIABLE: str(tmp_path / "key")})
    assert AgeSource(ring).reveal(text).get_secret_value() == "hunter2"
    assert age.own_recipients(ring) == [recipient]


def test_ssh_keys_encrypt_and_decrypt_as_age_does(tmp_path: Path) -> None:
    program, keygen = needs("age"), needs("ssh-keygen")
    key = tmp_path / "id"
    subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    recipient = key.with_suffix(".pub").read_text("utf-8").strip()
    ring = KeyRing({AGE_FILE_VARIABLE: str(key)})
    text = age.encrypt([recipient], VALUE)
    command = [program, "-d", "-i", str(key)]
    done = subprocess.run(command, input=base64.b64decode(text), capture_output=True, check=True)
    assert done.stdout == b"hunter2"
    assert AgeSource(ring).reveal(text).get_secret_value() == "hunter2"
    with pytest.raises(SecretUnavailable, match="--recipient"):
        age.own_recipients(ring)
