"""What was received outlives a restart, privately and whole."""

from __future__ import annotations

import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import agentconf
from agentconf.errors import SourceUnavailable, UnknownEnvironment
from tests.live.support import owned, put, wait_for, wait_owner
from tests.remote.conftest import Dial
from tests.server.running import Running
from tests.server.test_push_snapshot import FERNET, PROVIDED


def file_of(kept: Path) -> Path:
    (found,) = kept.glob("*/snapshot")
    return found


def served_once(root: Path, kept: Path, dial: Dial) -> tuple[str, str]:
    """The address of a server that is away now, and the digest that a client was given."""
    with Running(root) as server:
        conf = dial(server.url, cache=kept)
        digest = conf.snapshot.digest
        conf.close()
    return server.url, digest


def test_a_restart_while_the_server_is_away_serves_what_was_served(root: Path, kept: Path, dial: Dial) -> None:
    url, digest = served_once(root, kept, dial)
    conf = dial(url, cache=kept)
    assert (conf.snapshot.digest, conf["a"].owner) == (digest, "first")
    assert (conf.status.state, conf.status.reason) == ("stale", "the server cannot be reached")
    assert dict(conf) == dict(agentconf.load(root))


def test_a_change_is_kept_soon(root: Path, kept: Path, dial: Dial) -> None:
    with Running(root) as server:
        conf = dial(server.url, cache=kept)
        put(root, {"a.yaml": owned("second")})
        wait_owner(conf, "second")
        files = kept.glob
        wait_for(lambda: any(b"second" in path.read_bytes() for path in files("*/snapshot")), "the change on disk")


def test_the_file_is_its_owners_alone_and_holds_no_cipher_text(root: Path, kept: Path, dial: Dial) -> None:
    put(root, {"_defaults.yaml": PROVIDED % FERNET})
    served_once(root, kept, dial)
    path = file_of(kept)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert b"gAAAA" not in path.read_bytes()


def test_masked_agents_come_back_from_the_cache(root: Path, kept: Path, dial: Dial) -> None:
    put(root, {"_defaults.yaml": PROVIDED % FERNET})
    url, digest = served_once(root, kept, dial)
    assert dial(url, cache=kept).snapshot.digest == digest


def test_older_than_its_time_to_live_it_is_served_as_failing(root: Path, kept: Path, dial: Dial) -> None:
    url, _ = served_once(root, kept, dial)
    hour_ago = time.time() - 3600
    os.utime(file_of(kept), (hour_ago, hour_ago))
    conf = dial(url, cache=kept)
    assert conf.status.state == "failing"
    assert 3590 < conf.status.age_s < 3700
    assert conf["a"].owner == "first"


def test_what_is_kept_is_as_old_as_its_last_confirmation(root: Path, kept: Path, dial: Dial) -> None:
    with Running(root) as server:
        conf = dial(server.url, cache=kept)
        wait_for(lambda: list(kept.glob("*/snapshot")), "the file")
        os.utime(file_of(kept), (1, 1))
        wait_for(lambda: file_of(kept).stat().st_mtime > time.time() - 30, "a confirmation")
        conf.close()


def test_when_the_server_is_back_it_is_fresh(root: Path, kept: Path, dial: Dial) -> None:
    with Running(root) as server:
        dial(server.url, cache=kept).close()
        server.stop()
        conf = dial(server.url, cache=kept)
        put(root, {"a.yaml": owned("second")})
        server.start()
        wait_owner(conf, "second")
        wait_for(lambda: conf.status.state == "fresh", "fresh")


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-100])


def _turned(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"first", b"worst"))


def _emptied(path: Path) -> None:
    path.write_bytes(b"")


def _another(path: Path) -> None:
    path.write_bytes(b"agentconf remote 99\n" + path.read_bytes()[19:])


def _linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


@pytest.mark.parametrize("damage", [_cut, _turned, _emptied, _another, _linked])
def test_a_damaged_cache_is_a_warning_and_as_if_it_were_not_there(
    root: Path, kept: Path, dial: Dial, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    url, _ = served_once(root, kept, dial)
    damage(file_of(kept))
    with pytest.raises(SourceUnavailable, match="the server cannot be reached, and nothing was kept"):
        dial(url, cache=kept)
    assert "is not used" in caplog.text
    with Running(root, port=int(url.rpartition(":")[2])) as server:
        assert dial(server.url, cache=kept)["a"].owner == "first"


def test_a_cache_that_was_made_up_holds_against_no_digest(root: Path, kept: Path, dial: Dial) -> None:
    import hashlib

    url, _ = served_once(root, kept, dial)
    path = file_of(kept)
    body = json.loads(path.read_bytes()[19:-65])
    body["agents"][0]["config"]["owner"] = "somebody else"
    data = json.dumps(body).encode()
    path.write_bytes(b"agentconf remote 1\n" + data + f"{hashlib.sha256(data).hexdigest()}\n".encode())
    with pytest.raises(SourceUnavailable):
        dial(url, cache=kept)


def test_the_cache_is_of_one_address_and_one_environment(root: Path, kept: Path, dial: Dial) -> None:
    url, _ = served_once(root, kept, dial)
    with pytest.raises(SourceUnavailable):
        dial(url, cache=kept, environment="prod")
    with pytest.raises(SourceUnavailable):
        dial(url.replace("127.0.0.1", "localhost"), cache=kept)


def test_a_server_of_another_environment_does_not_get_the_cache_served(root: Path, kept: Path, dial: Dial) -> None:
    put(root, {"_environments/prod.yaml": "{}\n", "_environments/dev.yaml": "{}\n"})
    with Running(root, environment="prod") as server:
        dial(server.url, cache=kept, environment="prod").close()
        port = server.port
    with Running(root, environment="dev", port=port) as server, pytest.raises(UnknownEnvironment):
        dial(server.url, cache=kept, environment="prod")


def test_a_folder_that_cannot_be_written_is_a_warning(
    root: Path, tmp_path: Path, dial: Dial, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "taken").write_text("a file")
    with Running(root) as server:
        conf = dial(server.url, cache=tmp_path / "taken")
        wait_for(lambda: "cannot be written" in caplog.text, "the warning")
        assert conf["a"].owner == "first"
        assert conf.status.state == "fresh"


def test_by_default_it_lies_in_the_users_cache(root: Path, tmp_path: Path) -> None:
    with Running(root) as server:
        agentconf.connect(server.url).close()
    assert list((tmp_path / "cache" / "agentconf" / "remote").glob("*/snapshot"))
