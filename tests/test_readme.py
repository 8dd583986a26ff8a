"""README.md tells what the report says, and nothing else."""

import re
from pathlib import Path

import pytest

from stages.report.readme import END, START

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def test_the_results_are_those_of_the_report() -> None:
    """An edit by hand between the markers is noticed."""
    block = README.partition(START)[2].partition(END)[0]
    table = (ROOT / "data/report/table.md").read_text()
    assert block.strip() == table.strip(), "run `python -m stages.report`"


@pytest.mark.parametrize(
    "command", re.findall(r"python -m ([\w.]*\w)\b(?!\.<)", README)
)
def test_every_module_of_the_readme_is_there(command: str) -> None:
    """A command that the README names can be run."""
    path = ROOT.joinpath(*command.split("."))
    assert path.with_suffix(".py").exists() or (path / "__main__.py").exists()
