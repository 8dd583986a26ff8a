"""Check params.yaml, and write what it asks for: `python -m pipeline.params`."""

import sys

from games.errors import ParamsError
from pipeline.params.plan import write_plan
from pipeline.params.read import load_params

if __name__ == "__main__":
    try:
        write_plan(load_params())
    except ParamsError as error:
        sys.exit(f"error: {error}")
