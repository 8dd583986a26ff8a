"""What stands in the environment decides no result."""

import os

import pytest

from games.errors import StudyError
from stages.common.cli import run
from stages.common.surroundings import ignore_surroundings


def test_what_would_change_results_is_taken_away_and_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """Half precision that accelerate or oneDNN would take; other names stay."""
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    monkeypatch.setenv("ONEDNN_DEFAULT_FPMATH_MODE", "BF16")
    monkeypatch.setenv("HF_HOME", "somewhere")

    ignore_surroundings()

    assert capsys.readouterr().err == (
        "ignored, as they would change results: ACCELERATE_MIXED_PRECISION, "
        "ONEDNN_DEFAULT_FPMATH_MODE\n"
    )
    assert "ACCELERATE_MIXED_PRECISION" not in os.environ
    assert os.environ["HF_HOME"] == "somewhere"
    ignore_surroundings()
    assert not capsys.readouterr().err


def test_every_stage_begins_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is computed."""
    monkeypatch.setenv("ACCELERATE_MIXED_PRECISION", "bf16")
    seen: list[bool] = []

    def main() -> None:
        seen.append("ACCELERATE_MIXED_PRECISION" in os.environ)
        raise StudyError("done")

    with pytest.raises(SystemExit, match="done"):
        run(main)
    assert seen == [False]
