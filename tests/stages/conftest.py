"""A tiny policy, and a project folder of one's own."""

from pathlib import Path

import pytest


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, as every path of a stage is relative."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def tiny_policy(project: Path) -> Path:
    """Return the folder of an untrained policy, the base of the project."""
    # here, as the stage `games` is tested where no torch is installed
    from stages.base.tiny import make_tiny_policy as build_tiny
    from stages.common.policy import save_policy

    folder = project / "data" / "base"
    save_policy(*build_tiny(hidden_size=32, layers=2), folder)
    return folder
