"""Writing JSON: the standard encoder without white space, set up once and not for each text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any


def encoder(*, allow_nan: bool = True) -> Callable[[Any], str]:
    """Return a function that writes a value as the standard encoder does; raises TypeError, ValueError, RecursionError.

    A value that holds itself is a RecursionError.
    """
    plain = json.JSONEncoder(ensure_ascii=False, allow_nan=allow_nan, separators=(",", ":"))
    made = getattr(json.encoder, "c_make_encoder", None)
    if made is None:
        return plain.encode
    quoted = json.encoder.encode_basestring
    parts = made(None, plain.default, quoted, None, ":", ",", False, False, allow_nan)
    joined = "".join
    return lambda value: joined(parts(value, 0))
