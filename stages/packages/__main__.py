"""Write down which versions are installed, and say where requirements.lock differs."""

import argparse
from pathlib import Path

from pipeline.params.packages import NOT_INSTALLED, list_versions
from stages.common.cli import run
from stages.common.files import write_json
from stages.common.packages import VERSIONS

LOCK = Path("requirements.lock")


def main() -> None:
    """Write the versions."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    versions = list_versions()
    write_json(VERSIONS, versions)
    print(f"{len(versions)} packages decide numbers")
    for line in LOCK.read_text().splitlines():
        name, _, locked = line.partition("==")
        found = versions.get(name.lower().replace("-", "_"), locked)
        if found not in (locked, NOT_INSTALLED):
            print(f"{name} {found} is installed, {LOCK} names {locked}")


if __name__ == "__main__":
    run(main)
