"""Running a command of the program to its end, and the shape of a world for all tests of one process."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentdesk.cli.program import main
from agentdesk.desk import glyphs, i18n

PROGRAM = (sys.executable, "-m", "agentdesk")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return what was printed as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> str:
        """Return the one line of an error; there must be exactly one, and no traceback."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("agentdesk"), self.err
        return lines[0]


def agentdesk(*words: object, env: Mapping[str, str] | None = None, stdin: str | None = None) -> Ran:
    """Run a command; `env` is added to the environment."""
    done = subprocess.run(
        [*PROGRAM, *map(str, words)],
        env={**os.environ, **(env or {})},
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=120,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def inside(*words: object) -> Ran:
    """Run a command in this process: the same in a tenth of the time, for the many small questions."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True) for _ in range(2))
    language, wide = i18n.language(), glyphs.current() is glyphs.WIDE
    with redirect_stdout(out), redirect_stderr(err):
        try:
            code = main([str(word) for word in words])
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        finally:
            i18n.use(language)
            glyphs.use(wide)
    return Ran(code, *(stream.buffer.getvalue().decode() for stream in (out, err)))


@contextmanager
def started(*words: object) -> Iterator[subprocess.Popen[str]]:
    """Run a command beside the test, and end it the hard way if it is still there."""
    with subprocess.Popen(
        [*PROGRAM, *map(str, words)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def runs(pid: int) -> bool:
    """Tell whether a process is there and not only a body that nobody has buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
