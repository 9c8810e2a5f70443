"""Editors: clangd, the oldest that the kit's systems have among them, has nothing to complain of in what
students open."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import ROOT

from grader.course import labs


class Clangd:
    """A language server, spoken to as editors do."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(["clangd", "--background-index=false", "--log=error"], cwd=root,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL)
        self.send("initialize", {"processId": None, "rootUri": root.as_uri(), "capabilities": {}}, id=1)
        self.receive()
        self.send("initialized", {})

    def send(self, method: str, parameters: dict, **more: int) -> None:
        """Writes one message."""
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": parameters, **more}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self) -> dict:
        """Reads one message."""
        length = 0
        while line := self.process.stdout.readline().strip():
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        return json.loads(self.process.stdout.read(length))

    def complaints(self, path: Path) -> list[str]:
        """What it marks in a file."""
        uri = path.as_uri()
        self.send("textDocument/didOpen", {"textDocument": {
            "uri": uri, "languageId": "cpp", "version": 1, "text": path.read_text("utf-8")}})
        while True:
            message = self.receive()
            if message.get("method") == "textDocument/publishDiagnostics" \
                    and message["params"]["uri"] == uri:
                return [f"{path.name}:{each['range']['start']['line'] + 1}: {each['message']}"
                        for each in message["params"]["diagnostics"]]


@pytest.mark.skipif(not shutil.which("clangd"), reason="clangd is not installed")
def test_an_editor_marks_nothing_in_a_stub(marionette: Callable) -> None:
    commands = ROOT / "compile_commands.json"
    before = commands.read_bytes() if commands.exists() else None
    assert marionette("editor").returncode == 0
    clangd = Clangd(ROOT)
    try:
        assert [complaint for lab in labs.all_labs() for name in lab.files
                for complaint in clangd.complaints(ROOT / "kernel" / "mm" / name)] == []
    finally:
        clangd.process.kill()
        if before is None:
            commands.unlink()
        else:
            commands.write_bytes(before)
