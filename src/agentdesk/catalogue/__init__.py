"""The policy data: load it, check it, and give it a version.

`files.load` and `check.check` read the TOML files; `compiled` is the one text that is published and restored, and
the only part that the desk needs.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from agentdesk.domain.policy import Catalogue


def packaged() -> Catalogue:
    """Return the sample catalogue that comes with the program, read once in a process.

    Raises CatalogueError as `files.load` does.
    """
    from agentdesk._resources import data_root

    return _read(data_root() / "catalogue")


@cache
def _read(folder: Path) -> Catalogue:
    from agentdesk.catalogue.files import load

    return load(folder)


def packaged_mark() -> str:
    """Return a digest of all that the packaged catalogue is made from, in a hundredth of the time of making it.

    That is its files, the code that reads them, and the version of the library that knows the holidays.
    """
    from hashlib import sha256
    from importlib.metadata import version
    from pathlib import Path

    from agentdesk import domain
    from agentdesk._resources import data_root

    digest = sha256(version("holidays").encode())
    code = Path(__file__).parent
    rules = Path(str(domain.__file__)).parent
    paths = (*(data_root() / "catalogue").rglob("*.toml"), *code.glob("*.py"), *rules.rglob("*.py"))
    for path in sorted(paths):
        content = path.read_bytes()
        digest.update(f"\n{path.name} {len(content)}\n".encode() + content)
    return digest.hexdigest()
