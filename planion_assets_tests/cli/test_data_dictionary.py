"""The data dictionary is the catalog's, and what people read of the tables names every one."""

from pathlib import Path

from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets.tables.catalog import ASSETS, HISTORIES, OVERVIEWS
from planion_assets.tables.endpoint_tables import endpoint_tables

# The last two stand for those of every method of the feed that only settings name.
DESCRIBED = (*ASSETS, *OVERVIEWS, *endpoint_tables("abstracts"))
ROOT = Path(__file__).parents[2]


def test_the_dictionary_is_not_stale_and_is_what_the_command_prints() -> None:
    printed = CliRunner(catch_exceptions=False).invoke(main, ["tables"])
    assert printed.exit_code == 0
    written = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8")
    assert written == printed.output, "run: .venv/bin/planion tables > docs/reference/tables.md"


def test_it_has_a_row_for_every_column_of_every_table() -> None:
    sections = (ROOT / "docs" / "reference" / "tables.md").read_text(encoding="utf-8").split("\n## ")[2:]
    assert [section.split("\n")[0] for section in sections] == [table.name for table in DESCRIBED]
    for table, section in zip(DESCRIBED, sections, strict=True):
        rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| `")]
        assert [row[0] for row in rows] == [f"| `{column.name}`" for column in table.columns]
        for row, column in zip(rows, table.columns, strict=True):
            assert row[1] == column.kind.arrow
            assert all(f"`{key}`" in row[2] for key in column.source)
            assert ("*Personal.*" in row[3]) == column.personal
            assert row[4].startswith("`"), f"{table.name}.{column.name} has no example"
            assert column.source or table in (*HISTORIES, *OVERVIEWS)


def test_the_readme_and_the_data_folder_name_every_table() -> None:
    for page in ("README.md", "data/README.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        assert [table.name for table in (*ASSETS, *OVERVIEWS) if f"`{table.location}`" not in text] == [], page
