"""How much memory a machine has to spare, as Linux says it, within a container's bounds."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gptviz import memory

MEMINFO = "MemTotal:       24684084 kB\nMemFree:        1000 kB\nMemAvailable:    2000000 kB\n"
GB = 10**9


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(memory, "PROC", tmp_path / "proc")
    monkeypatch.setattr(memory, "GROUPS", tmp_path / "cgroup")
    write(tmp_path / "proc" / "meminfo", MEMINFO)
    return tmp_path


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_what_the_kernel_says_is_available(machine: Path) -> None:
    assert memory.available() == 2_000_000 * 1024


def test_a_container_has_no_more_than_its_limit_leaves(machine: Path) -> None:
    """The group's own limit, or that of one above it; file pages that it holds count as free."""
    write(machine / "proc" / "self" / "cgroup", "0::/app/inner\n")
    write(machine / "cgroup" / "app" / "inner" / "memory.max", "max\n")
    write(machine / "cgroup" / "app" / "inner" / "memory.current", "5\n")
    assert memory.available() == 2_000_000 * 1024
    write(machine / "cgroup" / "app" / "memory.max", f"{2 * GB}\n")
    write(machine / "cgroup" / "app" / "memory.current", f"{1_500_000_000}\n")
    assert memory.available() == GB // 2
    write(machine / "cgroup" / "app" / "memory.stat", f"anon 1\ninactive_file {GB // 10}\n")
    assert memory.available() == GB // 2 + GB // 10
    write(machine / "cgroup" / "app" / "memory.current", f"{9 * GB}\n")
    assert memory.available() == 0


def test_groups_of_the_first_edition(machine: Path) -> None:
    write(machine / "proc" / "self" / "cgroup", "5:cpu,cpuacct:/x\n4:memory:/box\n")
    write(machine / "cgroup" / "memory" / "box" / "memory.limit_in_bytes", f"{GB}\n")
    write(machine / "cgroup" / "memory" / "box" / "memory.usage_in_bytes", f"{GB // 4}\n")
    assert memory.available() == GB * 3 // 4


@pytest.mark.parametrize("said", ["", "MemAvailable: much kB\n", "\x00\xff", "MemAvailable: -5 kB\n"])
def test_where_nobody_knows_nothing_is_said(machine: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    write(machine / "proc" / "meminfo", said)

    def unknown(name: str) -> int:
        raise ValueError("unrecognized configuration name")

    monkeypatch.setattr(os, "sysconf", unknown)
    assert memory.available() is None
    monkeypatch.setattr(os, "sysconf", {"SC_AVPHYS_PAGES": 10, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert memory.available() == 40_960


@pytest.mark.parametrize("line", ["", "::", "0::", "0::/../../..", "nonsense", "0::/a\0b"])
def test_odd_groups_do_no_harm(machine: Path, line: str) -> None:
    write(machine / "proc" / "self" / "cgroup", f"{line}\n")
    assert memory.available() == 2_000_000 * 1024
