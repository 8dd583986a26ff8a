"""How every stage starts and stops: one sentence for a person, and an exit code."""

import os
import signal
import sys
from collections.abc import Callable

from safetensors import SafetensorError

from games.errors import StudyError
from pipeline.params.plan import confirm_plan
from pipeline.params.read import load_params
from stages.common.packages import confirm_packages
from stages.common.surroundings import ignore_surroundings


def run(main: Callable[[], None]) -> None:
    """Run a stage's `main`: exit 1 on an error a person can mend, 130 on Ctrl-C."""
    signal.signal(signal.SIGTERM, _interrupt)
    ignore_surroundings()
    try:
        if stage := os.environ.get("DVC_STAGE"):  # started by DVC, in the project
            confirm_plan(load_params())
            if stage != "packages":
                confirm_packages()
        main()
    except StudyError as error:
        sys.exit(f"error: {error}")
    except (OSError, SafetensorError) as error:
        sys.exit(
            f"error: a file cannot be read or written ({error}): free some disk space "
            "or mend the permissions, and run again"
        )
    except KeyboardInterrupt:
        print("stopped: what is finished is kept, run again to go on", file=sys.stderr)
        # no clean-up of worker threads: the shards and checkpoints are already on disk
        sys.stderr.flush()
        os._exit(130)


def _interrupt(signum: int, frame: object) -> None:
    raise KeyboardInterrupt
