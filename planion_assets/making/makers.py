"""Where tables are made: in this process, or in one beside it when a run is over many conferences.

Python runs one thread of a process at a time. While tables are made in it, no page is read and no event is stored; so
of many conferences the tables are made beside it, on another core.
"""

import contextlib
import logging
import threading
from collections.abc import Iterator, Sequence

from planion_assets.making.beside import Beside, GoneError
from planion_assets.build import Made, Order, made
from planion_assets.store import Store
from planion_assets.tables import catalog

logger = logging.getLogger(__name__)

MANY = 10
"""Conferences from which on another process is of use: a run over fewer is done before that has started."""

LARGE = 16 << 20
"""Bytes of a conference's text above which it is made here, piece by piece: beside, all of it would be in memory."""

# Conferences that are made here at once: more of them hold more and are no faster.
_HERE = threading.Semaphore(2)


class Makers:
    """Makes the orders of one run, from several threads. A context manager, which ends the process beside this one."""

    def __init__(self, conferences: int) -> None:
        self._many = conferences >= MANY
        self._beside = Beside()
        self._alone_here = threading.Semaphore(1)
        self._gone = False

    def __enter__(self) -> "Makers":
        return self

    def __exit__(self, *_: object) -> None:
        self._beside.close()

    def expect(self) -> None:
        """Prepare for an order that will come: the other process starts while the feed is waited for."""
        if self._many and not self._gone:
            with contextlib.suppress(OSError):  # said when it is asked
                self._beside.start()

    def hurry(self) -> None:
        """Let nobody wait long for what is being made any more; for a run that is to end."""
        self._beside.hurry()

    @contextlib.contextmanager
    def making(self, order: Order, store: Store) -> Iterator[Iterator[Made]]:
        """The files of an order, in its order; those that were not put in their places in the end are removed.

        Asking for one raises OSError where the disk refuses it, with those before it given.
        """
        with contextlib.ExitStack() as until_put:
            answer = None
            if self._is_for_beside(order):
                if not self._beside.started and self._alone_here.acquire(blocking=False):
                    # The first of a run that mostly finds nothing changed: no reason to start a process.
                    until_put.callback(self._alone_here.release)
                else:
                    answer = self._asked(order, store)
            if answer is None:
                until_put.enter_context(_HERE)
                yield made(order, store)
                return
            files, refusal = answer
            for file in files:
                until_put.callback(file.begun.drop)
            yield _given(files, refusal)

    def _asked(self, order: Order, store: Store) -> tuple[Sequence[Made], OSError | None] | None:
        """What the process beside this one has made of an order; None where it is gone."""
        try:
            return self._beside.make(order, store)
        except GoneError as error:
            logger.warning("tables of %s are made here, for the process beside this one is gone: %s", order.key, error)
            self._gone = True
            return None

    def _is_for_beside(self, order: Order) -> bool:
        return (
            self._many
            and not self._gone
            and bool(order.tables)
            and order.size <= LARGE
            and all(any(table is known for known in catalog.TABLES) for table, _ in order.tables)
        )


def _given(files: Sequence[Made], refusal: OSError | None) -> Iterator[Made]:
    yield from files
    if refusal:
        raise refusal
