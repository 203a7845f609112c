"""The repository itself: pins to trust, data that is found, and a set-up that says what it lacks."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from agentdesk import _resources

FILES = ("runtime", "dev", "lock")


def pins(repository: Path, name: str) -> dict[str, str]:
    """Package (and marker) to version, of one file."""
    text = (repository / "requirements" / f"{name}.txt").read_text()
    return {
        f"{package}{marker}": version
        for package, version, marker in re.findall(r"^([a-z0-9.-]+)==(\S+)( ; [^\\]*)? \\$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("name", FILES)
def test_each_package_is_pinned_with_hashes_and_without_an_address(repository: Path, name: str) -> None:
    text = (repository / "requirements" / f"{name}.txt").read_text()

    entries = re.split(r"^(?=[a-zA-Z0-9])", text, flags=re.MULTILINE)[1:]
    assert len(entries) == len(pins(repository, name))
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert "index-url" not in text


def test_tests_run_on_the_versions_that_the_desk_runs_on(repository: Path) -> None:
    assert pins(repository, "runtime").items() <= pins(repository, "dev").items()


def test_data_and_translations_are_found_in_a_checkout(repository: Path) -> None:
    assert _resources.data_root() == repository / "data"
    assert (_resources.locale_root() / "zh_CN" / "LC_MESSAGES" / "agentdesk.mo").is_file()


def set_up(folder: Path, programs: Path) -> subprocess.CompletedProcess[str]:
    """Run the set-up of a checkout where only these programs exist."""
    return subprocess.run(
        ["/bin/bash", str(folder / "scripts" / "bootstrap"), "runtime"],
        env={"PATH": str(programs), "HOME": str(folder)},
        capture_output=True,
        check=False,
        text=True,
    )


@pytest.fixture
def checkout(repository: Path, tmp_path: Path) -> Path:
    """A copy of what the set-up reads, without an environment."""
    for part in ("Makefile", "pyproject.toml", "hatch_build.py"):
        shutil.copy(repository / part, tmp_path)
    for part in ("scripts", "requirements"):
        shutil.copytree(repository / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


def program(folder: Path, name: str, script: str) -> None:
    """A small shell program on the path."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/bash\n{script}\n")
    path.chmod(0o755)


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """A path with the few tools of a bare system, and no Python."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("bash", "cat", "cmp", "dirname", "flock", "grep", "tee"):
        if found := shutil.which(name):
            os.symlink(found, folder / name)
    return folder


def test_without_a_new_enough_python_one_line_says_what_to_install(checkout: Path, programs: Path) -> None:
    program(programs, "python3", "exit 1")  # an older one: it fails the question for its version

    done = set_up(checkout, programs)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "no Python 3.11 or newer" in done.stderr
    assert "apt install python3 python3-venv" in done.stderr


def test_without_the_venv_module_one_line_says_what_to_install(checkout: Path, programs: Path) -> None:
    program(
        programs, "python3", 'case "$2" in *ensurepip*) exit 1;; *print*) echo 3.13;; esac'
    )  # Debian's Python without its venv package

    done = set_up(checkout, programs)

    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "apt install python3.13-venv" in done.stderr


def test_a_name_that_does_not_run_is_passed_over(checkout: Path, programs: Path) -> None:
    program(programs, "python3.14", "exit 127")  # a version manager's name for a version that is switched off
    program(
        programs,
        "python3.11",
        'case "$1" in -m) echo making >&2; exit 3;; --version) echo Python 3.11.9;; esac',
    )

    done = set_up(checkout, programs)

    assert "making .venv with Python 3.11.9" in done.stdout
    assert done.returncode == 1


def test_a_wheel_carries_the_data_and_the_translations(repository: Path, tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=repository,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")

    show = "from agentdesk import _resources as here; print(here.data_root(), here.locale_root(), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", show],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "installed")},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    data, locale = map(Path, done.stdout.splitlines())

    assert data == tmp_path / "installed" / "agentdesk" / "data"
    assert names(data) == names(repository / "data") != set()
    assert (locale / "zh_CN" / "LC_MESSAGES" / "agentdesk.mo").is_file()


def names(folder: Path) -> set[Path]:
    """The files below a folder."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
