"""What is asked of the process that makes tables, and what it answers: both can be pickled."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from planion_assets.keys import ConferenceKey
from planion_assets.build import Made, Order, made
from planion_assets.store import Provenance, Store
from planion_assets.tables import catalog
from planion_assets.tables.model import FeedItem, Zones


@dataclass(frozen=True, slots=True)
class Question:
    """An order that can be pickled: a table by its name, because its functions cannot."""

    key: ConferenceKey
    items: Sequence[FeedItem] = field(repr=False)
    zones: Zones
    tables: Sequence[tuple[str, Provenance]]
    store: Store
    pages: str = field(repr=False)

    @staticmethod
    def of(order: Order, store: Store) -> "Question":
        """The question for an order."""
        tables = [(table.name, origin) for table, origin in order.tables]
        return Question(order.key, order.items, order.zones, tables, store, order.pages)

    @property
    def order(self) -> Order:
        """The order that this stands for."""
        tables = [(catalog.table(name), origin) for name, origin in self.tables]
        return Order(self.key, self.items, self.zones, tables, self.pages)


@dataclass(frozen=True, slots=True)
class Answer:
    """The files that were begun, in the order's order, up to the one at which the disk refused."""

    files: Sequence[Made]
    refusal: OSError | None


def answer(question: Question) -> Answer:
    """Make what is asked for."""
    files: list[Made] = []
    try:
        files.extend(made(question.order, question.store))
    except OSError as error:
        return Answer(files, error)
    return Answer(files, None)
