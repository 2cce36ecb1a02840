"""How many tests of each kind ran, as a table before pytest's closing line.

A kind with no test, or one skipped test, fails the whole run: "all green" must mean all of it.
The table names the browser tests that had to be run twice (conftest.py), so that a race is mended and
not got used to.
Only `make test` asks for this (see `__main__.py`); part of the suite is run with plain pytest.
"""

from collections import Counter

import pytest

from tests.invariants import INVARIANTS, tests_of

# The first line that fits a test's id names its kind.
KINDS = (
    ("tests/browser/", "", "browser"),
    ("tests/server/registry/", "[postgresql", "registry on PostgreSQL"),
    ("tests/server/registry/", "", "registry on SQLite"),
    ("tests/server/api/", "", "HTTP"),
    ("tests/server/auth/", "", "HTTP"),
    ("tests/server/programme/", "", "programme and forms"),
    ("tests/server/forms/", "", "programme and forms"),
    ("tests/server/office/roster/", "", "roster"),
    ("tests/server/office/", "", "office"),
    ("tests/server/demo/", "", "demo village"),
    ("tests/server/commands/", "", "commands"),
    ("tests/sync/", "", "engine"),
    ("tests/simulator/", "", "simulator"),
    ("tests/", "", "house"),
)


def kind_of(test: str) -> str:
    return next(kind for start, part, kind in KINDS if test.startswith(start) and part in test)


class Kinds:
    """A pytest plugin. `already` are the counts of tests that other runners have run."""

    def __init__(self, already: dict[str, int]) -> None:
        self.ran = Counter(already)
        self.skipped: list[str] = []
        self.passed: list[str] = []
        self.repeated: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = report.nodeid
        if str(report.outcome) == "rerun":  # a word of pytest-rerunfailures
            self.repeated.append(test)
        elif report.skipped:
            self.skipped.append(test)
        elif report.when == "call":
            self.ran[kind_of(test)] += 1
            if report.passed:
                self.passed.append(test)

    def missing(self) -> list[str]:
        return sorted({kind for _, _, kind in KINDS} - set(self.ran))

    def broken(self) -> list[str]:
        """Promises of sync which some test should hold that did not run and pass."""
        return [
            f"{invariant}: {part}"
            for invariant in INVARIANTS
            for part in tests_of(invariant)
            if not any(part in test for test in self.passed)
        ]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and (
            self.skipped or self.missing() or self.broken()
        ):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        say = terminalreporter.write_line
        terminalreporter.section("promises of sync")
        for invariant, (promise, _) in INVARIANTS.items():
            held = [test for part in tests_of(invariant) for test in self.passed if part in test]
            names = sorted({test.partition("::")[2].partition("[")[0] for test in held})
            say(f"{invariant:4} {promise:48} {len(held):4}  {', '.join(names)}")
        for promise in self.broken():
            say(f"not shown, so the run has failed: {promise}")
        terminalreporter.section("tests of each kind")
        for kind, count in sorted(self.ran.items()):
            say(f"{count:6}  {kind}")
        say(f"{self.ran.total():6}  in all, {len(self.skipped)} skipped")
        for test in self.repeated:
            say(f"failed at first and was run again: {test}")
        for test in self.skipped:
            say(f"skipped, so the run has failed: {test}")
        for kind in self.missing():
            say(f"no test of this kind ran, so the run has failed: {kind}")
