"""The study that is measured is finished, as large as asked, and the project's own."""

from pathlib import Path

from stages.tools.graph_speed.__main__ import make_study, measure_study


def test_a_made_study_is_finished(tmp_path: Path) -> None:
    """Ten policies are 45 stages; DVC has nothing to say, and every question costs."""
    study = tmp_path / "study"
    stages = make_study(study, 10)
    lock = (study / "dvc.lock").read_text()
    assert stages == lock.count("\n    cmd: ") == 45
    costs = measure_study(study, dvc=True)
    assert all(cost.cpu_seconds > 0 and cost.peak_mb > 20 for cost in costs.values())
    after = (study / "dvc.lock").read_text()
    assert len(set(after.splitlines()) - set(lock.splitlines())) < 5
