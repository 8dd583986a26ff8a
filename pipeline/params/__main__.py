"""Check params.yaml, write what it asks for, and check that this machine can run it.

    python -m pipeline.params

`--elsewhere` leaves out what only the machines need that run the jobs: the device.
"""

import argparse
import sys

from games.errors import StudyError
from pipeline.params.machine import check_machine
from pipeline.params.plan import write_plan
from pipeline.params.read import load_params


def main() -> None:
    """Check the file and the machine, and say nothing if both are fine."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--elsewhere", action="store_true", help="other machines run the jobs"
    )
    elsewhere = parser.parse_args().elsewhere
    try:
        params = load_params()
        write_plan(params)
        check_machine(params, elsewhere=elsewhere)
    except StudyError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
