"""What is measured: how many conferences of how many sessions, and how slow their feed is.

Plain facts belong here. What the items hold is in `content.py`, who reads them in `contenders/`.
"""

from dataclasses import dataclass, replace

PROJECT, FLOOR, DLT, PANDAS = "project", "floor", "dlt rest_api", "requests + pandas"
ALL = (PROJECT, FLOOR, DLT, PANDAS)
BUCKET = "project in a bucket"
OBJECT_LATENCY = 0.02
"""Seconds that each request to the object store is kept waiting."""


@dataclass(frozen=True, slots=True)
class Case:
    """Conferences of `sessions` each, spread evenly over `accounts`.

    `latency` is the seconds that each page is kept waiting. `runs` is how often each of the `contenders` is run,
    unless asked otherwise; they take turns.
    """

    name: str
    title: str
    conferences: int
    sessions: int
    latency: float = 0.0
    accounts: int = 1
    runs: int = 5
    contenders: tuple[str, ...] = ALL

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """Every (account, conference), the conferences of an account together."""
        numbers = range(self.conferences)
        return tuple((f"B{n * self.accounts // self.conferences:02}", f"C{n:04}") for n in numbers)

    def smaller(self, by: int) -> "Case":
        """The same with a fraction of the sessions, run once: to see that it works, not how fast."""
        sessions, conferences = max(1, self.sessions // by), min(self.conferences, 20)
        return replace(self, sessions=sessions, conferences=conferences, runs=1)


CASES = {
    case.name: case
    for case in (
        Case("one", "one conference, 823 sessions, 150 ms a page", 1, 823, 0.15),
        # Several accounts, since no account is asked for more than a few pages at once.
        Case("twenty", "20 conferences of 500, 150 ms a page", 20, 500, 0.15, accounts=5, runs=3),
        # SeaweedFS behind a proxy, on the same two cores.
        Case(
            "bucket",
            "20 conferences of 500, 150 ms a page, 20 ms an object request",
            20,
            500,
            0.15,
            accounts=5,
            runs=3,
            contenders=(PROJECT, BUCKET),
        ),
        Case("large", "one conference of 10,000, no latency", 1, 10_000),
        Case("memory", "one conference of 40,000, no latency", 1, 40_000, runs=1, contenders=(PROJECT, FLOOR, PANDAS)),
        Case("thousand", "1,000 conferences of 100, no latency", 1000, 100, accounts=20, runs=1, contenders=(PROJECT,)),
    )
}
CHARTED = ("one", "twenty", "large")
"""The cases of the chart, which are measured unless others are asked for."""
