"""PouchDB → express-pouchdb with the same documents, where node and its registry are at hand.

The packages are installed once, into a cache folder of the user's; nothing of them lies in the repository.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from benchmarks.floor_site import document
from benchmarks.measure import Figure
from benchmarks.processes import Server

PROJECT = Path(__file__).with_name("pouchdb")
DOCUMENTS = 10_000
INSTALL_S = 300


class Missing(Exception):
    """What this needs isn't here; the message says what."""


def run(folder: Path) -> list[Figure]:
    """Measure push and pull of the documents; where it can't be measured one line says why."""
    try:
        node, modules = _node(), _modules()
    except Missing as error:
        return [Figure(f"PouchDB: not measured, {error}", 0, "ops/s")]
    lines = folder / "documents.jsonl"
    lines.write_text("".join(f"{document(n, f'doc-{n:06d}')}\n" for n in range(DOCUMENTS)))
    os.environ["NODE_PATH"] = str(modules)
    figures: list[Figure] = []
    data = folder / "server"
    data.mkdir()
    with Server(folder, "pouchdb", [node, str(PROJECT / "server.js"), str(data)]) as server:
        for what in ("push", "pull"):
            before = server.cpu()
            command = [node, str(PROJECT / "client.js"), what, str(folder), server.url, str(lines)]
            done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
            if done.returncode != 0:
                raise RuntimeError(f"PouchDB's {what} failed: {done.stderr[-400:]}")
            answer = json.loads(done.stdout.splitlines()[-1])
            if answer["documents"] != DOCUMENTS:
                raise RuntimeError(f"PouchDB's {what} brought {answer['documents']} documents of {DOCUMENTS}")
            rate = DOCUMENTS / answer["seconds"]
            cpu = server.cpu() - before + (answer["cpu"]["user"] + answer["cpu"]["system"]) / 1e6
            figures.append(Figure(f"PouchDB {what}", rate, "ops/s"))
            figures.append(Figure(f"PouchDB {what}: CPU of all processes", cpu / DOCUMENTS * 1e6, "µs/op"))
    return figures


def compared(figures: Sequence[Figure]) -> list[Figure]:
    """Return how what was measured in the same run stands to PouchDB."""
    by_name = {figure.name: figure for figure in figures}
    result = []
    for what, begins, aim in (("push", "push mix, ", "≥ 2.5 x"), ("pull", "pull, ", "≥ 3 x")):
        other = by_name.get(f"PouchDB {what}")
        for figure in figures:
            if other is not None and figure.name.startswith(begins) and figure.unit in ("ops/s", "rows/s"):
                name = f"{figure.name.partition(':')[0]}, against PouchDB"
                ratio = figure.value / other.value
                result.append(Figure(name, figure.value, figure.unit, other.value, ratio, aim))
    return result


def _node() -> str:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise Missing("node and npm aren't installed")
    return node


def _modules() -> Path:
    """Return the folder with the packages; raises Missing."""
    wanted = (PROJECT / "package.json").read_bytes()
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    home = cache / "agentdesk-bench" / f"pouchdb-{sha256(wanted).hexdigest()[:12]}"
    modules = home / "node_modules"
    if (home / "complete").exists():
        return modules
    home.mkdir(parents=True, exist_ok=True)
    (home / "package.json").write_bytes(wanted)
    command = ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--omit=dev", "--silent"]
    try:
        done = subprocess.run(command, cwd=home, capture_output=True, text=True, check=False, timeout=INSTALL_S)
    except subprocess.TimeoutExpired:
        raise Missing(f"npm didn't finish within {INSTALL_S} s") from None
    if done.returncode != 0:
        raise Missing("npm could not install it: is its registry reachable?")
    (home / "complete").touch()
    return modules
