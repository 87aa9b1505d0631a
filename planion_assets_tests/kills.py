"""A refresh in this process that dies before one of its steps, as a kill leaves it: nothing is tidied up."""

from collections.abc import Callable
from typing import Any


class Killed(BaseException):
    """The process is gone: no handler of errors sees it."""


def dying_after(steps: int) -> Callable[[Any], Any]:
    """Wraps methods, each call of which is a step: those are done, and the one after them dies."""
    left = [steps]

    def counted(method: Any) -> Any:
        def called(*arguments: Any) -> Any:
            left[0] -= 1
            if left[0] < 0:
                raise Killed
            return method(*arguments)

        return called

    return counted
