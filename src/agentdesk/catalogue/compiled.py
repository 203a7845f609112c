"""A catalogue as one JSON text: what the centre publishes, desks restore, and the version's digest is taken of.

The text follows the types of `domain.policy`: a field that is added there is written and read without a line here.
Holidays are in it as dates, so a desk needs neither the files, nor pydantic, nor the holiday library.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from functools import cache
from hashlib import sha256
from threading import Lock
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from agentdesk.domain.policy import Catalogue

FORMAT = 1
"""Rises when an older program would lose something that matters by passing over what it doesn't know."""

KEPT = 2
"""How many catalogues a process keeps that it has read: the one in force, and the one before a release."""

Read = Callable[[Any], Any]

_read_lately: dict[bytes, Catalogue] = {}
_lock = Lock()


class CompiledError(ValueError):
    """A text isn't a compiled catalogue, or is one that a newer program wrote."""


def dump(catalogue: Catalogue) -> str:
    """Return a catalogue as canonical JSON: equal catalogues give the same text."""
    return _text({"format": FORMAT, "version": catalogue.version, "content": _content(catalogue)})


def digest(catalogue: Catalogue) -> str:
    """Return the first 12 hex digits of the sha256 of all that a catalogue says but its version."""
    return sha256(_text(_content(catalogue)).encode()).hexdigest()[:12]


def restore(text: str) -> Catalogue:
    """Return the catalogue of a text; what this program doesn't know in it is passed over. Raises CompiledError.

    The last few are kept: reading one takes longer than all else that opening a site's files does.
    """
    mark = sha256(text.encode()).digest()
    with _lock:
        known = _read_lately.pop(mark, None) or _read(text)
        _read_lately[mark] = known
        if len(_read_lately) > KEPT:
            del _read_lately[next(iter(_read_lately))]
    return known


def _read(text: str) -> Catalogue:
    try:
        parts = json.loads(text)
        found = parts["format"]
        if found != FORMAT:
            raise CompiledError(f"format {found!r} of the catalogue is not known here: update this program")
        catalogue: Catalogue = _reader(Catalogue)({**parts["content"], "version": parts["version"]})
    except CompiledError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CompiledError(f"not a compiled catalogue: {error}; publish it again") from None
    return catalogue


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _content(catalogue: Catalogue) -> Any:
    content = _plain(catalogue)
    del content["version"]
    return content


def _plain(value: Any) -> Any:
    """Return a value as JSON has it; defaults are written too, for they may change while a version must not."""
    if is_dataclass(value):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value) if item.init}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, frozenset):
        return sorted(_plain(item) for item in value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date) else value


@cache
def _reader(kind: Any) -> Read:
    """Return the function that reads a value of a type."""
    origin, args = get_origin(kind), get_args(kind)
    if is_dataclass(kind) and isinstance(kind, type):
        return _dataclass_reader(kind)
    if origin in (Union, UnionType):
        inner = next(arg for arg in args if arg is not NoneType)
        read = _reader(inner)
        return read if read is _same else lambda value: None if value is None else read(value)
    if origin is tuple and args[-1] is not Ellipsis:
        reads = tuple(map(_reader, args))
        return lambda value: tuple(read(item) for read, item in zip(reads, value, strict=True))
    if origin in (tuple, frozenset):
        read = _reader(args[0])
        return lambda value: origin(value if read is _same else map(read, value))
    if origin is not None and origin is not Literal and issubclass(origin, Mapping):
        read = _reader(args[1])
        return _same if read is _same else lambda value: {key: read(item) for key, item in value.items()}
    return date.fromisoformat if kind is date else _same


def _dataclass_reader(kind: type) -> Read:
    hints = get_type_hints(kind)
    reads = {item.name: _reader(hints[item.name]) for item in fields(kind) if item.init}
    changed = {name: read for name, read in reads.items() if read is not _same}

    def read(value: Any) -> Any:
        own = {name: item for name, item in value.items() if name in reads}
        for name, convert in changed.items():
            if name in own:
                own[name] = convert(own[name])
        return kind(**own)

    return read


def _same(value: Any) -> Any:
    return value
