"""Pointers of Git LFS."""

from __future__ import annotations

import hashlib

import pytest

from agentconf.source.pointer import begins_like_a_pointer, is_pointer, points_at

TEXT = b"The text."
DIGEST = hashlib.sha256(TEXT).hexdigest().encode()
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + DIGEST + b"\nsize 9\n"


def test_a_pointer_points_at_the_bytes_of_its_digest() -> None:
    assert is_pointer(POINTER)
    assert points_at(POINTER, TEXT)
    assert not points_at(POINTER, TEXT + b"\n")
    assert begins_like_a_pointer(POINTER.decode())


def test_what_an_extension_adds_is_passed_over() -> None:
    extended = POINTER.replace(b"oid", b"ext-0-foo sha256:" + b"0" * 64 + b"\noid")
    assert points_at(extended, TEXT)


@pytest.mark.parametrize("data", [
    b"", TEXT, POINTER[:-9] + b"more\n\n", POINTER + b"And a prompt behind it.", b"About " + POINTER,
    POINTER.replace(b"sha256", b"md5"), POINTER + b"x" * 2000,
])  # fmt: skip
def test_other_texts_are_none(data: bytes) -> None:
    assert not is_pointer(data)
    assert not points_at(data, TEXT)
