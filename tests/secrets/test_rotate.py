from __future__ import annotations

import os
from pathlib import Path

import pytest

from agentconf.errors import SecretUnavailable
from agentconf.secrets.rotate import Rotation, holds_any, replace_file, rotated


def upper(text: str) -> str:
    if text == "bad":
        raise SecretUnavailable("it is bad")
    return text.upper()


TEXT = "\ufeffa: ${fernet:one}  # ${fernet:two}\r\nb: 'ä ${age:x y}'\nc: {d: \"${fernet:ONE}\"}\n".encode()


def test_only_the_bytes_of_references_change() -> None:
    data, done = rotated(TEXT, {"fernet": upper})
    assert data == TEXT.replace(b"one}", b"ONE}").replace(b"two}", b"TWO}")
    assert done == [
        Rotation(1, 4, "fernet", "rotated"), Rotation(1, 21, "fernet", "rotated"), Rotation(3, 9, "fernet", "current"),
    ]  # fmt: skip
    again, done = rotated(data, {"fernet": upper})
    assert again == data
    assert {one.outcome for one in done} == {"current"}


def test_a_new_text_may_be_longer() -> None:
    data, done = rotated(TEXT, {"age": lambda text: "longer than before"})
    assert data == TEXT.replace(b"x y", b"longer than before")
    assert [(one.line, one.column) for one in done] == [(2, 7)]


def test_where_one_fails_the_file_stays() -> None:
    data, done = rotated(b"a: ${fernet:one}\nb: ${fernet:bad}\n", {"fernet": upper})
    assert data == b"a: ${fernet:one}\nb: ${fernet:bad}\n"
    assert [(one.outcome, one.reason) for one in done] == [("left", None), ("failed", "it is bad")]


@pytest.mark.parametrize("data", [b"", b"${fernet:}", b"${fernet:a", b"$ {fernet:a}", b"${env:A}", b"${fernet:a{b}}"])
def test_what_is_no_reference_stays(data: bytes) -> None:
    assert rotated(data, {"fernet": upper, "age": upper}) == (data, [])


def test_a_file_without_the_source_is_not_looked_at() -> None:
    assert holds_any(TEXT, ["fernet"])
    assert not holds_any(b"a: ${env:A}", ["fernet", "age"])


def test_a_file_is_replaced_with_its_mode_and_through_its_link(tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_bytes(b"old")
    real.chmod(0o640)
    (tmp_path / "link.yaml").symlink_to(real)
    replace_file(str(tmp_path / "link.yaml"), b"old", b"new")
    assert real.read_bytes() == b"new"
    assert real.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link.yaml").is_symlink()
    assert sorted(os.listdir(tmp_path)) == ["link.yaml", "real.yaml"]


@pytest.mark.parametrize("now", [b"other", b"old and more", b""])
def test_what_somebody_else_wrote_meanwhile_stays(now: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(now)
    with pytest.raises(SecretUnavailable, match="changed meanwhile"):
        replace_file(str(tmp_path / "a.yaml"), b"old", b"new")
    assert (tmp_path / "a.yaml").read_bytes() == now
