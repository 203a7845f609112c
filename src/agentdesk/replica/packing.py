"""zstd as both ends of a prepared replica use it: piece by piece, so that neither holds a whole file in memory."""

from __future__ import annotations

import sys
from collections.abc import Iterator

if sys.version_info >= (3, 14):
    from compression.zstd import CompressionParameter, ZstdCompressor, ZstdDecompressor, ZstdError
else:
    from backports.zstd import CompressionParameter, ZstdCompressor, ZstdDecompressor, ZstdError

LEVEL = 1
"""Higher ones take twice the time for documents and come out as large."""
PIECE = 1 << 22
"""Bytes of unpacked content at a time."""


class Damaged(ValueError):
    """What was packed can't be unpacked, or is more than was said."""


def packer() -> ZstdCompressor:
    """Return a compressor whose frame carries a checksum over the content."""
    chosen = CompressionParameter
    return ZstdCompressor(options={chosen.compression_level: LEVEL, chosen.checksum_flag: 1})


class Unpacker:
    """Unpacks one file, of exactly `size` bytes, piece by piece."""

    def __init__(self, size: int) -> None:
        self._unpacker = ZstdDecompressor()
        self._left = size

    @property
    def finished(self) -> bool:
        """Tell whether the end has come, and all of the content with it."""
        return self._unpacker.eof and not self._left

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield what some more bytes unpack to; raises Damaged."""
        unpacker = self._unpacker
        if unpacker.eof:
            raise Damaged("there is more behind its end")
        while data or not (unpacker.needs_input or unpacker.eof):
            try:
                piece = unpacker.decompress(data, min(PIECE, self._left + 1))
            except ZstdError as error:
                raise Damaged(str(error)) from None
            data = b""
            self._left -= len(piece)
            if self._left < 0:
                raise Damaged("it unpacks to more than was said")
            if piece:
                yield piece
        if unpacker.unused_data:
            raise Damaged("there is more behind its end")
