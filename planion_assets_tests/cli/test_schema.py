"""`planion schema` prints the schema of planion.yaml, whatever file is there."""

import json
from importlib.resources import files
from pathlib import Path

from click.testing import CliRunner

from planion_assets.cli.main import main
from planion_assets.config.constants import EXAMPLE_FILE
from planion_assets.config.json_schema import json_schema


def test_it_prints_the_schema_where_no_configuration_can_be_used(workplace: Path) -> None:
    (workplace / "planion.yaml").write_text("accounts: []")
    done = CliRunner(catch_exceptions=False).invoke(main, ["schema"])
    assert (done.exit_code, done.stderr) == (0, "")
    assert json.loads(done.stdout) == json_schema()


def test_the_first_line_of_the_example_names_the_file_that_it_is_written_to() -> None:
    first, *others = (files("planion_assets.config") / EXAMPLE_FILE).read_text(encoding="utf-8").splitlines()
    assert first == "# yaml-language-server: $schema=planion.schema.json"
    assert "# `planion schema > planion.schema.json` writes beside it." in others
