"""`site.toml` in a site's folder: who sits here, and where calls come from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentdesk.cli.errors import CommandError

if TYPE_CHECKING:
    from agentdesk.telephony.ami.source import AmiSettings

NAME = "site.toml"


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class DeskTable(_Table):
    """`[desk]`: the agent who signs in by default, and how the desk looks."""

    agent: str | None = None
    extension: str | None = None
    language: Literal["zh-CN", "en"] | None = None
    theme: Literal["dark", "light"] = "dark"
    ambiguous_wide: bool | None = None
    hotline: str = "10010"


class HookTable(_Table):
    """`[hook]`: whether other programs of this machine may make the desk ring."""

    enabled: bool = True


class AmiTable(_Table):
    """`[ami]`: an Asterisk switch. The secret stands in a file of its own, below the site's folder or anywhere."""

    host: str = Field(min_length=1)
    user: str = Field(min_length=1)
    secret_file: Path
    port: int = Field(default=5038, ge=1, le=65535)
    interfaces: list[str] = Field(min_length=1)
    queues: list[str] = []
    transfer_context: str = "from-internal"
    dial_context: str = "from-internal"
    md5: bool = True


class SiteConfig(_Table):
    """The whole file; each table may be missing."""

    desk: DeskTable = DeskTable()
    hook: HookTable = HookTable()
    ami: AmiTable | None = None


def read_config(folder: Path) -> SiteConfig:
    """Return a site's settings, all by default where there is no file; raises CommandError with the first mistake."""
    import tomllib

    path = folder / NAME
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        return SiteConfig.model_validate(tomllib.loads(text))
    except FileNotFoundError:
        return SiteConfig()
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8: save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise CommandError(f"{path} is not TOML: {error}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        said = {"missing": "is missing: add it", "extra_forbidden": "is not known: remove it or correct its spelling"}
        what = said.get(first["type"]) or f"{first['msg'][:1].lower()}{first['msg'][1:]}"
        raise CommandError(f"{path}: `{where}` {what}") from None


def ami_settings(table: AmiTable, folder: Path) -> AmiSettings:
    """Return where the switch is, with the secret from its file; raises CommandError."""
    from agentdesk.telephony.ami.source import AmiSettings

    path = folder / table.secret_file.expanduser()
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"the switch's secret can't be read from {path}: {error}") from None
    if not secret:
        raise CommandError(f"{path} is empty: write the secret of the switch's user {table.user!r} into it")
    if path.stat().st_mode & 0o077:
        raise CommandError(f"{path} is open to other users: run `chmod 600 {path}`")
    return AmiSettings(
        host=table.host,
        user=table.user,
        secret=secret,
        port=table.port,
        agents=tuple(table.interfaces),
        queues=tuple(table.queues),
        md5=table.md5,
        transfer_context=table.transfer_context,
        dial_context=table.dial_context,
    )
