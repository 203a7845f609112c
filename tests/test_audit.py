"""What the program stands on: pinned with hashes, installed as pinned, and listed whole."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from scripts import audit
from scripts.audit import Audit, Pin, ask, bom, differing, installed, read_answer, read_pins, write_sbom

HASH = "0123456789abcdef" * 4


def entry(*lines: str) -> str:
    return " \\\n    ".join(lines) + "\n"


def test_pins_are_read_with_hashes_markers_and_who_needs_them() -> None:
    text = (
        "# a comment\n"
        + entry("Some_Package==1.2", f"--hash=sha256:{HASH}", f"--hash=sha256:{HASH[::-1]}")
        + "    # via\n    #   -c requirements/runtime.txt\n    #   agentdesk (pyproject.toml)\n    #   other.thing\n"
        + entry("win==3 ; sys_platform == 'win32'", f"--hash=sha256:{HASH}")
        + "    # via some-package\n"
    )
    pins, problems = read_pins(text)

    assert problems == []
    assert pins == [
        Pin("some-package", "1.2", "", (HASH, HASH[::-1]), ("agentdesk", "other-thing")),
        Pin("win", "3", "sys_platform == 'win32'", (HASH,), ("some-package",)),
    ]
    assert [pin.here for pin in pins] == [True, sys.platform == "win32"]


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("a==1", "without a hash: a"),
        (entry("a>=1", f"--hash=sha256:{HASH}"), "not pinned: a>=1"),
        (entry("a @ https://x.example/a.whl", f"--hash=sha256:{HASH}"), "not pinned: a @"),
        ("--index-url https://x.example/simple", "an option: --index-url"),
        (entry("a==1", f"--hash=sha256:{HASH}", "--find-links=https://x.example"), "from an address: a"),
    ],
)
def test_what_can_t_be_trusted_is_named(line: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in read_pins(line)[1])


def test_what_is_installed_is_compared_with_what_is_pinned() -> None:
    pins = [Pin("a", "1"), Pin("b", "2"), Pin("c", "3"), Pin("w", "1", "sys_platform == 'win32'")]
    there = {"a": "1", "b": "2.1", "x": "9", "pip": "25", "agentdesk": "0"}

    assert differing(pins, there) == [
        "c 3 is pinned, not installed",
        "b 2.1 is installed, 2 is pinned",
        "x 9 is installed, not pinned",
    ]


def test_here_everything_is_as_it_is_pinned(repository: Path) -> None:
    pins = {}
    for name in (audit.RUNTIME, audit.DEV, audit.LOCK):
        read, problems = read_pins((repository / name).read_text())
        assert problems == []
        pins[name] = read
    there = installed()
    wrong = differing([*pins[audit.DEV], *(pin for pin in pins[audit.LOCK] if pin.name in there)], there)
    assert [line for line in wrong if "not pinned" not in line] == []


def said(*packages: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(packages), "fixes": []}


def test_what_a_database_knows_against_a_package_is_told() -> None:
    bad = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}, {"id": "CVE-2"}]}
    answer = read_answer(said({"name": "a", "version": "1", "vulns": []}, bad, {"name": "c", "skip_reason": "?"}))

    assert answer == Audit(2, ("b 2: CVE-1, mended in 2.1", "b 2: CVE-2"))
    assert read_answer(said({"name": "a", "skip_reason": "not found"})) is None


@pytest.mark.parametrize(
    "program",
    ["import time; time.sleep(600)", "print('no route')", "print('{}')", "import sys; sys.exit(1)", "print('[]')"],
)
def test_no_answer_is_no_fault_and_is_not_waited_for(program: str) -> None:
    assert ask(Path("x"), 2.0 if "sleep" in program else 60.0, [sys.executable, "-c", program]) is None


def test_an_answer_decides(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pins, _ = read_pins((audit.ROOT / audit.DEV).read_text())
    monkeypatch.setattr(audit, "installed", lambda: {pin.name: pin.version for pin in pins if pin.here})
    monkeypatch.setattr(audit, "ask", lambda *_: Audit(57, ()))
    assert audit.audit() == 0
    monkeypatch.setattr(audit, "ask", lambda *_: Audit(57, ("a 1: CVE-1",)))
    assert audit.audit() == 1
    assert "CVE-1" in capsys.readouterr().err
    monkeypatch.setattr(audit, "ask", lambda *_: None)
    assert audit.audit() == 0
    assert "no database" in capsys.readouterr().out
    monkeypatch.setattr(audit, "installed", dict)
    assert audit.audit() == 1


def test_the_list_has_every_package_with_its_hashes_and_who_needs_it(repository: Path, tmp_path: Path) -> None:
    pins, _ = read_pins((repository / audit.RUNTIME).read_text())
    assert write_sbom(tmp_path / "build" / "sbom.json") == len(pins)
    text = (tmp_path / "build" / "sbom.json").read_text()
    made = json.loads(text)
    components = {one["name"]: one for one in made["components"]}

    assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
    assert (made["metadata"]["component"]["name"], made["metadata"]["component"]["type"]) == (
        "agentdesk",
        "application",
    )
    assert {name: one["version"] for name, one in components.items()} == {pin.name: pin.version for pin in pins}
    for pin in pins:
        one = components[pin.name]
        assert one["purl"] == f"pkg:pypi/{pin.name}@{pin.version}"
        assert sorted(h["content"] for h in one["hashes"]) == sorted(set(pin.hashes))
        assert {h["alg"] for h in one["hashes"]} == {"SHA-256"}
    graph = {one["ref"]: set(one.get("dependsOn", ())) for one in made["dependencies"]}
    assert "fastapi@" in " ".join(graph["agentdesk"])
    reached, ahead = set(), ["agentdesk"]
    while ahead:
        ref = ahead.pop()
        if ref not in reached:
            reached.add(ref)
            ahead.extend(graph[ref])
    assert reached == {"agentdesk", *(f"{pin.name}@{pin.version}" for pin in pins)}
    assert re.findall(r"https?://(?!cyclonedx\.org/)[^\"]*", text) == []


def test_a_marker_goes_into_the_list() -> None:
    made = bom([Pin("w", "1", "sys_platform == 'win32'", (HASH,), ("agentdesk",))], "0")
    (one,) = made.components
    assert [(p.name, p.value) for p in one.properties] == [("agentdesk:marker", "sys_platform == 'win32'")]


def test_the_list_is_made_by_a_command_and_looked_at_with_every_check(repository: Path) -> None:
    done = subprocess.run(
        ["make", "--dry-run", "sbom", "check-audit"], cwd=repository, capture_output=True, text=True, check=True
    )
    assert "-m scripts.audit sbom" in done.stdout
    checks = re.search(r"^CHECKS := (.*)$", (repository / "Makefile").read_text(), re.MULTILINE)
    assert checks is not None
    assert "check-audit" in checks[1].split()
