"""A program for the tests of the Dagster instance: opens it in several processes at once.

Each line on stdin is `NUMBER FOLDER`: that many forked children open the instance of the folder at the same moment, and
look at its runs. For each line it prints what they said, separated by tabs: `ok`, or the error. Importing Dagster takes
a second; forking a process that has done so does not. Of root's, the children become the owner of the folder where
there is one, since nothing is forbidden to root.
"""

import os
import sys
from pathlib import Path

import dagster as dg
from alembic import command  # noqa: F401 - imported before the fork, as everything else

from planion_assets.defs.instance import InstanceError, opened
from planion_assets.defs.instance_settings import VARIABLE
from planion_assets_tests.step_forks import freeze


def main() -> None:
    """Open an instance once per child and line of stdin."""
    # Loads what Dagster imports only when an instance is opened.
    with dg.DagsterInstance.local_temp():
        pass
    freeze()
    for line in sys.stdin:
        number, folder = line.split(maxsplit=1)
        os.environ[VARIABLE] = folder.strip()
        start, ready = os.pipe()
        pipes = [_child(start, ready) for _ in range(int(number))]
        os.close(start)
        os.close(ready)  # the children wait for the end of this pipe
        said = []
        for pipe in pipes:
            with os.fdopen(pipe) as stream:
                said.append(stream.read() or "died")
            os.wait()
        print("\t".join(said), flush=True)


def _child(start: int, ready: int) -> int:
    """Fork a process that opens the instance; the pipe on which it answers."""
    reader, writer = os.pipe()
    if os.fork():
        os.close(writer)
        return reader
    os.close(ready)
    os.read(start, 1)
    try:
        if os.geteuid() == 0 and Path(os.environ[VARIABLE]).exists():
            os.setuid(Path(os.environ[VARIABLE]).stat().st_uid)
        with opened() as instance:
            instance.get_run_records(limit=1)
            instance.get_asset_keys()
            instance.all_instigator_state()
        os.write(writer, b"ok")
    except InstanceError as error:
        os.write(writer, str(error).encode())
    except BaseException as error:  # noqa: BLE001 - a child must never go on as its parent
        os.write(writer, repr(error).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
