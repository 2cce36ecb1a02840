#!/bin/sh
# The browser, on a disk that can be filled up: a write past the limit of Handset.fill_up is refused like one on a
# full disk, and is no reason to die.
trap '' XFSZ
exec "$CHROMIUM" "$@"
