from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from agentconf.config.secrets import parse_reference
from agentconf.errors import SecretUnavailable
from agentconf.secrets import fernet
from agentconf.secrets.fernet import FernetSource
from agentconf.secrets.keys import FERNET_FILE_VARIABLE, FERNET_VARIABLE, KeyRing

VALUE = SecretStr("hunter2")


def ring_of(*keys: str) -> KeyRing:
    return KeyRing({FERNET_VARIABLE: ",".join(keys)})


def test_the_first_key_encrypts_and_all_decrypt() -> None:
    old, new = fernet.new_key(), fernet.new_key()
    token = fernet.encrypt(ring_of(old), VALUE)
    assert FernetSource(ring_of(new, old)).reveal(token).get_secret_value() == "hunter2"
    with pytest.raises(SecretUnavailable, match="none of the Fernet keys"):
        FernetSource(ring_of(new)).reveal(token)
    fresh = fernet.encrypt(ring_of(new, old), VALUE)
    assert Fernet(new).decrypt(fresh) == b"hunter2"


def test_a_token_is_a_reference() -> None:
    token = fernet.encrypt(ring_of(fernet.new_key()), VALUE)
    assert parse_reference(f"${{fernet:{token}}}").name == token


def test_rotating_twice_is_rotating_once() -> None:
    old, new = fernet.new_key(), fernet.new_key()
    token = fernet.encrypt(ring_of(old), VALUE)
    once = fernet.rotated(ring_of(new, old), token)
    assert once != token
    assert fernet.rotated(ring_of(new, old), once) == once
    assert FernetSource(ring_of(new)).reveal(once).get_secret_value() == "hunter2"


@pytest.mark.parametrize("text", ["{0},{1}", "{0} {1}", "{0}\n{1}\n", " {0},\n\n{1} "])
def test_several_keys_stand_in_one_variable(text: str) -> None:
    keys = [fernet.new_key(), fernet.new_key()]
    assert KeyRing({FERNET_VARIABLE: text.format(*keys)}).fernet_keys() == keys


def test_or_in_a_file_with_comments(tmp_path: Path) -> None:
    keys = [fernet.new_key(), fernet.new_key()]
    (tmp_path / "keys").write_text(f"# of June\n{keys[0]}  # newest\n\n{keys[1]}\n", "utf-8")
    assert KeyRing({FERNET_FILE_VARIABLE: str(tmp_path / "keys")}).fernet_keys() == keys


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, "neither"),
        ({FERNET_VARIABLE: ""}, "neither"),
        ({FERNET_VARIABLE: "a", FERNET_FILE_VARIABLE: "b"}, "both set"),
        ({FERNET_VARIABLE: " , "}, "holds no key"),
        ({FERNET_FILE_VARIABLE: "/no/such/file"}, "no such file"),
        ({FERNET_FILE_VARIABLE: "/dev/zero"}, "not a regular file"),
    ],
)
def test_why_there_is_no_key(variables: dict[str, str], reason: str) -> None:
    with pytest.raises(SecretUnavailable, match=reason):
        KeyRing(variables).fernet_keys()


def test_a_wrong_key_is_said_by_its_number_and_not_repeated() -> None:
    ring = ring_of(fernet.new_key(), "swordfish")
    with pytest.raises(SecretUnavailable, match="number 2") as raised:
        fernet.encrypt(ring, VALUE)
    assert "swordfish" not in str(raised.value)


@pytest.mark.parametrize("variable", [FERNET_FILE_VARIABLE])
def test_a_key_in_the_tree_is_refused_through_a_link_too(variable: str, tmp_path: Path) -> None:
    tree = tmp_path / "agents.d"
    tree.mkdir()
    (tree / "keys").write_text(fernet.new_key(), "utf-8")
    (tmp_path / "link").symlink_to(tree / "keys")
    for path in (tree / "keys", tmp_path / "link"):
        with pytest.raises(SecretUnavailable, match="lies in the tree"):
            KeyRing({variable: str(path)}, str(tree)).fernet_keys()
    (tmp_path / "keys").write_text(fernet.new_key(), "utf-8")
    assert KeyRing({variable: str(tmp_path / "keys")}, str(tree)).fernet_keys()
