"""The documents agree with themselves and with the code: links, lengths, names, settings, checks."""

import itertools
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from planion_assets.cli.main import main
from planion_assets.config.models import AccountConfig, ConferenceConfig, File
from planion_assets.definitions import defs
from planion_assets.storage.parquet_file import NOTES
from planion_assets.tables.quality.check_catalog import CHECKS
from planion_assets_tests.pages import ROOT, anchors, documents, prose, text_of

PAGES = documents()
NAMES = [str(path.relative_to(ROOT)) for path in PAGES]
LONGEST = {"README.md": 150, "CONTRIBUTING.md": 100, "CHANGELOG.md": 150}
CONTENTS_FROM = 100
"""A page of more lines has a list of its sections."""

_LINK = re.compile(r"\]\(([^()\s]+)\)")
_LISTED: dict[str, type[BaseModel]] = {"accounts": AccountConfig, "conferences": ConferenceConfig}


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_and_anchor_leads_somewhere(page: Path) -> None:
    broken = []
    for link in _LINK.findall(prose(page)):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and (path.suffix != ".md" or anchor not in anchors(path))):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_no_page_is_too_long_and_a_long_one_lists_its_sections(page: Path) -> None:
    text, name = page.read_text(encoding="utf-8"), str(page.relative_to(ROOT))
    lines = text.count("\n")
    assert lines <= LONGEST.get(name, lines)
    if lines > CONTENTS_FROM and name not in LONGEST:
        listed = [link for link in _LINK.findall(text) if link.startswith("#")]
        assert len(listed) >= len(re.findall(r"^## ", prose(page), re.MULTILINE)) > 0


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_a_list_and_a_table_begin_where_the_site_sees_them(page: Path) -> None:
    """GitHub begins them below a line of text, the site below an empty line, a heading or an entry before."""
    inside = r"(?! *(?:[-*]|\d+\.) |  |\||#|<!--)"
    assert re.findall(rf"^{inside}\S.*\n((?:[-*]|\d+\.) .*|\|.*)", prose(page), re.MULTILINE) == []


def test_every_picture_is_made_by_a_script_and_shown_on_a_page() -> None:
    pictures = {path.name for path in (ROOT / "docs" / "images").iterdir()}
    scripts = "".join(
        path.read_text("utf-8") for folder in ("scripts", "benchmarks") for path in ROOT.glob(f"{folder}/*.py")
    )
    assert {
        name for name in pictures if not re.search(rf'"{re.escape(name.partition(".")[0])}(?:\.svg)?"', scripts)
    } == set()
    assert pictures == {Path(link).name for page in PAGES for link in _LINK.findall(prose(page)) if "images/" in link}


def test_every_page_of_the_documents_is_linked_from_their_contents() -> None:
    contents = [ROOT / "docs" / "README.md", ROOT / "docs" / "decisions" / "README.md", ROOT / "CONTRIBUTING.md"]
    linked = {
        (page.parent / link.partition("#")[0]).resolve() for page in contents for link in _LINK.findall(prose(page))
    }
    assert [str(page) for page in PAGES if "docs" in page.relative_to(ROOT).parts and page not in linked] == [
        str(ROOT / "docs" / "README.md")
    ]


def test_every_page_that_the_code_names_exists() -> None:
    folders = ("planion_assets", "planion_assets_tests", "benchmarks", "scripts")
    sources = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    sources += [ROOT / name for name in ("pyproject.toml", "Makefile", "planion.example.yaml")]
    missing = {
        (str(path.relative_to(ROOT)), page)
        for path in sources
        for page in re.findall(r"docs/[\w./-]+\.md", path.read_text(encoding="utf-8"))
        if not (ROOT / page).exists()
    }
    assert missing == set()


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_module_that_a_page_names_exists(page: Path) -> None:
    named = re.findall(r"`([\w./]+\.(?:py|yaml|lock))`", prose(page))
    places = [ROOT, ROOT / "planion_assets", ROOT / "planion_assets_tests", page.parent]
    missing = [name for name in named if "/" in name and not any((place / name).exists() for place in places)]
    assert missing == []


def test_every_folder_and_module_of_the_package_is_in_the_layers() -> None:
    names = {path.name + "/" * path.is_dir() for path in (ROOT / "planion_assets").iterdir() if path.name[0] != "_"}
    text = text_of("docs/explanation/layers.md")
    assert [name for name in sorted(names - {"py.typed"}) if f"`{name}`" not in text] == []


def test_the_checks_are_those_of_the_catalog() -> None:
    rows = [f"| `{c.name}` | {c.finds} | {c.severity.value} | {c.because} |" for c in CHECKS]
    section = text_of("docs/reference/checks.md").split("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| `")] == rows


def test_the_settings_are_those_of_the_file() -> None:
    rows = [f"| `{name}` | {description} |" for name, description in _settings(File)]
    section = text_of("docs/reference/settings.md").split("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| `")] == rows, "\n".join(rows)


def _settings(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str | None]]:
    """Each key of planion.yaml with its description; keys of lists have `[]` before them."""
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}", field.description
        if name in _LISTED:
            yield from _settings(_LISTED[name], f"{prefix}{name}[].")
        elif isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _settings(field.annotation, f"{prefix}{name}.")


def test_every_command_job_schedule_and_sensor_is_described() -> None:
    commands = text_of("docs/reference/commands.md")
    assert [name for name in main.commands if f"planion {name}" not in commands] == []
    repository = defs.get_repository_def()
    jobs = {job.name for job in repository.get_all_jobs()} - {"__ASSET_JOB"}
    names = jobs | {one.name for one in repository.schedule_defs} | {one.name for one in repository.sensor_defs}
    automation = text_of("docs/reference/automation.md")
    assert [name for name in sorted(names) if f"| `{name}` |" not in automation] == []


def test_the_options_are_those_of_the_commands() -> None:
    page = text_of("docs/reference/commands.md")
    used = re.findall(r"planion ([\w-]+)([^`\n]*)`", page)
    described = {(option, of) for of, usage in used for option in re.findall(r"--[\w-]+", usage)}
    for options, commands in re.findall(r"^\| (`--[^|]+) \| (`[^|]+) \|", page, re.MULTILINE):
        described |= set(itertools.product(re.findall(r"--[\w-]+", options), re.findall(r"[\w-]+", commands)))
    accepted = {(parameter.opts[0], name) for name, one in main.commands.items() for parameter in one.params}
    assert {option for option in accepted if option[0].startswith("--")} ^ described == set()


def test_every_key_of_a_file_s_metadata_is_described() -> None:
    metadata = text_of("docs/reference/metadata.md")
    assert [key for key in sorted(NOTES) if f"| `{key.decode()}` |" not in metadata] == []


def test_every_asset_and_check_that_the_page_of_events_names_is_there() -> None:
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text_of("docs/reference/events.md")))
    repository = defs.get_repository_def()
    checks = {key.name for key in repository.asset_graph.asset_check_keys}
    assets = {key.path[-1] for key in repository.asset_graph.get_all_asset_keys()}
    known = assets | checks | {job.name for job in repository.get_all_jobs()}
    assert named - known - {"refresh_failed"} == set()
    assert {"conference_is_refreshed", "feed_is_read", "raw_sessions"} <= named
