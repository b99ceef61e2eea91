"""The program in JavaScript that docs/experiments.md publishes, held to the vectors."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support import REPOSITORY

PAGE = REPOSITORY / "docs" / "experiments.md"
VECTORS = REPOSITORY / "docs" / "experiments" / "vectors.json"

CHECK = """
const { numbers, choices } = require(process.argv[2]);
const wrong = [
  ...numbers.filter((one) => drawn(one.agent, one.control, one.variant, one.key) !== one.number),
  ...choices.filter((one) => choose(one.agent, one.control, one.weights, one.key) !== one.variant),
];
console.log(JSON.stringify([numbers.length + choices.length, wrong]));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed; run make services")
def test_javascript_chooses_alike(tmp_path: Path) -> None:
    blocks = re.findall(r"^```javascript\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    program = tmp_path / "experiments.js"
    program.write_text("\n".join([*blocks, CHECK]), "utf-8")
    done = subprocess.run(
        ["node", str(program), str(VECTORS)], capture_output=True, encoding="utf-8", check=False, timeout=30
    )
    assert (done.stdout, done.stderr) == ("[140,[]]\n", "")
