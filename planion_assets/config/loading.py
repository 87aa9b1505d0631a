"""`load`: reads the settings and reports all problems at once.

Each step is in its module: sources.py, models.py, problems.py. What settings can be asked is in settings.py.
"""

import importlib.util
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from planion_assets.config.config_errors import ConfigError
from planion_assets.config.constants import DEFAULT_FILE, URL_VARIABLE
from planion_assets.config.data_address import folder_problem
from planion_assets.config.models import File, Location
from planion_assets.config.problems import duplicates, problem_line
from planion_assets.config.settings import Config
from planion_assets.config.sources import Source, find, with_overrides
from planion_assets.config.storage_config import storage_problems
from planion_assets.loopback import is_loopback

_EXTRA = "planion-assets[object-store]"


def load(
    environ: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    *,
    sandbox: bool = False,
    given: str | Mapping[str, Any] | None = None,
) -> Config:
    """The settings: from the file in PLANION_CONFIG, else planion.yaml in `cwd`; the sandbox's where asked for.

    `sandbox` asks for the sandbox whatever file there is, PLANION_SANDBOX=1 where there is none. PLANION_FEED_URL and
    PLANION_DATA (relative to `cwd`) override the file's values. A blank variable counts as not set. `given` is the path
    of another file (relative to `cwd`), or the content of one: then only the tokens' variables are read, because
    several projects of one process share the others. Raises ConfigError with every problem but missing tokens.
    """
    environ = os.environ if environ is None else environ
    here = _working_folder() if cwd is None else cwd.absolute()
    source = find(environ, here, sandbox=sandbox, given=given)
    document, overridden = with_overrides(source.document, {} if given is not None and not sandbox else environ)
    problems = [f"{source.name}: {problem}" for problem in source.problems]
    settings = None
    try:
        settings = File.model_validate(document)
    except ValidationError as error:
        details = error.errors(include_url=False, include_input=False)
        problems += [problem_line(detail, source.name, overridden) for detail in details]
    problems += [f"{source.name}: {problem}" for problem in duplicates(document)]
    if settings:
        base = here if source.folder is None or ("data",) in overridden else source.folder
        data = settings.data if isinstance(settings.data, str) else base / settings.data
        problems += _problems_of_data(source, settings, data, overridden)
        if source.folder is None and not is_loopback(urlsplit(settings.feed.url).hostname):
            problems.append(
                f"environment: {URL_VARIABLE}: is no address of this machine, where alone a sandbox is served; unset "
                f"it, or write a {DEFAULT_FILE} for your feed and leave the sandbox out"
            )
    if problems or settings is None:
        # Outside the except block: a chained ValidationError would bring back what was left out of the lines.
        raise ConfigError(*problems)
    config = Config(
        **{**dict(settings), "data": data},
        source=source.name,
        is_sandbox=source.folder is None and ("feed", "url") not in overridden,
        uses_sandbox_content=source.folder is None,
    )
    return config.with_secrets(environ, source.tokens)


def _problems_of_data(
    source: Source, settings: File, data: Path | str, overridden: Mapping[Location, str]
) -> Iterator[str]:
    """What is wrong with the data folder's whole path, or with the object store of an address."""
    where = f"environment: {overridden['data',]}" if ("data",) in overridden else f"{source.name}: data"
    if isinstance(data, Path):
        if problem := folder_problem(data):
            yield f"{where}: {problem}"
        return
    if importlib.util.find_spec("obstore") is None:
        yield f"{where}: is in an object store, for which a package is missing; pip install '{_EXTRA}'"
    for key, problem in storage_problems(settings.storage, data.partition(":")[0]):
        yield f"{source.name}: storage.{key}: {problem}"


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError:
        raise ConfigError("environment: the working folder: is not there any more; change to one that is") from None
