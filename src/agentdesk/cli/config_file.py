"""The form that `site.toml` must have."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agentdesk.cli.config import AmiConfig, DeskConfig, SiteConfig
from agentdesk.cli.errors import CommandError
from agentdesk.domain.language.forms import toml_of


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Desk(_Table):
    agent: str | None = Field(default=None, min_length=1)
    extension: str | None = Field(default=None, min_length=1)
    language: Literal["zh-CN", "zh-TW", "en"] | None = None
    theme: Literal["dark", "light", "contrast", "ansi"] = "dark"
    ambiguous_wide: bool | None = None
    hotline: str = Field(default="10010", min_length=1)
    printer: str = ""
    record: str = ""


class _Hook(_Table):
    enabled: bool = True


class _Ami(_Table):
    host: str = Field(min_length=1)
    user: str = Field(min_length=1)
    secret_file: Path
    interfaces: tuple[str, ...] = Field(min_length=1)
    port: int = Field(default=5038, ge=1, le=65535)
    queues: tuple[str, ...] = ()
    transfer_context: str = Field(default="from-internal", min_length=1)
    dial_context: str = Field(default="from-internal", min_length=1)
    md5: bool = True
    remote_control: bool = False


class _Site(_Table):
    desk: _Desk = _Desk()
    hook: _Hook = _Hook()
    ami: _Ami | None = None


def parse(path: Path) -> SiteConfig:
    """Return what a file says; raises CommandError with its first mistake."""
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        site = _Site.model_validate(toml_of(text))
    except UnicodeDecodeError:
        raise CommandError(f"{path} is not UTF-8: save it as UTF-8") from None
    except ValidationError as error:
        raise CommandError(f"{path}: {_first(error)}") from None
    except ValueError as error:
        raise CommandError(f"{path} is not TOML: {error}") from None
    ami = AmiConfig(**site.ami.model_dump()) if site.ami else None
    return SiteConfig(DeskConfig(**site.desk.model_dump()), site.hook.enabled, ami)


def _first(error: ValidationError) -> str:
    """Return the first mistake with its key, and what to do."""
    detail = error.errors(include_url=False)[0]
    key = ".".join(map(str, detail["loc"]))
    match detail["type"]:
        case "missing":
            return f"`{key}` is missing: add it"
        case "extra_forbidden":
            return f"`{key}` is not known: remove it or correct its spelling"
        case _:
            return f"`{key}`: {detail['msg'][:1].lower()}{detail['msg'][1:]}, not {detail['input']!r}"
