"""The server. Start reading at app.py, the map; then api/sync.py and registry/push.py, the heart of it."""
