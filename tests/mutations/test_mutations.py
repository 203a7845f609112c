"""Each protection is taken out of a copy of the program, and the test that stands for it must fail there.

A protection that no test would miss is one that somebody takes out by mistake.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mutations.protections import PROTECTIONS, Protection

ROOT = Path(__file__).parents[2]
LONG_S = 240.0
PLAIN = ("-p", "no:cacheprovider", "-p", "no:schemathesis")
"""What no test of a protection needs, and takes seconds to load."""
FAILED = 1
"""What pytest answers when tests ran and some failed; anything else is no answer."""


SHORT = 2
"""So many of each part are taken out in `make test`; all of them are in `make mutations`."""


def chosen() -> list[Protection]:
    """Return the protections to take out: the first ones of each part, or all."""
    if os.environ.get("MUTATIONS") == "all":
        return list(PROTECTIONS)
    parts: dict[str, list[Protection]] = {}
    for one in PROTECTIONS:
        parts.setdefault(one.part, []).append(one)
    return [one for part in parts.values() for one in part[:SHORT]]


@pytest.mark.parametrize("protection", chosen(), ids=lambda one: one.name)
def test_a_protection_is_missed_when_it_is_gone(protection: Protection, tmp_path: Path) -> None:
    """Without the protection its test fails, and not because the program can't be read any more."""
    _copy_without(protection, tmp_path)
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-x", *PLAIN, "-n", "0", *protection.tests],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith("PYTEST")},
            "PYTHONPATH": str(tmp_path / "src"),
            "HYPOTHESIS_PROFILE": "ci",
        },
        capture_output=True,
        text=True,
        timeout=LONG_S,
        check=False,
    )
    assert run.returncode == FAILED, f"nothing misses it: {protection.name}\n{run.stdout[-3000:]}{run.stderr[-2000:]}"
    assert "SyntaxError" not in run.stdout, run.stdout[-3000:]
    assert "ImportError" not in run.stdout, run.stdout[-3000:]


def test_there_is_one_of_each_kind() -> None:
    """Every part of what docs/SECURITY.md promises has a protection here."""
    assert {one.part for one in PROTECTIONS} == {
        "sign-in",
        "site identity",
        "at rest",
        "masking and audit",
        "hostile data",
        "server",
    }
    assert len({one.name for one in PROTECTIONS}) == len(PROTECTIONS) >= 10


def _copy_without(protection: Protection, folder: Path) -> None:
    """Copy the program into a folder, without one protection; what it reads beside itself stays where it is."""
    # with what is compiled already: what differs is compiled anew by its time
    shutil.copytree(ROOT / "src", folder / "src")
    (folder / "data").symlink_to(ROOT / "data")
    file = folder / "src" / "agentdesk" / protection.file
    text = file.read_text("utf-8")
    assert text.count(protection.code) == 1, f"{protection.file} has changed: {protection.code!r} isn't there once"
    file.write_text(text.replace(protection.code, protection.instead), "utf-8")
