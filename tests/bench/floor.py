"""The floor: the smallest Starlette and SQLite server that stores the same documents, one fsync a request.

No login, no validation, no history, no merging, no digests. `python -m tests.bench.floor FILE PORT`.
"""

import gzip
import json
import sqlite3
import sys

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def create_app(file: str) -> Starlette:
    database = sqlite3.connect(file)
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=FULL")
    database.execute(
        "CREATE TABLE IF NOT EXISTS doc (id TEXT PRIMARY KEY, rev INTEGER, body TEXT) WITHOUT ROWID"
    )
    database.execute("CREATE INDEX IF NOT EXISTS doc_by_rev ON doc (rev)")
    head = database.execute("SELECT coalesce(max(rev), 0) FROM doc").fetchone()[0]

    async def push(request: Request) -> Response:
        nonlocal head
        documents = json.loads(gzip.decompress(await request.body()))
        rows = []
        for id, fields in documents:
            head += 1
            rows.append((id, head, json.dumps([id, head, fields], ensure_ascii=False)))
        database.executemany("INSERT OR REPLACE INTO doc VALUES (?, ?, ?)", rows)
        database.commit()
        return Response(json.dumps({"head": head}), media_type="application/json")

    async def pull(request: Request) -> Response:
        cursor = json.loads(await request.body())["cursor"]
        found = database.execute("SELECT body FROM doc WHERE rev > ? ORDER BY rev", [cursor])
        rows = ",".join(body for (body,) in found)
        encoded = f'{{"head":{head},"rows":[{rows}]}}'.encode()
        if len(encoded) < 350:
            return Response(encoded, media_type="application/json")
        packed = gzip.compress(encoded, 6)
        headers = {"Content-Encoding": "gzip"}
        return Response(packed, media_type="application/json", headers=headers)

    return Starlette(
        routes=[Route("/push", push, methods=["POST"]), Route("/pull", pull, methods=["POST"])]
    )


if __name__ == "__main__":
    uvicorn.run(
        create_app(sys.argv[1]), port=int(sys.argv[2]), log_level="warning", access_log=False
    )
