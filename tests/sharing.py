"""How a whole run is shared among processes: all of the browser's tests to one of them, since two browsers at work make
each other late, and the tests of any other file together."""

from typing import Any

import pytest

BROWSER = "tests/browser/"
TWO = ("-n", "2", "--no-loadscope-reorder")
"""What a small machine has cores for; the browser's tests, which take longest in one go, begin first."""


class Sharing:
    """A pytest plugin."""

    def pytest_xdist_make_scheduler(self, config: pytest.Config, log: Any) -> Any:
        from xdist.scheduler import LoadScopeScheduling  # pytest has to be the first to load it

        class ByFile(LoadScopeScheduling):  # type: ignore[misc]
            def _split_scope(self, nodeid: str) -> str:
                file, _, _ = nodeid.partition("::")
                return BROWSER if file.startswith(BROWSER) else file

        return ByFile(config, log)
