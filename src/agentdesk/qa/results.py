"""What the last run found: one file for each scenario or test that took pictures, read by the report.

A folder holds `<name>.json` and, for pictures that aren't as accepted, both SVG files.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, ConfigDict, StrictBool, StrictInt, TypeAdapter

from agentdesk.domain.language.forms import json_of
from agentdesk.qa.pictures import Compared, State

FOLDER = ".qa"
"""Where results are kept, in the folder that tests are run from."""

Outcome = Literal["passed", "failed"]
StepState = Literal["done", "failed", "not reached"]


def _picture(path: str) -> str:
    # anything else isn't a picture, and belongs on no page
    if not path.endswith(".svg"):
        raise ValueError("a picture is an SVG file")
    return path


Picture = Annotated[str, AfterValidator(_picture)]
"""The path of an SVG file."""


@dataclass(frozen=True, slots=True)
class StepResult:
    """A step's line, words and state, and the names of its pictures."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    line: StrictInt
    text: str
    state: StepState
    pictures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PictureResult:
    """A picture: `same`, `changed` or `new`, and the files with what was accepted and what came now."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    name: str
    state: State
    accepted: StrictBool
    before: Picture | None
    after: Picture


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one scenario in one size and language, or of one test."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    id: str
    title: str
    file: str
    variant: str
    outcome: Outcome
    message: str
    steps: tuple[StepResult, ...]
    pictures: tuple[PictureResult, ...]


@cache
def _form() -> TypeAdapter[Result]:
    return TypeAdapter(Result)


def file_name(id_: str) -> str:
    """Return a file name for an id, that no other id has."""
    plain = re.sub(r"[^\w.-]+", "-", id_).strip("-")[-50:]
    return f"{plain}-{zlib.crc32(id_.encode('utf-8', 'replace')):08x}"


def keep_pictures(folder: Path, id_: str, compared: Iterable[Compared]) -> tuple[PictureResult, ...]:
    """Keep what a report shows of pictures: those that are as accepted lie where they are."""
    folder.mkdir(parents=True, exist_ok=True)
    found = []
    for number, one in enumerate(compared):
        before, after = str(one.path.resolve()) if one.before is not None else None, str(one.path.resolve())
        if one.state != "same":
            after = _write(folder / f"{file_name(id_)}-{number}-after.svg", one.after)
            if one.before is not None:
                before = _write(folder / f"{file_name(id_)}-{number}-before.svg", one.before)
        found.append(PictureResult(one.name, one.state, one.accepted, before, after))
    return tuple(found)


def _write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path.resolve())


def keep(folder: Path, result: Result) -> None:
    """Keep a result; it takes the place of the last one of the same id."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{file_name(result.id)}.json"
    # a file's name may be no text at all: half characters are escaped
    text = json.dumps(asdict(result), ensure_ascii=True, indent=1)
    path.write_text(text, encoding="utf-8")


class BadResult(ValueError):
    """A file is no result; the message is one line that says which, and what to do."""


def load(folder: Path) -> list[Result]:
    """Return the results of a folder, by file and id; those whose file is gone are left out. Raises BadResult."""
    found = [_read(path) for path in sorted(folder.glob("*.json"))]
    return sorted((one for one in found if _is_file(one.file)), key=lambda one: (one.file, one.id))


def _is_file(path: str) -> bool:
    try:
        return Path(path).is_file()
    except (OSError, ValueError):
        return False


def _read(path: Path) -> Result:
    try:
        # not `validate_json`: it takes no half characters
        return _form().validate_python(json_of(path.read_text(encoding="utf-8")))
    except ValueError:
        raise BadResult(f"{path} is no result of a run: take it away, or run pytest again") from None
