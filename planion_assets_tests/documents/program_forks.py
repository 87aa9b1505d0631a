"""A process for the tests of the documents: `planion`, `dagster` and `python`, each in a forked child of it.

A client (`CLIENT`) sends its arguments, working directory and environment and its three standard streams, and gets the
exit code. So a command of a page costs a twentieth of a process that imports everything anew.
"""

import contextlib
import json
import os
import runpy
import socket
import sys
import traceback
from dataclasses import replace
from pathlib import Path

import planion_assets.definitions  # noqa: F401 - imported before the fork, as everything else
from planion_assets import sandbox
from planion_assets.cli import refresh
from planion_assets.cli.main import main as planion
from planion_assets.defs.events.policy import EventPolicy
from planion_assets.sandbox import SEED, Sandbox
from planion_assets.sandbox.plans import PLANS
from planion_assets_tests.forks import freeze
from planion_assets_tests.instances import instance_without_events

CLIENT = """#!{python} -IS
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as server:
    server.connect({address!r})
    order = json.dumps([{program!r}, sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(server, [len(order).to_bytes(4, "big") + order], [0, 1, 2])
    sys.exit(int(server.recv(16) or b"99"))
"""
"""A program that has the server run `program` in its place."""
SESSIONS = 5  # of each made-up conference at most: what is tested is the page


def main(address: str) -> None:
    """Serve at that socket until the process is ended, in a child of `forks.py`."""
    Sandbox.__init__.__defaults__ = (SEED, [replace(plan, sessions=min(plan.sessions, SESSIONS)) for plan in PLANS])
    # The settings of the sandbox name these.
    setattr(sandbox, "CONFERENCES", sandbox.CONFERENCES[1:3])  # noqa: B010 - in the place of all
    shared = instance_without_events()
    setattr(refresh, "opened", lambda: shared)  # noqa: B010 - in the place of what it imports
    # To an instance that stores no event each refresh would report every table, which is half of its cost.
    setattr(EventPolicy, "split", lambda *_: (set(), set()))  # noqa: B010 - the same
    freeze()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while True:
            client, _ = listener.accept()
            with client:
                child = os.fork()
                if child == 0:
                    listener.close()
                    _become(client)
                _, status = os.waitpid(child, 0)
                with contextlib.suppress(OSError):
                    client.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _become(client: socket.socket) -> None:
    """Be the program that the client asks for. Does not return."""
    begin, streams, _, _ = socket.recv_fds(client, 4, 3)
    size, text = int.from_bytes(begin, "big"), b""
    while len(text) < size:
        text += client.recv(size - len(text))
    program, arguments, folder, environment = json.loads(text)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(n, mode, closefd=False) for n, mode in enumerate("rww"))
    sys.argv = [program, *arguments]
    code: object = 1
    try:
        _run(program)
        code = 0
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - it is shown, as Python shows it
        traceback.print_exc()
    # Not as Python ends, which takes apart all that was imported: a quarter of a second.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else int(code is not None))


def _run(program: str) -> None:
    """Run it with the arguments in `sys.argv`. Raises SystemExit, and what the program raises."""
    if program == "planion":
        planion(prog_name=program)
    elif program == "dagster":
        runpy.run_module("dagster", run_name="__main__", alter_sys=True)
    else:
        _python()


def _python() -> None:
    """What `python` does with `-c CODE`, `-m MODULE`, a script, or the program on its standard input."""
    sys.path.insert(0, "")
    match sys.argv[1:]:
        case ["-c", code, *rest]:
            sys.argv = ["-c", *rest]
            exec(compile(code, "-c", "exec"), {"__name__": "__main__"})  # noqa: S102 - the project's own page
        case ["-m", module, *rest]:
            sys.argv = [module, *rest]
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        case [script, *rest]:
            sys.argv = [script, *rest]
            sys.path[0] = str(Path(script).parent)
            runpy.run_path(script, run_name="__main__")
        case _:
            exec(compile(sys.stdin.read(), "<stdin>", "exec"), {"__name__": "__main__"})  # noqa: S102
