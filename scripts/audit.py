"""What the program stands on: whether any of it is known to be vulnerable, and the list of it.

    python -m scripts.audit          ask pip-audit; where no database answers, look at pins and what is installed
    python -m scripts.audit sbom     write the list, as CycloneDX, to build/sbom.json

That no database can be reached is no fault of the program. What needs none is always looked at: each package is pinned
with hashes and from no address, and what is installed is what is pinned.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclonedx.model.bom import Bom

ROOT = Path(__file__).resolve().parent.parent
RUNTIME, DEV, LOCK = "requirements/runtime.txt", "requirements/dev.txt", "requirements/lock.txt"
SBOM = Path("build/sbom.json")
PROJECT = "agentdesk"

LONGEST_S = 10.0
"""How long all of asking may take, seconds; the whole of `make check` takes less than half a minute."""
ANSWER_S = 3
"""How long one answer may take, seconds."""

BY_ITSELF = frozenset({PROJECT, "pip", "setuptools", "wheel"})
"""What an environment has without being told: the project, and what Python makes an environment with."""

_PIN = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+?))?\s*\\?$")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Pin:
    """One package of a requirements file: where it is wanted, what its files hash to, and who needs it."""

    name: str
    version: str
    marker: str = ""
    hashes: tuple[str, ...] = ()
    via: tuple[str, ...] = ()

    @property
    def here(self) -> bool:
        """Tell whether it is wanted on this machine."""
        from packaging.markers import Marker

        return not self.marker or Marker(self.marker).evaluate()


def read_pins(text: str) -> tuple[list[Pin], list[str]]:
    """Return the packages that a requirements file pins, and what else it says that can't be trusted."""
    pins: list[Pin] = []
    problems: list[str] = []
    for entry in re.split(r"^(?=[^\s#])", text, flags=re.MULTILINE):
        first = entry.partition("\n")[0].rstrip()
        if not first or first.startswith("#"):
            continue
        found = _PIN.match(first)
        if found is None:
            problems.append(f"{'an option' if first.startswith('-') else 'not pinned'}: {first}")
            continue
        name = canonical(found["name"])
        hashes = tuple(_HASH.findall(entry))
        if not hashes:
            problems.append(f"without a hash: {name}")
        if "://" in entry:
            problems.append(f"from an address: {name}")
        via = re.findall(r"^ +#(?: +via)? +(\S+).*$", entry, re.MULTILINE)
        needs = tuple(sorted({canonical(one) for one in via if one not in {"via", "-c", "-r"}}))
        pins.append(Pin(name, found["version"], found["marker"] or "", hashes, needs))
    return pins, problems


def canonical(name: str) -> str:
    """Return a package's name as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def installed() -> dict[str, str]:
    """Return what is installed here: names and versions."""
    return {canonical(one.metadata["Name"]): one.version for one in metadata.distributions()}


def differing(pins: Iterable[Pin], there: Mapping[str, str]) -> list[str]:
    """Return how what is installed differs from what is pinned, one line each."""
    wanted = {pin.name: pin.version for pin in pins if pin.here}
    lines = [f"{name} {version} is pinned, not installed" for name, version in wanted.items() if name not in there]
    for name, version in sorted(there.items()):
        if name not in wanted:
            if name not in BY_ITSELF:
                lines.append(f"{name} {version} is installed, not pinned")
        elif version != wanted[name]:
            lines.append(f"{name} {version} is installed, {wanted[name]} is pinned")
    return lines


@dataclass(frozen=True, slots=True)
class Audit:
    """What a database said: how many packages it knows, and what it knows against them, one line each."""

    known: int
    against: tuple[str, ...]


def ask(requirements: Path, seconds: float = LONGEST_S, command: Sequence[str] = ()) -> Audit | None:
    """Ask pip-audit about the packages of a file; None where no database answered in time."""
    asking = [sys.executable, "-m", "pip_audit", "--requirement", str(requirements), "--disable-pip"]
    asking += ["--require-hashes", "--format", "json", "--progress-spinner", "off", "--timeout", str(ANSWER_S)]
    try:
        done = subprocess.run(
            [*(command or asking)], capture_output=True, text=True, timeout=seconds, check=False, cwd=ROOT
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    try:
        return read_answer(json.loads(done.stdout))
    except (ValueError, KeyError, TypeError):
        return None


def read_answer(said: Mapping[str, Any]) -> Audit | None:
    """Return what pip-audit said; None when it found nobody who knows any of the packages."""
    known = [one for one in said["dependencies"] if "vulns" in one]
    if not known:
        return None
    against = tuple(
        f"{one['name']} {one['version']}: {fault['id']}"
        + (f", mended in {' or '.join(fault['fix_versions'])}" if fault.get("fix_versions") else "")
        for one in known
        for fault in one["vulns"]
    )
    return Audit(len(known), against)


def audit(seconds: float = LONGEST_S) -> int:
    """Look at everything, say what was found, and return 0 if all is well."""
    texts = {name: (ROOT / name).read_text() for name in (RUNTIME, DEV, LOCK)}
    read = {name: read_pins(text) for name, text in texts.items()}
    problems = [f"{name}: {problem}" for name, (_, found) in read.items() for problem in found]
    there = installed()
    # what resolves pins anew is only where that was done
    problems += differing([*read[DEV][0], *(pin for pin in read[LOCK][0] if pin.name in there)], there)
    answer = ask(ROOT / RUNTIME, seconds)
    count = len(read[RUNTIME][0])
    if answer is None:
        print(f"no database of vulnerabilities was reached; looked at {count} packages' hashes and what is installed")
    else:
        problems += answer.against
        print(f"{answer.known} of {count} packages are known to a database of vulnerabilities")
    for problem in problems:
        print(problem, file=sys.stderr)
    return 1 if problems else 0


def bom(pins: Sequence[Pin], version: str) -> Bom:
    """Return the bill of materials of the project: what it runs on, each with hashes, licence and who needs it."""
    from cyclonedx.contrib.license.factories import LicenseFactory
    from cyclonedx.model import HashAlgorithm, HashType, Property
    from cyclonedx.model.bom import Bom
    from cyclonedx.model.component import Component, ComponentType
    from packageurl import PackageURL

    licences = LicenseFactory()
    made = Bom()
    root = Component(name=PROJECT, version=version, type=ComponentType.APPLICATION, bom_ref=PROJECT)
    made.metadata.component = root
    parts = {}
    for pin in pins:
        said = licence_of(pin.name)
        parts[pin.name] = Component(
            name=pin.name,
            version=pin.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{pin.name}@{pin.version}",
            purl=PackageURL("pypi", None, pin.name, pin.version),
            # one for each file that may be installed: one for each platform
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=hash_) for hash_ in pin.hashes],
            licenses=[licences.make_from_string(said)] if said else [],
            properties=[Property(name="agentdesk:marker", value=pin.marker)] if pin.marker else [],
        )
        made.components.add(parts[pin.name])
    for pin in pins:
        needed = [parts[name] for name in pin.via if name in parts]
        for by in needed:
            made.register_dependency(by, [parts[pin.name]])
        if PROJECT in pin.via or not needed:
            made.register_dependency(root, [parts[pin.name]])
    return made


def licence_of(name: str) -> str:
    """Return the licence that an installed package names, in the words of SPDX where it does; empty for none."""
    try:
        said = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return ""
    named = [said[field] for field in ("License-Expression", "License") if field in said]
    short = next(filter(None, named), "")
    return short if 0 < len(short) <= 80 and "\n" not in short else ""


def write_sbom(path: Path) -> int:
    """Write the bill of materials; returns how many packages are in it."""
    from cyclonedx.output import make_outputter
    from cyclonedx.schema import OutputFormat, SchemaVersion

    pins, _ = read_pins((ROOT / RUNTIME).read_text())
    made = bom(pins, metadata.version(PROJECT))
    path.parent.mkdir(parents=True, exist_ok=True)
    make_outputter(made, OutputFormat.JSON, SchemaVersion.V1_6).output_to_file(str(path), True, indent=2)
    return len(pins)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="audit", description="what the program stands on")
    parser.add_argument("command", nargs="?", choices=["check", "sbom"], default="check")
    parser.add_argument("--output", type=Path, default=ROOT / SBOM, help=f"where the list goes [{SBOM}]")
    said = parser.parse_args(arguments)
    if said.command == "check":
        return audit()
    print(f"{write_sbom(said.output)} packages: {said.output}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
