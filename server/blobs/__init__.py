"""Attachments: pictures and recordings that answer questions. They come after the text, in parts, and go one way.

Kept in the database, so that a backup holds them and a restore brings them back. Knows nothing of records but that an
op of the device has to name an attachment before its bytes are taken; who may look is the office's business.
"""

from server.blobs.blobs import MOST_BYTES, MOST_PART, Blobs, Held

__all__ = ["MOST_BYTES", "MOST_PART", "Blobs", "Held"]
