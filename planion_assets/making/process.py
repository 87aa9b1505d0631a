"""The program of the process that makes tables beside another: `python -m planion_assets.making.process`.

It is asked on its standard input and answers on its standard output, in pickles. The end of its input is its own. What
fails unforeseen ends it with a traceback, and whoever asked makes the tables otherwise.
"""

import os
import pickle
import sys
from typing import BinaryIO

from planion_assets import memory
from planion_assets.making.question import Question, answer


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more questions."""
    with memory.frugal():
        while True:
            try:
                question: Question = pickle.load(questions)  # noqa: S301 - of the process that started this one
            except EOFError:
                return
            pickle.dump(answer(question), answers, pickle.HIGHEST_PROTOCOL)
            answers.flush()


def main() -> None:
    """Serve the process that started this one."""
    with os.fdopen(os.dup(sys.stdout.fileno()), "wb") as answers:
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing that is printed gets among the answers
        try:
            serve(sys.stdin.buffer, answers)
        except BrokenPipeError:
            os._exit(1)  # nobody listens any more


if __name__ == "__main__":
    main()
