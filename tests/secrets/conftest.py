from __future__ import annotations

from pathlib import Path

import pytest

from agentconf.secrets import age, fernet
from agentconf.secrets.keys import AGE_FILE_VARIABLE, FERNET_FILE_VARIABLE, FERNET_VARIABLE, KeyRing


@pytest.fixture
def variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A machine with a Fernet key and an age identity, whose own variables say nothing of either."""
    for name in (FERNET_VARIABLE, FERNET_FILE_VARIABLE, AGE_FILE_VARIABLE):
        monkeypatch.delenv(name, raising=False)
    identity, recipient = age.new_identity()
    file = tmp_path / "age.key"
    file.write_text(f"# public key: {recipient}\n{identity}\n", "utf-8")
    return {FERNET_VARIABLE: fernet.new_key(), AGE_FILE_VARIABLE: str(file)}


@pytest.fixture
def ring(variables: dict[str, str]) -> KeyRing:
    return KeyRing(variables)
