"""Our episodes as clembench's result folders, and its result folders as our episodes.

write_results(Path("results"), episodes, instances, Layout.V3)
read_results(Path("results")).episodes
"""

from games.results.layouts import Layout
from games.results.read import Results, read_results
from games.results.write import write_results

__all__ = ["Layout", "Results", "read_results", "write_results"]
