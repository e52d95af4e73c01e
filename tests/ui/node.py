"""Scripts of ``gptviz/web`` run in node, where that is installed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = shutil.which("node")
needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed, so the scripts cannot be run")


def run_node(script: str, folder: Path) -> Any:
    """Run ``script`` as an ES module with node and give what it prints, read as JSON."""
    assert NODE is not None
    file = folder / "test.mjs"
    file.write_text(script, encoding="utf-8")
    done = subprocess.run([NODE, str(file)], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
