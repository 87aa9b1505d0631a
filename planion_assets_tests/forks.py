"""Calls in processes of their own: children of a process that was forked from pytest's before the first test.

Starting Python and importing Dagster takes two seconds of CPU; a child of a process that has done so takes hundredths.
Pytest's own cannot be forked during a test: a thread of one of its servers would leave its locks held for ever in the
child. How a program starts, and how Python ends, is not seen here: tests of that start one.
"""

import contextlib
import faulthandler
import gc
import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import IO, Any, Self

_NONE: Mapping[Any, Any] = MappingProxyType({})
_ORDER = 1_000_000
"""Bytes that an order has at most."""
_parents_end: socket.socket | None = None
_server = 0
"""The process id of the process of which all children are, 0 where there is none."""


class Fork:
    """A child process that makes a call. Used as a context manager it is killed at the end, where it still runs."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._code: int | None = None

    def kill(self, number: int) -> None:
        """Send it a signal."""
        if self._code is None:
            os.kill(self.pid, number)

    def wait(self) -> int:
        """Its exit code once it has ended; -N where signal N ended it."""
        if self._code is None:
            self._code = _ask(self.pid)
        return self._code

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill(signal.SIGKILL)
        self.wait()


def fork(
    call: Callable[..., object],
    *arguments: Any,
    streams: Mapping[int, int] = _NONE,
    variables: Mapping[str, str] = _NONE,
) -> Fork:
    """A child that calls a function of a module, in the folder and environment of this process.

    `streams` are the descriptors that it has as 0, 1 and 2: without them nothing to read, and what this process has.
    `variables` are added to its environment. Its exit code is that of SystemExit, 1 after another exception, else 0.
    """
    with open(os.devnull) as nothing:  # noqa: PTH123 - a descriptor
        behind = {0: nothing.fileno(), 1: 1, 2: 2} | dict(streams)
        what = pickle.dumps((call, arguments))
        return Fork(_ask((what, str(os.getcwd()), {**os.environ, **variables}), *(behind[n] for n in range(3))))  # noqa: PTH109


def run(call: Callable[..., object], *arguments: Any, **variables: str) -> "subprocess.CompletedProcess[str]":
    """Such a child to its end, and what it has written."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        streams = {1: out.fileno(), 2: err.fileno()}
        code = fork(call, *arguments, streams=streams, variables=variables).wait()
        for file in (out, err):
            file.seek(0)
        return subprocess.CompletedProcess((call.__name__, *arguments), code, out.read(), err.read())


def planion(*arguments: str) -> None:
    """The program `planion`, to be called in a child."""
    from planion_assets.__main__ import main  # as its first import, which sets how signals end the process

    sys.argv = ["planion", *arguments]
    main()


def freeze() -> None:
    """Spare each child that is forked from here on the search for garbage in what its parent has: half a second."""
    gc.collect()
    gc.freeze()


def start() -> None:
    """Fork the process of which all children are. Call it once, when this one has no threads of its own."""
    global _parents_end, _server  # noqa: PLW0603 - one for a process of pytest
    _parents_end, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    _parents_end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _ORDER)
    _server = os.fork()
    if _server:
        theirs.close()
        return
    try:
        _serve(theirs)
    finally:
        os._exit(0)


def stop() -> None:
    """End that process."""
    if _parents_end is not None:
        _parents_end.close()
        os.waitpid(_server, 0)


def _ask(order: Any, *streams: int) -> int:
    assert _parents_end is not None, "conftest.py has started it"
    socket.send_fds(_parents_end, [pickle.dumps(order)], streams)
    answer = _parents_end.recv(_ORDER)
    assert answer, "the process of the children has ended"
    return int(answer)


def _serve(orders: socket.socket) -> None:
    """Fork a child for each order to call something, wait for one where the order is its process id."""
    _leave_the_parent(orders)
    loaded = False
    while True:
        text, streams, _, _ = socket.recv_fds(orders, _ORDER, 3)
        if not text:
            return
        order = pickle.loads(text)  # noqa: S301 - of the parent
        if isinstance(order, int):
            _, status = os.waitpid(order, 0)
            answer = os.waitstatus_to_exitcode(status)
        else:
            if not loaded:
                _load()
                loaded = True
            what, folder, environment = order
            answer = os.fork()
            if not answer:
                _become(what, folder, environment, streams)
        for stream in streams:
            os.close(stream)
        orders.send(str(answer).encode())


def _leave_the_parent(orders: socket.socket) -> None:
    """Keep nothing open that is the parent's, and nothing of what pytest has put in place."""
    faulthandler.disable()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logging.root.handlers.clear()
    sys.unraisablehook = sys.__unraisablehook__
    threading.excepthook = threading.__excepthook__
    for number in range(3):
        with open(os.devnull, "r+") as nothing:  # noqa: PTH123 - a descriptor
            os.dup2(nothing.fileno(), number)
    os.closerange(3, orders.fileno())
    os.closerange(orders.fileno() + 1, os.sysconf("SC_OPEN_MAX"))


def _load() -> None:
    """Import and resolve what a refresh needs, for all children."""
    import pandas as pd  # noqa: F401 - Arrow imports it when first used
    import pyarrow.parquet  # noqa: F401

    from planion_assets.cli import refresh
    from planion_assets.config import load
    from planion_assets.defs import in_process  # noqa: F401
    from planion_assets.defs.checks import evaluate  # noqa: F401
    from planion_assets.defs.events import metadata  # noqa: F401
    from planion_assets.refresh import run  # noqa: F401
    from planion_assets_tests import instances

    # A run of nothing: it starts no thread.
    opened = vars(refresh)["opened"]
    setattr(refresh, "opened", instances.instance_without_events)  # noqa: B010 - in the place of what it imports
    account = {"account": "AAA", "token_env": "NONE", "conferences": [{"conference": "NONE"}]}
    with tempfile.TemporaryDirectory() as data:
        refresh.refresh_all(load(given={"data": data, "accounts": [account]}), [])
    setattr(refresh, "opened", opened)  # noqa: B010
    instances.one_instance_without_events()
    freeze()


def _become(what: bytes, folder: str, environment: dict[str, str], streams: list[int]) -> None:
    """Be the child. Does not return."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    stdout, stderr = _stream(1, "w"), _stream(2, "w")
    for name, file in (("stdin", _stream(0, "r")), ("stdout", stdout), ("stderr", stderr)):
        setattr(sys, name, file)
        setattr(sys, f"__{name}__", file)
    code: object = 0
    try:
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        call, arguments = pickle.loads(what)  # noqa: S301 - of the parent
        call(*arguments)
    except SystemExit as end:
        code = end.code
        if isinstance(code, str):
            print(code, file=stderr)
    except BaseException:  # noqa: BLE001 - a child must never go on as its parent
        traceback.print_exc()
        code = 1
    finally:
        with contextlib.suppress(OSError):
            stdout.flush()
            stderr.flush()
        os._exit(code if isinstance(code, int) else int(code is not None))


def _stream(number: int, mode: str) -> IO[str]:
    """The stream that Python makes of a descriptor when it starts."""
    errors = "backslashreplace" if number == 2 else "strict"
    return open(number, mode, buffering=1 if number == 2 else -1, errors=errors, closefd=False)
