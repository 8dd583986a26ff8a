"""Games do not depend on the hash seed, which Python draws anew for each process."""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import json, random
from games.registry import GAMES

found = {}
for name, game in GAMES.items():
    for variant in game.spec.variants:
        made = game.generate(variant, "test", 1, random.Random(0))
        found[f"{name} {variant}"] = made
print(json.dumps(found))
"""


def test_instances_are_the_same_in_every_process() -> None:
    """Of every game and variant, to the order of what is in them."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", SCRIPT],
            cwd=ROOT,
            env=os.environ | {"PYTHONHASHSEED": seed},
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("0", "1")
    ]
    one, other = (json.loads(process.communicate()[0]) for process in processes)

    assert [name for name in one if one[name] != other[name]] == []
