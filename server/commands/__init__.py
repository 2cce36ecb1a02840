"""What the `zoufang` command does, one noun a module; `server.__main__` only reads the arguments.

Commands that write go through the running server, or take the data folder's lock when none runs
(see `orders`), so that SQLite has one writing process at any time.
"""
