"""Make the instances of all games of the study: `python -m stages.instances`."""

from games.registry import GAMES
from pipeline.params import load_params
from stages.common.cli import run
from stages.common.files import DATA, write_json
from stages.common.games import confirm_code
from stages.common.instances import INSTANCES, write_instances
from stages.instances.audit import audit, refuse_overlap
from stages.instances.sources import Row, by_rules, generated, taken


def main() -> None:
    """Make, audit and write."""
    params = load_params()
    games = [*params.games.held_in, *params.games.held_out]
    confirm_code(games)
    settings = params.instances
    rows: list[Row] = []
    overlaps = {}
    for name in games:
        game = GAMES[name]
        if settings.source == "generators":
            own = generated(game, settings, params.seed)
        else:
            own = taken(game, settings, held_out=name in params.games.held_out)
        overlaps[name] = audit(game, own)
        if name not in settings.may_overlap:
            refuse_overlap(name, overlaps[name])
        rows += by_rules(game, own, settings.rules)
    write_instances(INSTANCES, rows)
    write_json(DATA / "instances" / "audit.json", overlaps)
    allowed = [name for name in settings.may_overlap if name in overlaps]
    print(f"{len(rows)} instances; no two splits share one", end="")
    print(f", but perhaps of {', '.join(allowed)}" if allowed else "")


if __name__ == "__main__":
    run(main)
