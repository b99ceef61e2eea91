"""Nothing that a file can hold makes the line raise, hang, run something or take the machine's memory."""

from __future__ import annotations

import gc
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentconf.document.build import Lexicon
from agentconf.document.parse import FAULTS_LIMIT, parse
from agentconf.source.folder import FILE_LIMIT_BYTES, read_folder
from agentconf.source.tree import tree_of
from tests.support import REPOSITORY, document_of, findings_of, found

LIMIT_S = 1.0
"""Of the processor's time where a text is read, so that a busy machine fails no test; pytest ends what hangs."""

LIMIT_MB = 100

CASES = REPOSITORY / "tests" / "cases"
CORPUS = [
    path.read_bytes()
    for root in (CASES, REPOSITORY / "agents.d")
    for path in sorted(root.rglob("*.yaml"))
    if path.is_file()
]

TOKENS = (
    b"&a ", b"*a", b"!", b"! ", b"!!str ", b"? ", b"?x", b": ", b":", b"- ", b"-", b"---\n", b"...\n", b"[", b"]",
    b"{", b"}", b",", b"'", b'"', b"|\n", b">-\n", b"#", b" #", b"\n", b"\r\n", b"\r", b"\t", b" ", b"    ",
    b"<<: *a\n", b"%YAML 1.1\n", b"null", b"~", b"\0", b"\xff", b"\xc3", b"\xef\xbb\xbf", b"\xc2\x85",
    b"\xe2\x80\xa8", b"\xee\x80\x80", b"\xed\xa0\x80", b"\\", b'"\\ud800"', b"1e999", b"9" * 50, b"0x", b".nan",
    b"x-", b"llm:", b"${env:A}", b"extends: ", b"variants: ", b"\x7f", b"@", b"`", b"%",
)  # fmt: skip


def holds_values_or_faults(data: bytes) -> None:
    """Parses within the time limit, to values or to findings that can be shown, and every place can be asked for."""
    started = time.process_time()
    document = parse("a.yaml", "a.yaml", data, Lexicon())
    assert isinstance(document.value, dict)
    assert document.is_readable or document.faults
    assert len(document.faults) <= FAULTS_LIMIT + 1
    for fault in document.faults:
        json.dumps(fault.as_json())
        assert min(fault.line, fault.column) >= 1
        assert (fault.span.end_line, fault.span.end_column) >= (fault.line, fault.column)
    if document.is_readable:
        for key in document.value:
            assert document.key_span((key,)).line >= 1
            assert document.value_span((key, 0, "nothing")).line >= 1
    assert time.process_time() - started < LIMIT_S


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    holds_values_or_faults(data)


@given(st.text(max_size=300))
def test_any_text(text: str) -> None:
    holds_values_or_faults(text.encode())


@given(st.lists(st.sampled_from(TOKENS) | st.sampled_from((b"a", b"b: ", b"\n  ", b"\n")), max_size=60).map(b"".join))
def test_any_row_of_tokens(data: bytes) -> None:
    holds_values_or_faults(data)


def mutated(random: Random, times: int) -> bytes:
    """A file of the corpus with pieces cut out, doubled, exchanged and sprinkled in."""
    data = bytearray(random.choice(CORPUS))
    for _ in range(times):
        start = random.randint(0, len(data))
        end = min(len(data), start + random.choice((0, 1, 1, 3, 20)))
        kind = random.random()
        if kind < 0.5:
            data[start:end] = random.choice(TOKENS)
        elif kind < 0.7:
            del data[start:end]
        elif kind < 0.85:
            data[start:start] = data[start:end] * random.choice((1, 2, 10))
        else:
            data[start:end] = random.choice(CORPUS)[start : start + 40]
    return bytes(data)


@given(st.integers(0, 2**48), st.integers(1, 6))
def test_any_mutated_file(seed: int, times: int) -> None:
    holds_values_or_faults(mutated(Random(seed), times))


@given(st.integers(0, 2**48), st.integers(0, 4))
def test_any_tree_of_mutated_files_goes_through_the_whole_line(seed: int, times: int) -> None:
    random = Random(seed)
    names = (
        "_defaults.yaml",
        "_settings.yaml",
        "_models.yaml",
        "_profiles/careful.yaml",
        "_environments/prod.yaml",
        "a.yaml",
        "t/b.yaml",
    )
    started = time.process_time()
    for finding in findings_of(tree_of({name: mutated(random, times) for name in names})):
        json.dumps(finding.as_json())
    assert time.process_time() - started < LIMIT_S


# -- hostile texts: a finding within a second


def deep(opening: bytes) -> bytes:
    return b"metadata: " + opening * 20_000


def full(piece: bytes) -> bytes:
    """As large as a file may be."""
    return (b"metadata: {a: [" + piece * (FILE_LIMIT_BYTES // len(piece)))[: FILE_LIMIT_BYTES - 3] + b"]}\n"


BOMB = b"".join(
    b"x-%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 10 if n else [b"lol"] * 10)) for n in range(12)
)
MAPPING_BOMB = b"x-0: &a0 {k: v}\n" + b"".join(
    b"x-%d: &a%d {a: *a%d, b: *a%d}\n" % (n, n, n - 1, n - 1) for n in range(1, 40)
)

HOSTILE = {
    "alias bomb": (BOMB, "AC009"),
    "alias bomb of mappings": (MAPPING_BOMB, "AC009"),
    "alias of itself": (b"x-a: &a [*a]\n", "AC009"),
    "nested brackets": (deep(b"["), "AC010"),
    "nested brackets, closed": (b"metadata: " + b"[" * 20_000 + b"]" * 20_000, "AC010"),
    "nested braces": (deep(b"{a: "), "AC010"),
    "nested braces as keys": (deep(b"{"), "AC010"),
    "nested lists on one line": (b"- " * 20_000, "AC010"),
    "nested complex keys": (b"? " * 20_000, "AC010"),
    "nested block mappings": (b"".join(b" " * depth + b"a:\n" for depth in range(1_400)), "AC010"),
    "items": (full(b"x,"), "AC011"),
    "wrong items": (b"tags: [" + b"1," * 24_000 + b"1]\n", "AC101"),
    "empty mappings": (full(b"{},"), "AC011"),
    "tags": (full(b"!a x,"), "AC011"),
    "tags, fewer": (b"metadata: {a: [" + b"!a x," * 20_000 + b"x]}\n", "AC112"),
    "lone tags": (b"metadata: {a: [" + b"! x," * 20_000 + b"x]}\n", "AC112"),
    "lone question marks": (b"metadata: {a: [" + b"?x," * 12_000 + b"x]}\n", "AC112"),
    "infinite numbers": (b"metadata: {a: [" + b"1e999," * 20_000 + b"1]}\n", "AC112"),
    "unknown keys": (b"".join(b"k%d: 1\n" % n for n in range(12_000)), "AC112"),
    "doubled keys": (b"metadata:\n" + b"  a: 1\n" * 12_000, "AC112"),
    "empty values": (b"".join(b"k%d:\n" % n for n in range(12_000)), "AC112"),
    "profiles that do not exist": (b"extends: [" + b"p," * 20_000 + b"p]\n", "AC201"),
    "delegates that do not exist": (b"llm: {model: a/b}\ndelegates: [" + b"p," * 20_000 + b"p]\n", "AC203"),
    "environments that do not exist": (
        b"environments:\n" + b"".join(b"  e%d: {}\n" % n for n in range(10_000)),
        "AC202",
    ),
    "a long integer": (b"llm: {model: a/b, seed: " + b"1" * 500_000 + b"}\n", "AC013"),
    "a long hexadecimal": (b"llm: {model: a/b, seed: 0x" + b"f" * 500_000 + b"}\n", "AC013"),
    "an integer that Python may not print": (b"name: 0x" + b"f" * 3_100, "AC101"),
    "a python object": (b"name: !!python/object/apply:os._exit [3]\n", "AC005"),
    "a python name": (b"!!python/name:os.system name: 1\n", "AC005"),
    "NUL bytes": (b"\0" * FILE_LIMIT_BYTES, "AC003"),
    "broken UTF-8": (b"name: " + b"\xc3\x28" * 1000, "AC002"),
    "surrogates in UTF-8": (b"name: \xed\xa0\x80\n", "AC002"),
    "UTF-16": ("name: A\n".encode("utf-16"), "AC002"),
    "UTF-32": ("name: A\n".encode("utf-32"), "AC002"),
    "blanks": (b" " * FILE_LIMIT_BYTES, "AC014"),
    "tabs": (b"\t" * FILE_LIMIT_BYTES, "AC008"),
    "line breaks": (b"\n" * FILE_LIMIT_BYTES, "AC014"),
    "documents": (b"---\n" * 100_000, "AC006"),
    "quotes": (b'"' * FILE_LIMIT_BYTES, "AC001"),
    "colons": (b": " * 100_000, "AC001"),
    "directives": (b"%A b\n" * 100_000, "AC001"),
    "a name as long as a file may be": (b"name: " + b"x" * 1_000_000, "AC104"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_ends_in_a_finding_within_a_second(name: str) -> None:
    data, code = HOSTILE[name]
    gc.collect()
    started = time.process_time()
    findings = findings_of(tree_of({"a.yaml": data}))
    assert time.process_time() - started < LIMIT_S
    assert code in {finding.code for finding in findings}
    assert len(findings) <= 2 * FAULTS_LIMIT + 2
    assert all(len(str(finding)) < 1000 for finding in findings)


MEASURE = """
import json, re, sys, time
from pathlib import Path
from agentconf import pipeline
from agentconf.source.folder import read_folder

started = time.process_time()
draft = pipeline.draft(read_folder(sys.argv[1]))
findings = pipeline.judge(draft, None).findings
took = time.process_time() - started
# not getrusage: its peak is that of the process that started this one, if that was larger
peak_mb = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) / 1024
print(json.dumps({"took_s": took, "peak_mb": peak_mb, "codes": sorted({finding.code for finding in findings})}))
"""


def measured(folder: Path) -> set[str]:
    """The codes of what is found in a folder, within a second and 100 MB, the program itself included."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(folder)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    said = json.loads(done.stdout)
    assert said["took_s"] < LIMIT_S
    assert said["peak_mb"] < LIMIT_MB
    return set(said["codes"])


def test_a_file_of_100_mb_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "a.yaml").open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    assert measured(tmp_path) == {"AC011"}


@pytest.mark.parametrize(
    "name", ["alias bomb", "nested brackets", "nested block mappings", "items", "wrong items", "tags", "unknown keys"]
)
def test_hostile_text_takes_less_than_100_mb(name: str, tmp_path: Path) -> None:
    data, code = HOSTILE[name]
    (tmp_path / "a.yaml").write_bytes(data)
    assert code in measured(tmp_path)


# -- hostile files: nothing but a regular file is opened


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    """A tree in a folder that holds nothing else, with a short path (a socket's has at most 108 bytes)."""
    here = Path.cwd()
    made = tmp_path / "holder" / "agents.d"
    made.mkdir(parents=True)
    (made / "good.yaml").write_text("llm: {model: openai/gpt-4.1}\n")
    os.chdir(made)
    yield made
    os.chdir(here)


def a_fifo(path: Path) -> None:
    os.mkfifo(path)


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(path.name)


def a_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_folder(path: Path) -> None:
    path.mkdir()


def a_link_out(path: Path) -> None:
    outside = path.parents[2] / "outside.yaml"
    outside.write_text("llm: {model: openai/gpt-4.1}\n")
    path.symlink_to(outside)


def a_link_to_a_fifo(path: Path) -> None:
    os.mkfifo(path.parent.parent / "fifo")
    path.symlink_to("../fifo")


def a_dangling_link(path: Path) -> None:
    path.symlink_to("nowhere.yaml")


def a_link_to_itself(path: Path) -> None:
    path.symlink_to(path.name)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (a_fifo, "AC017"),
        (a_socket, "AC017"),
        (a_link_to_a_device, "AC018"),
        (a_folder, "AC017"),
        (a_link_out, "AC018"),
        (a_link_to_a_fifo, "AC017"),
        (a_dangling_link, "AC017"),
        (a_link_to_itself, "AC017"),
    ],
)
def test_what_is_no_file_is_a_finding_within_a_second(make: Callable[[Path], None], code: str, root: Path) -> None:
    make(root / "hostile.yaml")
    started = time.perf_counter()
    tree = read_folder(root)
    assert found(tree) == [("hostile.yaml", 1, code)]
    assert list(tree.files) == ["good.yaml"]
    assert time.perf_counter() - started < LIMIT_S


@pytest.mark.parametrize(
    "make",
    [a_fifo, a_socket, a_link_to_a_device, a_folder, a_link_out, a_link_to_a_fifo, a_dangling_link, a_link_to_itself],
)
def test_a_prompt_that_is_no_file_is_a_finding_within_a_second(make: Callable[[Path], None], root: Path) -> None:
    make(root / "prompt.md")
    (root / "good.yaml").write_text("llm: {model: openai/gpt-4.1}\ninstructions_file: prompt.md\n")
    started = time.perf_counter()
    assert ("good.yaml", 2, "AC206") in found(read_folder(root))
    assert time.perf_counter() - started < LIMIT_S


def test_links_in_a_circle_end(root: Path) -> None:
    (root / "team").mkdir()
    (root / "team" / "again").symlink_to("..")
    (root / "one").symlink_to("two")
    (root / "two").symlink_to("one")
    started = time.perf_counter()
    assert [code for _, _, code in found(read_folder(root))] == ["AC017"]
    assert time.perf_counter() - started < LIMIT_S


def test_the_document_of_a_hostile_text_holds_no_values() -> None:
    document = document_of(BOMB)
    assert document.value == {}
    assert not document.is_readable
