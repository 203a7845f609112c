"""Values of the desk as JSON and back: frozen values of ours and what Python's own containers hold, nothing else.

A file is read without running anything of it: it names dataclasses, named tuples, enums and errors of this package,
and is refused where it names something else. Documents and catalogues are written once and named afterwards.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from functools import cache
from hashlib import sha256
from importlib import import_module
from typing import Any

from agentdesk.domain.documents import Document
from agentdesk.domain.policy import Catalogue

MARK = "$"
PACKAGE = "agentdesk."

MOST_CATALOGUE = 1 << 26
"""Bytes that a catalogue unpacks to at most."""

LISTS = frozenset({"names", "people"})

Text = Callable[[str, str], str]
"""Returns a text as it is written; it is given the name of the field in which it stands."""


class Plain(str):
    """A text that stands in a recording as it is."""

    __slots__ = ()


class Unkept(Exception):
    """A value that has no place in a file."""


class BadValue(ValueError):
    """A file says something that no recording says."""


def as_it_is(text: str, _name: str = "") -> str:
    """Return a text as it is: for worlds that are invented anyway."""
    return text


class Encoder:
    """Writes values; `define` is given what is to stand in the file before the value that names it."""

    def __init__(self, define: Callable[[dict[str, Any]], None], text: Text, policy: Callable[[Catalogue], None]):
        self._define = define
        self._text = text
        self._policy = policy
        self._documents: dict[bytes, int] = {}
        self._catalogues: dict[str, Catalogue] = {}
        self._parts: dict[int, list[str]] = {}

    def value(self, value: Any, name: str = "") -> Any:
        """Return a value as JSON has it; raises Unkept."""
        kind = type(value)
        if value is None or kind in (bool, int, float):
            return value
        if kind is str:
            return self._text(value, name)
        if kind is Plain:
            return str(value)
        if kind is tuple:
            return [self.value(item, name) for item in value]
        if isinstance(value, Enum):
            return {MARK: "enum", "of": _name(kind), "v": value.value}
        if isinstance(value, Catalogue):
            return {MARK: "catalogue", "v": self._catalogue(value)}
        if (part := self._parts.get(id(value))) is not None:
            return {MARK: "part", "v": part}
        if isinstance(value, Document):
            return {MARK: "document", "v": self._document(value)}
        return self._composed(value, kind, name)

    def _composed(self, value: Any, kind: type, name: str) -> Any:
        if is_dataclass(value) or hasattr(kind, "_fields"):
            return {MARK: "value", "of": _name(kind), "v": self._fields(value)}
        if isinstance(value, Mapping):
            return self._mapping(value, name)
        if isinstance(value, list):
            return {MARK: "list", "v": [self.value(item, name) for item in value]}
        if isinstance(value, set | frozenset):
            items = sorted((self.value(item, name) for item in value), key=_written)
            return {MARK: "set" if isinstance(value, set) else "frozenset", "v": items}
        if isinstance(value, bytes):
            return {MARK: "bytes", "v": base64.b64encode(value).decode()}
        if isinstance(value, date):
            return {MARK: "date", "v": value.isoformat()}
        if isinstance(value, Exception):
            return self._error(value)
        raise Unkept(f"{kind.__module__}.{kind.__qualname__}")

    def _fields(self, value: Any) -> dict[str, Any]:
        if is_dataclass(value):
            found = {item.name: getattr(value, item.name) for item in fields(value) if item.init}
        else:
            found = value._asdict()
        return {name: self.value(item, name) for name, item in found.items()}

    def _mapping(self, value: Mapping[Any, Any], name: str) -> Any:
        if all(type(key) is str and not key.startswith(MARK) for key in value):
            # what is listed by an id is what the list is of
            listed = name in LISTS
            return {self._text(key, ""): self.value(item, name if listed else key) for key, item in value.items()}
        pairs = [[self.value(key, name), self.value(item, name)] for key, item in value.items()]
        return {MARK: "map", "v": pairs}

    def _error(self, error: Exception) -> Any:
        kind = type(error)
        if not kind.__module__.startswith((PACKAGE, "builtins")):
            return {MARK: "error", "of": "builtins:RuntimeError", "args": [], "v": {}}
        own = {name: self.value(item, name) for name, item in vars(error).items() if not name.startswith("__")}
        return {
            MARK: "error",
            "of": _name(kind),
            "args": [self.value(str(one), "text") for one in error.args],
            "v": own,
        }

    def _document(self, document: Document) -> int:
        content = self._fields(document)
        mark = sha256(_written(content).encode()).digest()
        if mark not in self._documents:
            self._documents[mark] = len(self._documents)
            self._define({"document": self._documents[mark], "v": content})
        return self._documents[mark]

    def _catalogue(self, catalogue: Catalogue) -> str:
        if self._catalogues.get(catalogue.version) is not catalogue:
            self._catalogues[catalogue.version] = catalogue
            self._policy(catalogue)
            for field in fields(catalogue):
                content = getattr(catalogue, field.name)
                if isinstance(content, Mapping):
                    self._parts |= {id(v): [catalogue.version, field.name, k] for k, v in content.items() if _own(v)}
            from agentdesk.catalogue.compiled import dump

            packed = base64.b64encode(zlib.compress(dump(catalogue).encode(), 9)).decode()
            self._define({"catalogue": catalogue.version, "v": packed})
        return catalogue.version


class Decoder:
    """Reads what an Encoder wrote; raises BadValue."""

    def __init__(self) -> None:
        self._documents: dict[int, Document] = {}
        self._catalogues: dict[str, Catalogue] = {}

    def define(self, line: Mapping[str, Any]) -> bool:
        """Take in what later values name; False if the line is no definition."""
        if "document" in line:
            self._documents[line["document"]] = Document(**self._named(line["v"]))
            return True
        if "catalogue" in line:
            from agentdesk.catalogue.compiled import restore

            unpacker = zlib.decompressobj()
            text = unpacker.decompress(base64.b64decode(line["v"]), MOST_CATALOGUE)
            if not unpacker.eof:
                raise BadValue(f"its catalogue is cut off, or larger than {MOST_CATALOGUE} bytes")
            self._catalogues[line["catalogue"]] = restore(text.decode())
            return True
        return False

    def _named(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {name: self.value(item) for name, item in value.items()}

    def value(self, value: Any) -> Any:
        """Return the value that stands in a file."""
        if isinstance(value, list):
            return tuple(map(self.value, value))
        if not isinstance(value, dict):
            return value
        kind = value.get(MARK)
        if kind is None:
            return self._named(value)
        content = value.get("v")
        if kind == "value":
            return _class(value["of"])(**self._named(value["v"]))
        if kind == "document":
            return self._documents[value["v"]]
        return self._other(kind, content, value)

    def _other(self, kind: str, content: Any, value: Mapping[str, Any]) -> Any:
        if kind == "catalogue":
            return self._catalogues[content]
        if kind == "part":
            version, field, key = content
            return getattr(self._catalogues[version], field)[key]
        if kind == "enum":
            return _class(value["of"])(content)
        if kind == "map":
            return {self.value(key): self.value(item) for key, item in content}
        if kind in ("list", "set", "frozenset"):
            made: Any = {"list": list, "set": set, "frozenset": frozenset}[kind]
            return made(map(self.value, content))
        if kind == "bytes":
            return base64.b64decode(content)
        if kind == "date":
            return date.fromisoformat(content)
        if kind == "error":
            error_class = _class(value["of"])
            error = error_class.__new__(error_class, *map(self.value, value["args"]))
            vars(error).update(self._named(content))
            return error
        raise BadValue(f"there is no value of the kind {kind!r}")


def _own(value: Any) -> bool:
    return is_dataclass(value)


def _written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _name(kind: type) -> str:
    if "<locals>" in kind.__qualname__ or not kind.__module__.startswith((PACKAGE, "builtins")):
        raise Unkept(f"{kind.__module__}.{kind.__qualname__}")
    return f"{kind.__module__}:{kind.__qualname__}"


@cache
def _class(name: str) -> Any:
    """Return a class by its name; only what can hold values and does nothing."""
    module, _, path = name.partition(":")
    if module.startswith(PACKAGE) and "__" not in name:
        try:
            found: Any = import_module(module)
            for part in path.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError):
            raise BadValue(f"there is no {name} in this program") from None
    else:
        import builtins

        found = getattr(builtins, path, None) if module == "builtins" else None
        if not (isinstance(found, type) and issubclass(found, Exception)):
            raise BadValue(f"{name} has no place in a recording")
    # what a module has of another one by its imports is none of ours
    holds = (
        isinstance(found, type)
        and found.__module__ == module
        and (is_dataclass(found) or hasattr(found, "_fields") or issubclass(found, Enum | Exception))
    )
    if not holds:
        raise BadValue(f"{name} has no place in a recording")
    return found
