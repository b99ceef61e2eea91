"""The YAML language server that editors run, spoken to as an editor does."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

Message = dict[str, Any]

_SETTINGS: dict[str, Any] = {"yaml": {"validate": True, "completion": True, "schemaStore": {"enable": False}}}


class Editor:
    """An editor with one repository open. Lines and characters count from 0, as in the protocol."""

    def __init__(self, root: Path, reading: IO[bytes], writing: IO[bytes]) -> None:
        self._root = root
        self._reading = reading
        self._writing = writing
        self._asked = 0
        self._ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": root.as_uri(),
                "workspaceFolders": [{"uri": root.as_uri(), "name": root.name}],
                "capabilities": {
                    "workspace": {"configuration": True},
                    "textDocument": {"publishDiagnostics": {}, "completion": {}},
                },
            },
        )
        self._tell("initialized", {})

    def opened(self, path: str, text: str) -> list[Message]:
        """Opens a file with a text that is not on the disk, and waits for what the server underlines."""
        document = {"uri": self._uri(path), "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": document})
        said = self._until(
            lambda message: message.get("method") == "textDocument/publishDiagnostics"
            and message["params"]["uri"] == self._uri(path)
        )
        found: list[Message] = said["params"]["diagnostics"]
        return found

    def completions(self, path: str, line: int, character: int) -> list[str]:
        """What the editor offers at a place of an open file."""
        place = {"textDocument": {"uri": self._uri(path)}, "position": {"line": line, "character": character}}
        result = self._ask("textDocument/completion", place)["result"]
        return [item["label"] for item in (result["items"] if isinstance(result, dict) else result)]

    def _uri(self, path: str) -> str:
        return (self._root / path).as_uri()

    def _ask(self, method: str, params: Message) -> Message:
        self._asked += 1
        number = self._asked
        self._send({"id": number, "method": method, "params": params})
        return self._until(lambda message: message.get("id") == number and "method" not in message)

    def _tell(self, method: str, params: Message) -> None:
        self._send({"method": method, "params": params})

    def _until(self, is_meant: Callable[[Message], bool]) -> Message:
        """The next message of a kind; what the server asks meanwhile is answered."""
        while True:
            message = self._receive()
            if "method" in message and "id" in message:
                items = message.get("params", {}).get("items", [])
                self._send({"id": message["id"], "result": [_SETTINGS.get(item.get("section")) for item in items]})
            elif is_meant(message):
                return message

    def _send(self, message: Message) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._writing.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        self._writing.flush()

    def _receive(self) -> Message:
        length = 0
        while header := self._reading.readline().strip():
            name, _, value = header.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        assert length, "the language server has gone"
        message: Message = json.loads(self._reading.read(length))
        return message


@contextmanager
def editor(program: Path, root: Path) -> Iterator[Editor]:
    """An editor with the repository at a root open, as long as the block runs."""
    with subprocess.Popen([program, "--stdio"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield Editor(root, server.stdout, server.stdin)
        finally:
            server.kill()
