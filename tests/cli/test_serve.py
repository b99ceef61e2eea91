"""`agentconf serve`, in a process of its own."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import httpx
import pytest

from tests.cli.console import Console
from tests.live.support import wait_for
from tests.server.support import bearer, planted, token_in
from tests.server.test_operation import certificate


@contextmanager
def served(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command, and where it says that it serves."""
    command = [sys.executable, "-m", "agentconf", "serve", "--port", "0", "--no-last-good", *arguments]
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        try:
            yield process, _address(process.stderr)
        finally:
            process.kill()


def _address(stream: IO[str] | None) -> str:
    said = stream.readline() if stream else ""
    found = re.search(r" on (https?://\S+?)(?:: | with )", said)
    assert found, said
    return found[1]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    planted(tmp_path / "agents.d")
    return tmp_path


@pytest.mark.parametrize(("number", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130), (signal.SIGHUP, 0)])
def test_it_serves_until_it_is_asked_to_end(folder: Path, number: signal.Signals, status: int) -> None:
    with served(folder) as (process, address):
        assert httpx.get(f"{address}/api/agents/writer").json()["file"] == "agents.d/writer.yaml"
        process.send_signal(number)
        out, err = process.communicate(timeout=20)
        assert process.returncode == status
    assert [json.loads(line)["path"] for line in out.splitlines()] == ["/api/agents/writer"]
    assert err == ""


def test_a_second_signal_waits_for_no_client_and_ends_in_order(folder: Path) -> None:
    head = b"POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
    with served(folder) as (process, address), httpx.stream("GET", f"{address}/api/events") as stream:
        port = int(address.rpartition(":")[2])
        with socket.create_connection(("127.0.0.1", port)) as unfinished:
            unfinished.sendall(head)
            assert stream.status_code == 200
            process.send_signal(signal.SIGTERM)
            wait_for(lambda: not _is_taken(port), "the end of listening")
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=5)
    assert process.returncode == 0
    assert err == ""


def _is_taken(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def test_without_an_access_log_standard_output_stays_empty(folder: Path) -> None:
    with served(folder, "--no-access-log") as (process, address):
        assert httpx.get(f"{address}/healthz").status_code == 200
        process.terminate()
        assert process.communicate(timeout=20)[0] == ""


def test_several_processes_answer_the_same_and_share_their_tickets(folder: Path) -> None:
    token = token_in(folder / "tokens.json", "ci")
    with served(folder, "--workers", "2", "--tokens", "tokens.json") as (process, address):
        def answers() -> set[str]:
            with httpx.Client(headers={**bearer(token), "Connection": "close"}, timeout=30) as client:
                return {client.get(f"{address}/api/status").json()["applied"] for _ in range(6)}

        assert len(answers()) == 1
        process.terminate()
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_each_of_several_processes_says_its_number_with_what_it_counts(folder: Path) -> None:
    def counted(address: str) -> str:
        """The number of the process that one scrape meets."""
        lines = httpx.get(f"{address}/metrics", headers={"Connection": "close"}, timeout=30).text.splitlines()
        numbers = {found[1] for line in lines if (found := re.match(r'\w+\{worker="(\d+)"[,}]', line))}
        assert all('{worker="' in line for line in lines if not line.startswith("#"))
        return numbers.pop()

    met: set[str] = set()

    def are_met() -> bool:
        met.add(counted(address))
        return met == {"1", "2"}

    with served(folder, "--workers", "2") as (process, address):
        wait_for(are_met, "an answer of either", 30)
        process.terminate()
        process.communicate(timeout=30)
    with served(folder) as (process, address):
        assert "worker=" not in httpx.get(f"{address}/metrics").text
        process.terminate()
        process.communicate(timeout=30)


def test_a_process_that_dies_is_replaced_and_none_outlives_the_first(folder: Path) -> None:
    with served(folder, "--workers", "2") as (process, address):
        wait_for(lambda: len(workers_of(process.pid)) == 2, "the workers", 20)
        first = workers_of(process.pid)
        os.kill(first[0], signal.SIGKILL)
        wait_for(lambda: len(set(workers_of(process.pid)) - set(first)) == 1, "another in its place", 20)
        assert httpx.get(f"{address}/healthz", timeout=30).status_code == 200
        others = workers_of(process.pid)
        process.kill()
        wait_for(lambda: not any(map(is_alive, others)), "the end of the workers", 20)


def test_what_a_terminal_sends_to_all_processes_only_the_first_heeds(folder: Path) -> None:
    with served(folder, "--workers", "2") as (process, address):
        wait_for(lambda: len(workers_of(process.pid)) == 2, "the workers", 20)
        assert httpx.get(f"{address}/healthz", timeout=30).status_code == 200
        workers = workers_of(process.pid)
        wait_for(lambda: all(ignores(one, signal.SIGINT, signal.SIGHUP) for one in workers), "what is ignored")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == 130


def ignores(process: int, *numbers: signal.Signals) -> bool:
    """As Linux says: a mask in which a bit stands for each signal."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    mask = next(line for line in lines if line.startswith("SigIgn:"))
    return all(int(mask.split()[1], 16) >> (number - 1) & 1 for number in numbers)


def test_processes_that_cannot_begin_are_given_up(folder: Path) -> None:
    (folder / "agents.d" / "_defaults.yaml").write_text("temprature: 1\n")
    with served(folder, "--workers", "2") as (process, _):
        err = process.communicate(timeout=50)[1]
    assert process.returncode == 2
    assert "unknown key 'temprature'" in err
    assert err.endswith("the processes end as soon as they begin; what they say above is why\n")


def workers_of(parent: int) -> list[int]:
    """The processes that another began, but for the one that looks after what they share."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                status, command = (entry / "status").read_text(), (entry / "cmdline").read_text()
            except OSError:
                continue
            if f"PPid:\t{parent}\n" in status and "spawn_main" in command:
                found.append(int(entry.name))
    return found


def is_alive(process: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{process}/status").read_text()
    except OSError:
        return False


def test_on_an_address_that_others_reach_it_serves_with_tokens_and_tls(folder: Path) -> None:
    tls = certificate(folder)
    token = token_in(folder / "tokens.json", "ci")
    options = ("--host", "0.0.0.0", "--tokens", "tokens.json", "--tls-cert", tls.certificate, "--tls-key", str(tls.key))
    with served(folder, *options) as (_, address):
        import ssl

        trusted = ssl.create_default_context(cafile=tls.certificate)
        own = address.replace("0.0.0.0", "127.0.0.1")
        assert httpx.get(f"{own}/api/agents", headers=bearer(token), verify=trusted).json()["total"] == 4
        assert httpx.get(f"{own}/api/agents", verify=trusted).status_code == 401


def test_a_change_of_the_tree_is_served(folder: Path) -> None:
    with served(folder) as (_, address):
        (folder / "agents.d" / "coder.yaml").unlink()
        wait_for(lambda: httpx.get(f"{address}/api/agents/coder").status_code == 404, "the end of the agent", 15)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("--host", "0.0.0.0"), "give --tokens, see 'agentconf token new'; or say --without-tokens"),
        (("--host", "0.0.0.0", "--without-tokens"), "give --tls-cert and --tls-key; or say --without-tls"),
        (("--host", "::", "--without-tls"), "give --tokens"),
        (("--host", "no.such.host.invalid"), "cannot listen on no.such.host.invalid"),
        (("--tls-key", "key.pem"), "--tls-key goes with --tls-cert"),
        (("--tls-cert", "missing.pem"), "cannot read missing.pem"),
        (("--proxy", "nginx"), "--proxy takes an address or a network"),
        (("--allow-host", "https://agents.example.com:8700"), "--allow-host takes a name without scheme and port"),
        (("--tokens", "missing.json"), "cannot read the tokens in missing.json: no such file or directory"),
        (("--tokens", "agents.d/tokens.json"), "lies in the tree"),
        (("--tokens", "a", "--without-tokens"), "exclude each other"),
        (("-e", "nowhere"), "nowhere"),
        (("missing.d",), "missing.d"),
    ],
)
def test_where_it_must_not_or_cannot_serve_it_says_why_in_one_line(
    console: Console, arguments: tuple[str, ...], reason: str
) -> None:
    planted(console.folder / "agents.d")
    outcome = console("serve", "--port", "0", "--no-last-good", *arguments)
    assert (outcome.status, outcome.out) == (2, "")
    assert reason in outcome.err
    assert outcome.err.count("\n") == 1


def test_that_writes_will_be_refused_is_said_once(console: Console) -> None:
    planted(console.folder / "agents.d")
    console("token", "new", "ci", "--tokens", "t.json", "--owner", "Ada <ada@example.net>", "--scope", "write")
    command = [sys.executable, "-m", "agentconf", "serve", "--port", "0", "--no-last-good", "--tokens", "t.json"]
    with subprocess.Popen(
        [*command, "--writes", "commit"], cwd=console.folder, stderr=subprocess.PIPE, text=True, env=dict(os.environ)
    ) as process:
        assert process.stderr is not None
        said = [process.stderr.readline(), process.stderr.readline()]
        address = re.search(r"http://\S+?:\d+", said[1])
        assert address is not None, said
        assert httpx.get(f"{address[0]}/readyz").status_code == 200  # the application has begun
        process.terminate()
        said.append(process.stderr.read())
    assert said[0].endswith("writes will be refused: this is no git repository; run the command in a clone\n")
    assert said[2] == ""


def test_where_the_port_is_taken_the_way_out_is_named(console: Console) -> None:
    planted(console.folder / "agents.d")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        outcome = console("serve", "--port", str(port), "--no-last-good")
    assert (outcome.status, outcome.out) == (2, "")
    assert f"port {port}: address already in use; choose another by --port" in outcome.err


def test_a_tree_without_a_good_agent_is_not_served(console: Console) -> None:
    console.write("agents.d/a.yaml", "temprature: 1\n")
    outcome = console("serve", "--port", "0", "--no-last-good")
    assert outcome.status == 1
    assert "AC102 unknown key 'temprature'" in outcome.err
