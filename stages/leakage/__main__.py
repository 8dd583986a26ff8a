"""Count what the splits of each game share, and refuse any overlap."""

import argparse

from games.registry import GAMES
from pipeline.params.part import load_part
from pipeline.params.schema import Section
from pipeline.params.sections.leakage import Leakage
from pipeline.params.sections.study import Games
from stages.common.cli import run
from stages.common.files import DATA, write_json
from stages.common.games import confirm_code
from stages.common.instances import locate_instances, read_instances
from stages.leakage.audit import AUDITED, audit, refuse_overlap


class LeakageParams(Section):
    """What this stage reads of params.yaml."""

    games: Games
    leakage: Leakage


def main() -> None:
    """Audit every game that is trained on."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    params = load_part(LeakageParams)
    games = params.games.held_in
    confirm_code("held_in", games)
    splits = {
        split: read_instances(locate_instances(split), games=games) for split in AUDITED
    }
    overlaps = {}
    for name in games:
        own = {
            split: [one for one in instances if one.game == name]
            for split, instances in splits.items()
        }
        overlaps[name] = audit(GAMES[name], own)
        if name not in params.leakage.may_overlap:
            refuse_overlap(name, overlaps[name])
    write_json(DATA / "leakage" / "audit.json", overlaps)
    allowed = [name for name in params.leakage.may_overlap if name in overlaps]
    print("no two splits share an instance", end="")
    print(f", but perhaps of {', '.join(allowed)}" if allowed else "")


if __name__ == "__main__":
    run(main)
