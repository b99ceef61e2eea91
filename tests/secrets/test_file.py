from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from agentconf.errors import SecretUnavailable
from agentconf.secrets.allowed import Allowed
from agentconf.secrets.file import FileSource, folder_of
from agentconf.secrets.reading import LIMIT_BYTES


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "secrets"
    made.mkdir()
    return made


@pytest.fixture
def source(folder: Path) -> FileSource:
    return FileSource(Allowed(files=(f"{folder}/*",)))


def why_not(source: FileSource, path: Path | str) -> str:
    with pytest.raises(SecretUnavailable) as raised:
        source.reveal(str(path))
    return raised.value.reason


def test_a_file_may_hold_64_kib_and_no_byte_more(source: FileSource, folder: Path) -> None:
    (folder / "key").write_bytes(b"k" * LIMIT_BYTES)
    assert len(source.reveal(str(folder / "key")).get_secret_value()) == LIMIT_BYTES
    (folder / "key").write_bytes(b"k" * (LIMIT_BYTES + 1))
    assert "64 KiB" in why_not(source, folder / "key")


def test_a_huge_file_is_not_read(source: FileSource, folder: Path) -> None:
    with open(folder / "key", "wb") as file:
        file.truncate(1 << 40)
    assert "64 KiB" in why_not(source, folder / "key")


def test_what_is_no_file_is_told_apart_and_nothing_hangs(source: FileSource, folder: Path) -> None:
    os.mkfifo(folder / "fifo")
    (folder / "folder").mkdir()
    (folder / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(folder / "socket"))
        for name in ("fifo", "folder", "socket"):
            assert "not a regular file" in why_not(source, folder / name)
    assert "leads out" in why_not(source, folder / "zero")
    device = FileSource(Allowed(files=("/dev/*",)))
    assert "not a regular file" in why_not(device, "/dev/zero")


def test_a_link_that_leads_out_is_refused(source: FileSource, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("not yours", "utf-8")
    (folder / "key").symlink_to(tmp_path / "elsewhere")
    (folder / "up").symlink_to("..")
    (folder / "round").symlink_to("round")
    assert "leads out" in why_not(source, folder / "key")
    assert "leads out" in why_not(source, folder / "up" / "elsewhere")
    why_not(source, folder / "round")


def test_the_links_of_a_mounted_secret_work_and_a_rotation_is_picked_up(source: FileSource, folder: Path) -> None:
    for release, value in (("..2026_01", "one"), ("..2026_02", "two")):
        (folder / release).mkdir()
        (folder / release / "key").write_text(f"{value}\n", "utf-8")
    (folder / "..data").symlink_to("..2026_01")
    (folder / "key").symlink_to("..data/key")
    assert source.reveal(str(folder / "key")).get_secret_value() == "one"
    (folder / "..next").symlink_to("..2026_02")
    os.replace(folder / "..next", folder / "..data")
    assert source.reveal(str(folder / "key")).get_secret_value() == "two"


@pytest.mark.parametrize("path", ["{}/../secrets/key", "{}//key", "{}/./key", "/{}/key", "{}/key/"])
def test_a_path_is_written_straight(path: str, source: FileSource, folder: Path) -> None:
    (folder / "key").write_text("a", "utf-8")
    assert "write the path without" in why_not(source, path.format(folder))


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "/run/secrets/../../etc/passwd", "/run/secretsx/a", "/proc/self/environ", "/run/secrets"]
)
def test_only_the_usual_folders_are_open_by_default(path: str) -> None:
    why_not(FileSource(Allowed()), path)


def test_the_usual_folders_are_open_by_default() -> None:
    assert "no such file" in why_not(FileSource(Allowed()), "/run/secrets/a-key-that-nobody-has")
    assert "no such file" in why_not(FileSource(Allowed()), "/var/run/secrets/a/key-that-nobody-has")


def test_the_settings_take_the_place_of_the_usual_folders(source: FileSource) -> None:
    assert "do not allow" in why_not(source, "/run/secrets/openai")
    assert "do not allow" in why_not(FileSource(Allowed(files=())), "/run/secrets/openai")


def test_a_file_that_may_not_be_read_says_so(source: FileSource, folder: Path) -> None:
    (folder / "key").write_text("a", "utf-8")
    (folder / "key").chmod(0)
    if os.access(folder / "key", os.R_OK):
        pytest.skip("this user reads everything")
    assert "permission" in why_not(source, folder / "key")


@pytest.mark.parametrize(
    ("pattern", "folder"),
    [
        ("/run/secrets/*", "/run/secrets"), ("/etc/keys/openai", "/etc/keys"), ("/a/b*/c", "/a"), ("/a/[bc]/d", "/a"),
        ("*", "/"),
    ],
)  # fmt: skip
def test_the_folder_of_a_pattern_is_what_stands_before_its_wildcard(pattern: str, folder: str) -> None:
    assert folder_of(pattern) == folder
