"""`dvc status` of a study of many policies: DVC's own answer, in a tenth of the time.

How to run: `python -m pipeline.status`, with the options of `dvc status`.
"""

import sys

from dvc.cli import main

from games.errors import StudyError
from pipeline.conflicts import refuse_conflicts
from pipeline.lockfile import parse_lock_quickly
from pipeline.once import look_once

if __name__ == "__main__":
    try:
        refuse_conflicts()
    except StudyError as error:
        sys.exit(f"error: {error}")
    with parse_lock_quickly(), look_once():
        sys.exit(main(["status", *sys.argv[1:]]))
