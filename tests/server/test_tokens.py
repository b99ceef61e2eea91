"""The file of tokens."""

from __future__ import annotations

import json
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from agentconf.errors import SourceUnavailable
from agentconf.server.access.book import TokenBook
from agentconf.server.access.caller import Caller, Scope
from agentconf.server.access.gate import Gate
from agentconf.server.access.making import new_token, revoke_token
from agentconf.server.access.owner import owner_of
from agentconf.server.access.tickets import LIFETIME_S, MOST, SharedTickets, Tickets
from agentconf.server.access.token import fits, parts_of
from agentconf.server.access.token_file import read_tokens
from tests.server.support import ADA, token_in

READ = frozenset({Scope.READ})


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "tokens.json"


def test_a_token_is_256_random_bits_of_which_the_file_keeps_the_hash(file: Path) -> None:
    texts = [token_in(file, f"t{number}") for number in range(20)]
    secrets = [parts[1] for text in texts if (parts := parts_of(text))]
    assert len({*secrets}) == 20
    assert all(len(secret) == 43 for secret in secrets)  # 32 bytes in Base64
    assert not any(secret in file.read_text() for secret in secrets)
    assert fits(read_tokens(str(file))["t3"], secrets[3])
    assert not fits(read_tokens(str(file))["t3"], secrets[4])
    assert not fits(None, secrets[4])


def test_only_its_owner_can_read_the_file(file: Path) -> None:
    token_in(file, "one")
    token_in(file, "two")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_two_that_write_at_a_time_lose_nothing(file: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: token_in(file, f"t{number}"), range(24)))
    assert len(read_tokens(str(file))) == 24


def test_a_name_is_given_once(file: Path) -> None:
    token_in(file, "ci")
    revoke_token(str(file), "ci")
    with pytest.raises(ValueError, match="there is a token 'ci' already"):
        token_in(file, "ci")


@pytest.mark.parametrize("name", ["", "Ci", "a_b", "-a", "a/b", "ü", "a" * 65])
def test_a_name_that_cannot_be_used_is_refused(file: Path, name: str) -> None:
    with pytest.raises(ValueError, match="no name for a token"):
        token_in(file, name)
    assert not file.exists()


def test_who_is_not_there_is_not_revoked(file: Path) -> None:
    token_in(file, "ci")
    with pytest.raises(ValueError, match="no token 'cd'"):
        revoke_token(str(file), "cd")


def test_in_a_file_that_is_not_there_nothing_is_revoked(file: Path) -> None:
    with pytest.raises(SourceUnavailable, match="no such file"):
        revoke_token(str(file), "ci")
    assert not list(file.parent.iterdir())


NO_OWNERS = ["Ada", "<ada@example.net>", "Ada <ada>", "Ada <a@b> x", "A\nda <a@b>", "", "<<a@b>>", ". <a@b>"]
UNPRINTABLE = ["A\u202eda <a@b>", "\u200b <a@b>", "A\ud800 <a@b>"]


@pytest.mark.parametrize("text", [*NO_OWNERS, *UNPRINTABLE])
def test_an_owner_has_a_name_and_an_address(text: str) -> None:
    with pytest.raises(ValueError, match="write a name and an address"):
        owner_of(text)


@pytest.mark.parametrize("name", ["", ".", "Eve\ncommitter Root <r@r>", "A\ud800", "A" * 200_000])
def test_a_file_with_an_owner_that_git_takes_for_no_author_is_refused(file: Path, name: str) -> None:
    """It would be found out with the first write."""
    token_in(file, "ci")
    said = json.loads(file.read_text())
    said["tokens"][0]["owner"]["name"] = name
    file.write_text(json.dumps(said))
    with pytest.raises(SourceUnavailable, match="token 1: 'owner' must have a name and an email"):
        read_tokens(str(file))


def test_an_owner_is_written_as_git_writes_an_author() -> None:
    assert owner_of(" Ada Lovelace <ada@example.net> ") == ADA
    assert str(ADA) == "Ada Lovelace <ada@example.net>"


def changed(file: Path, **values: Any) -> None:
    said = json.loads(file.read_text())
    said["tokens"][0].update(values)
    file.write_text(json.dumps(said))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"id": "Not good"}, "'id'"), ({"sha256": "abc"}, "'sha256'"), ({"scopes": ["admin"]}, "'scopes'"),
        ({"scopes": None}, "'scopes'"), ({"owner": "Ada"}, "'owner'"), ({"created": None}, "'created'"),
        ({"expires": "2027-01-01T00:00:00"}, "'expires' must be a moment with its zone"), ({"expires": 5}, "'expires'"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_right_names_the_token_and_the_key(file: Path, values: dict[str, Any], reason: str) -> None:
    token_in(file, "ci")
    changed(file, **values)
    with pytest.raises(SourceUnavailable, match=f"token 1: .*{reason}"):
        read_tokens(str(file))


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"tokens": {}}', "[" * 100_000])
def test_what_is_no_file_of_tokens_is_said(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(SourceUnavailable, match="'agentconf token new' writes one"):
        read_tokens(str(file))


def test_a_file_that_everybody_may_write_is_refused(file: Path) -> None:
    token_in(file, "ci")
    file.chmod(0o666)
    with pytest.raises(SourceUnavailable, match="chmod o-w"):
        read_tokens(str(file))


def test_a_fifo_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    with pytest.raises(SourceUnavailable, match="is no file"):
        read_tokens(str(file))


def test_the_book_looks_at_the_file_once_a_second(file: Path) -> None:
    token_in(file, "one")
    now = 100.0
    book = TokenBook(str(file), lambda: now)
    token_in(file, "two")
    assert book.get("two") is None
    now += 1.1
    assert book.get("two") is not None
    file.unlink()
    now += 1.1
    assert book.get("two") is not None
    assert book.trouble is not None


# -- tickets


def test_a_ticket_counts_once_and_to_read_alone() -> None:
    tickets = Tickets()
    ticket = tickets.issue(Caller(frozenset(Scope), "ci", ADA))
    found = tickets.redeem(ticket)
    assert found is not None
    assert (found.scopes, found.token) == (READ, "ci")
    assert tickets.redeem(ticket) is None
    assert tickets.redeem("another") is None


def test_a_ticket_is_soon_too_old_and_their_number_is_bounded() -> None:
    now = 0.0
    tickets = Tickets(lambda: now)
    first, late = tickets.issue(Caller(READ)), tickets.issue(Caller(READ))
    for _ in range(MOST - 1):
        tickets.issue(Caller(READ))
    assert tickets.redeem(first) is None  # the oldest made room
    now = LIFETIME_S + 1
    assert tickets.redeem(late) is None


def test_several_processes_share_tickets_of_which_each_counts_once(tmp_path: Path) -> None:
    one, other = SharedTickets(str(tmp_path)), SharedTickets(str(tmp_path))
    tickets = [one.issue(Caller(READ, "ci")) for _ in range(50)]
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda ticket: [side.redeem(ticket) for side in (one, other)], tickets * 2))
    assert sum(caller is not None for sides in found for caller in sides) == 50
    old = one.issue(Caller(READ, "ci"))
    for entry in os.scandir(tmp_path):
        os.utime(entry.path, (0, 0))
    assert other.redeem(old) is None


def test_the_ticket_of_a_token_that_was_revoked_meanwhile_is_worth_nothing(file: Path) -> None:
    token = token_in(file, "ci")
    gate = Gate(str(file))
    ticket = gate.tickets.issue(gate.caller(f"Bearer {token}".encode()))
    revoke_token(str(file), "ci")
    gate.book = TokenBook(str(file))
    assert gate.ticket_holder(ticket).scopes == frozenset()


def test_a_token_ends_at_its_moment(file: Path) -> None:
    token, _ = new_token(str(file), "ci", READ, ADA, timedelta(hours=1))
    now = datetime.now(UTC)
    assert token.refusal(now) is None
    assert "expired" in (token.refusal(now + timedelta(hours=1)) or "")
