"""What phones call: `/api/enrol`, `/api/programme`, `/api/sync`, `/api/blobs` (sync/PROTOCOL.md). JSON in, JSON out, no pages."""

from .routes import routes

__all__ = ["routes"]
