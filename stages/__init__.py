"""What each step of the study does: one folder a stage, run as `python -m stages.X`."""

import sys

from pipeline.interrupt import stop_calmly

# here, so that it is in place before a stage imports torch
sys.excepthook = stop_calmly
