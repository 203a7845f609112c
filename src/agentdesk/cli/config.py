"""`site.toml` in a site's folder: who sits here, how the desk looks, and where calls come from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.cli.errors import CommandError

if TYPE_CHECKING:
    from agentdesk.telephony.ami.source import AmiSettings

NAME = "site.toml"


@dataclass(frozen=True, slots=True)
class DeskConfig:
    """`[desk]`: the agent who signs in by default, the extension of his phone, and how the desk looks.

    `record` is the folder in which each session is written down, none if it is empty; it may be relative.
    """

    agent: str | None = None
    extension: str | None = None
    language: str | None = None
    theme: str = "dark"
    ambiguous_wide: bool | None = None
    hotline: str = "10010"
    printer: str = ""
    record: str = ""


@dataclass(frozen=True, slots=True)
class AmiConfig:
    """`[ami]`: an Asterisk switch; its secret stands in a file of its own, whose path may be relative."""

    host: str
    user: str
    secret_file: Path
    interfaces: tuple[str, ...]
    port: int = 5038
    queues: tuple[str, ...] = ()
    transfer_context: str = "from-internal"
    dial_context: str = "from-internal"
    md5: bool = True
    remote_control: bool = False


@dataclass(frozen=True, slots=True)
class SiteConfig:
    """The whole file; `hook` says whether other programs of this machine may make the desk ring (`[hook]`)."""

    desk: DeskConfig = DeskConfig()
    hook: bool = True
    ami: AmiConfig | None = None


def read_config(folder: Path) -> SiteConfig:
    """Return a site's settings, all by default where there is no file; raises CommandError with the first mistake."""
    path = folder / NAME
    if not path.exists():
        return SiteConfig()
    from agentdesk.cli.config_file import parse  # pydantic takes a while: only where there is something to check

    return parse(path)


def ami_settings(config: AmiConfig, folder: Path) -> AmiSettings:
    """Return where the switch is, with the secret from its file; raises CommandError."""
    from agentdesk.telephony.ami.source import AmiSettings

    path = folder / config.secret_file.expanduser()
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"the switch's secret can't be read from {path}: {error}") from None
    if not secret:
        raise CommandError(f"{path} is empty: write the secret of the switch's user {config.user!r} into it")
    if path.stat().st_mode & 0o077:
        raise CommandError(f"{path} is open to other users: run `chmod 600 {path}`")
    return AmiSettings(
        host=config.host,
        user=config.user,
        secret=secret,
        port=config.port,
        agents=config.interfaces,
        queues=config.queues,
        md5=config.md5,
        transfer_context=config.transfer_context,
        dial_context=config.dial_context,
        remote_control=config.remote_control,
    )
