"""Ctrl-C outside of `stages.common.cli`, as while torch is imported: no traceback.

How to use: `sys.excepthook = stop_calmly`, as the packages `stages` and `pipeline` do.
"""

import sys
from types import TracebackType


def stop_calmly(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """Say what `stages.common.cli.run` says and exit 130; show any other error."""
    if not issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    print("stopped: what is finished is kept, run again to go on", file=sys.stderr)
    sys.exit(130)
