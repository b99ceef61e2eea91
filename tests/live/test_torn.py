"""Files as they should not be written, and names that are no files: whatever lies there, the others are served."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.live.conftest import Follow
from tests.live.support import (
    AS_NOBODY,
    IS_ROOT,
    NOBODY,
    TORN,
    Program,
    Reader,
    owned,
    owner_of,
    put,
    stays,
    wait_for,
    wait_owner,
    wait_state,
)

PAUSE = threading.Event()
"""Never set: what a slow writer waits for."""


def _write_slowly(path: Path, data: bytes, pieces: int, pause_s: float) -> None:
    size = -(-len(data) // pieces)
    with open(path, "r+b", buffering=0) as file:
        file.truncate(0)
        for start in range(0, len(data), size):
            file.write(data[start : start + size])
            PAUSE.wait(pause_s)


def test_a_slow_write_in_place_is_served_when_it_is_done(root: Path, follow: Follow) -> None:
    conf = follow()
    text = "{owner: second, description: '" + "x" * 400 + "', llm: {model: openai/gpt-4.1}}\n"
    with Reader(lambda: (owner_of(conf), len(conf["a"].description or ""), conf.status.state)) as reader:
        _write_slowly(root / "a.yaml", text.encode(), pieces=16, pause_s=0.04)
        wait_owner(conf, "second")
    assert reader.seen == [("first", 0, "fresh"), ("second", 400, "fresh")]


def test_a_write_that_takes_longer_is_refused_meanwhile_and_served_in_the_end(root: Path, follow: Follow) -> None:
    conf = follow()
    text = owned("second").replace("{", "{ ")
    with Reader(lambda: owner_of(conf)) as reader:
        with open(root / "a.yaml", "w") as file:
            file.write(TORN)
            file.flush()
            wait_state(conf, "failing")
            file.seek(0)
            file.write(text + "# " + "x" * len(TORN) + "\n")
        wait_owner(conf, "second")
    assert reader.seen == ["first", "second"]
    wait_state(conf, "fresh")


@pytest.mark.parametrize("text", ["", TORN, "\n", "owner: [\n", "owner: \xff\n".encode("latin-1")])
def test_what_looks_half_written_has_a_second_and_is_refused_then(
    root: Path, follow: Follow, text: str | bytes
) -> None:
    conf = follow()
    started = time.monotonic()
    put(root, {"a.yaml": text})
    put(root, {"b.yaml": owned("second")})
    wait_owner(conf, "second", "b", seconds=0.7)  # a torn file does not hold up the others
    assert dict(conf.status.quarantined) == {}
    wait_for(lambda: "a" in conf.status.quarantined, "the refusal", 2)
    assert time.monotonic() - started > 0.9
    assert conf["a"].owner == "first"
    put(root, {"a.yaml": owned("mended")})
    wait_owner(conf, "mended", seconds=1)


def test_truncated_and_written_after_a_pause_is_never_seen_empty(root: Path, follow: Follow) -> None:
    conf = follow()
    with Reader(lambda: (owner_of(conf), conf.status.state)) as reader:
        for pause_s in (0.02, 0.1, 0.4):
            with open(root / "a.yaml", "w") as file:
                PAUSE.wait(pause_s)
                file.write(owned(pause_s))
            wait_owner(conf, pause_s)
    assert {state for _, state in reader.seen} == {"fresh"}
    assert [owner for owner, _ in reader.seen] == ["first", "0.02", "0.1", "0.4"]


def test_a_torn_prompt_is_awaited_too(root: Path, follow: Follow) -> None:
    put(root, {"p.md": "whole", "a.yaml": owned("first", "instructions_file: p.md\n")})
    conf = follow()
    with Reader(lambda: (conf["a"].instructions, conf.status.state)) as reader:
        put(root, {"p.md": ""})
        PAUSE.wait(0.1)
        put(root, {"p.md": "é".encode()[:1]})
        PAUSE.wait(0.1)
        put(root, {"p.md": "new"})
        wait_for(lambda: conf["a"].instructions == "new", "the prompt")
    assert reader.seen == [("whole", "fresh"), ("new", "fresh")]


def test_a_prompt_that_is_named_again_is_read_again(root: Path, follow: Follow) -> None:
    put(root, {"p.md": "old", "a.yaml": owned("first", "instructions_file: p.md\n")})
    conf = follow()
    put(root, {"a.yaml": owned("second"), "c.yaml": owned("second")})
    wait_owner(conf, "second", "c")
    wait_owner(conf, "second")
    put(root, {"d.yaml": owned("first")})
    wait_owner(conf, "first", "d")
    put(root, {"p.md": "new", "a.yaml": owned("third", "instructions_file: p.md\n")})
    wait_owner(conf, "third")
    wait_for(lambda: conf["a"].instructions == "new", "the prompt as it is", 1)


# -- what is no config file


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(os.path.relpath(path))  # a whole path may be longer than a socket's name


def _folder(path: Path) -> None:
    path.mkdir()


def _dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


def _outside(path: Path) -> None:
    path.symlink_to("/etc/hostname")


STRANGE = [_fifo, _socket, _folder, _dangling, _loop, _outside]


@pytest.mark.parametrize("make", STRANGE)
def test_something_else_by_a_config_files_name_harms_nobody(
    root: Path, follow: Follow, make: Callable[[Path], None]
) -> None:
    conf = follow()
    make(root / "c.yaml")
    put(root, {"a.yaml": owned("second")})
    wait_owner(conf, "second", seconds=1)
    assert "c" not in conf
    assert any(one.is_error for one in conf.snapshot.diagnostics)


@pytest.mark.parametrize("make", STRANGE)
def test_an_agents_file_that_becomes_something_else_keeps_its_last_good(
    root: Path, follow: Follow, make: Callable[[Path], None]
) -> None:
    conf = follow()
    with Reader(lambda: owner_of(conf)) as reader:
        (root / "a.yaml").unlink()
        make(root / "a.yaml")
        put(root, {"b.yaml": owned("second")})
        wait_for(lambda: "a" in conf.status.quarantined, "the refusal", 3)
        wait_owner(conf, "second", "b")
        stays(lambda: owner_of(conf) == "first", "the last good", 0.2)
        (root / "a.yaml").rename(root / ".aside")
        put(root, {"a.yaml": owned("mended")})
        wait_owner(conf, "mended")
    assert reader.seen == ["first", "mended"]
    wait_state(conf, "fresh")


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{after}: &{after} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, after in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize("text", [
    owned("x", "description: '" + "x" * (2 << 20) + "'\n"), BOMB, owned("x", "owner: y\n"), "[" * 100_000,
], ids=["2 MB", "alias bomb", "duplicate key", "deep"])  # fmt: skip
def test_a_hostile_file_is_refused_quickly(root: Path, follow: Follow, text: str) -> None:
    conf = follow()
    put(root, {"a.yaml": text, "b.yaml": owned("second")})
    wait_owner(conf, "second", "b", seconds=1)
    wait_for(lambda: "a" in conf.status.quarantined, "the refusal", 3)
    assert conf["a"].owner == "first"


def test_a_name_that_is_no_text_harms_nobody(root: Path, follow: Follow) -> None:
    conf = follow()
    for number in range(3):
        Path(os.fsdecode(os.fsencode(root) + b"/\xff%d.yaml" % number)).write_text(owned("x"))
        put(root, {"a.yaml": owned(number)})
        wait_owner(conf, number, seconds=3)
    assert sorted(conf) == ["a", "b"]


def test_two_files_that_claim_one_agent_are_refused_both(root: Path, follow: Follow) -> None:
    conf = follow()
    put(root, {"team/a.yaml": owned("second")})
    wait_for(lambda: "a" in conf.status.quarantined, "the refusal")
    assert "two files have the agent id 'a'" in conf.status.quarantined["a"][0].message
    assert conf["a"].owner == "first"
    (root / "a.yaml").unlink()
    wait_owner(conf, "second", seconds=3)
    wait_state(conf, "fresh")


def test_a_case_only_rename_is_another_name(root: Path, follow: Follow) -> None:
    conf = follow()
    os.rename(root / "a.yaml", root / "A.yaml")
    wait_for(lambda: "a" not in conf, "the end of a", 3)
    os.rename(root / "A.yaml", root / "a.yaml")
    wait_owner(conf, "first")
    wait_state(conf, "fresh")


# -- stamps


def test_an_edit_of_the_same_size_with_its_time_restored_is_seen(root: Path, follow: Follow) -> None:
    conf = follow()
    before = os.stat(root / "a.yaml")
    (root / "a.yaml").write_text(owned("FIRST"))
    os.utime(root / "a.yaml", ns=(before.st_atime_ns, before.st_mtime_ns))
    wait_owner(conf, "FIRST", seconds=1)


@pytest.mark.parametrize("seconds", [-86400, 86400 * 365])
def test_a_clock_that_jumps_hides_no_edit(root: Path, follow: Follow, seconds: int) -> None:
    conf = follow()
    for owner in ("other", "again"):
        (root / "a.yaml").write_text(owned(owner))
        os.utime(root / "a.yaml", (time.time() + seconds, time.time() + seconds))
        wait_owner(conf, owner, seconds=1)


def test_many_edits_of_the_same_size_within_a_second_are_all_seen(root: Path, follow: Follow) -> None:
    conf = follow()
    for number in range(10, 30):
        with open(root / "a.yaml", "r+b", buffering=0) as file:
            file.write(owned(f"no-{number}").encode())
        wait_owner(conf, f"no-{number}", seconds=1)


def test_a_storm_starves_nobody(root: Path, follow: Follow) -> None:
    conf = follow()
    is_over = threading.Event()

    def storm() -> None:
        number = 0
        while not is_over.wait(0.005):
            number += 1
            put(root, {"b.yaml": owned(number)})

    writer = threading.Thread(target=storm)
    writer.start()
    try:
        put(root, {"a.yaml": owned("second")})
        wait_owner(conf, "second", seconds=3)
    finally:
        is_over.set()
        writer.join()


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
def test_a_file_that_may_not_be_read_keeps_its_last_good(open_root: Path) -> None:
    for path in (open_root, *open_root.iterdir()):
        shutil.chown(path, NOBODY if IS_ROOT else os.getuid())
    with Program(AS_NOBODY, open_root) as program:
        (open_root / "a.yaml").chmod(0)
        wait_for(lambda: program.ask("list(conf.status.quarantined)") == ["a"], "the refusal")
        assert program.ask("conf['a'].owner") == "first"
        (open_root / "a.yaml").chmod(0o644)
        wait_for(lambda: program.ask("conf.status.state") == "fresh", "the recovery")
        put(open_root, {"a.yaml": owned("mended")})
        wait_for(lambda: program.ask("conf['a'].owner") == "mended", "the edit")
