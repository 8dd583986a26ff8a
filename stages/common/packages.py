"""The versions of packages as an artifact, confirmed by every stage that DVC runs."""

import json
from pathlib import Path

from games.errors import ArtifactError
from pipeline.params.packages import list_versions
from stages.common.files import DATA, explain_missing

VERSIONS = DATA / "packages" / "versions.json"


def confirm_packages(path: Path = VERSIONS) -> None:
    """Make sure that what is installed is what the stage `packages` wrote down.

    Raises:
        ArtifactError: that stage has not run, or a package was changed since.
    """
    try:
        seen = json.loads(path.read_text())
    except FileNotFoundError as error:
        raise explain_missing(path) from error
    except ValueError as error:
        raise ArtifactError(f"{path} is damaged: delete it and run again") from error
    for name, version in list_versions().items():
        if version != seen.get(name):
            raise ArtifactError(
                f"{name} {version} is installed, but the stage `packages` saw "
                f"{seen.get(name)}: run `make setup` if that was not meant, or "
                "`dvc repro --force --single-item packages`, and run again"
            )
