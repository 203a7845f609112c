"""The machine's key of a site: a small file that opens its vault while nobody is there; never in the site's folder.

Where it lies is known outside of the folder too: under the user's own settings there is, by the mark of the vault,
either the key itself or a link to where the operator wanted it.
"""

from __future__ import annotations

import os
from pathlib import Path

from agentdesk.cli.errors import CommandError
from agentdesk.cli.machine import MachineEntropy

VARIABLE = "AGENTDESK_MACHINE_KEY"
FOLDER = "machine-keys"
BYTES = 32
DEMO_NOTE = "demo.json"


def place_of(folder: Path) -> Path | None:
    """Return where the machine's key of a site is: as the environment says, or the user's settings; None: nowhere."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named).expanduser()
    if (folder / DEMO_NOTE).is_file():
        # a demo's data are invented: its key lies beside it
        return beside(folder)
    known = known_place(folder)
    return known if known is not None and os.path.lexists(known) else None


def beside(folder: Path) -> Path:
    """Return where a demo has its machine's key."""
    return folder.with_name(f"{folder.name}.key")


def known_place(folder: Path) -> Path | None:
    """Return where the user's settings have the key of a folder's vault, or would have it; None: it has no vault."""
    from platformdirs import user_config_path

    from agentdesk.trust.vault_file import load

    content = load(folder)
    if content is None:
        return None
    return user_config_path("agentdesk", appauthor=False) / FOLDER / f"{content.mark.hex()}.key"


def read(path: Path) -> bytes:
    """Return a machine's key; raises CommandError for a file that is none, or that others may read."""
    try:
        if path.stat().st_mode & 0o077:
            raise CommandError(f"{path} is open to other users: run `chmod 600 {path}`")
        key = bytes.fromhex(path.read_text("ascii").strip())
    except OSError as error:
        raise CommandError(f"the machine's key can't be read from {path}: {(error.strerror or '').lower()}") from None
    except ValueError:
        key = b""
    if len(key) != BYTES:
        raise CommandError(f"{path} is no machine's key: name the right file in {VARIABLE}")
    return key


def read_or_make(path: Path, folder: Path) -> bytes:
    """Return the key of a file, which is made, its owner's alone, where there is none; raises CommandError."""
    check_place(path, folder)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        return read(path)
    except OSError as error:
        raise CommandError(
            f"{path} can't be made: {(error.strerror or '').lower()}; name another with --machine-key"
        ) from None
    key = MachineEntropy().token_bytes(BYTES)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(f"{key.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    _keep_name(path.parent)
    return key


def check_place(path: Path, folder: Path) -> None:
    """Raise CommandError where a key would lie with what it opens."""
    if path.resolve().is_relative_to(folder.resolve()):
        raise CommandError(f"{path} lies with what it opens: keep the machine's key out of {folder}")


def remember(folder: Path, path: Path) -> None:
    """Note in the user's settings where the key of a folder's vault is."""
    known = known_place(folder)
    if known is None or known == path:
        return
    known.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    known.unlink(missing_ok=True)
    known.symlink_to(path.absolute())


def _keep_name(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
