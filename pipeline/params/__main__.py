"""Check params.yaml: `python -m pipeline.params`."""

import sys

from games.errors import ParamsError
from pipeline.params.read import load_params

if __name__ == "__main__":
    try:
        load_params()
    except ParamsError as error:
        sys.exit(f"error: {error}")
