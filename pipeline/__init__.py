"""How the stages are wired: the schema of params.yaml, presets, and both drivers."""

import sys

from pipeline.interrupt import stop_calmly

# here, so that it is in place before DVC is imported
sys.excepthook = stop_calmly
