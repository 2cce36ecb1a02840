"""Gzip that somebody sent, unfolded within bounds."""

import zlib

from server.errors import Problem


def unzipped(packed: bytes, at_most: int) -> bytes:
    """Raises `bad_encoding`, `too_large`."""
    inflater = zlib.decompressobj(wbits=31)
    try:
        inflated = inflater.decompress(packed, at_most)
    except zlib.error as error:
        raise Problem("bad_encoding") from error
    if inflater.unconsumed_tail:
        raise Problem("too_large", at_most=at_most)
    if not inflater.eof or inflater.unused_data:
        raise Problem("bad_encoding")
    return inflated
