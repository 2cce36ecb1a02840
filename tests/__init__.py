"""The tests, as a package: without this file `tests/sync` would shadow the package `sync`."""
