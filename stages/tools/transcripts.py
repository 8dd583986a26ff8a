"""Episodes as clembench's results, its results as episodes, and both judged again.

    python -m stages.tools.transcripts export --episodes FILE --out FOLDER
        [--layout 3.7.2]
    python -m stages.tools.transcripts import FOLDER --out FILE
    python -m stages.tools.transcripts rescore --episodes FILE [--rules v3] [--json]

Episodes are played on the instances in data/instances, but for those that `import`
writes: they have theirs beside them, to be named with --instances. Not a stage: nothing
of the study depends on it.
"""

import argparse
import json
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from games.clembench.layouts import Layout
from games.clembench.read import Results, Verdict, read_results
from games.clembench.rescore import change_rules, rescore
from games.clembench.write import write_results
from games.contract import Instance, Kind
from games.errors import ArtifactError
from games.registry import get_game
from games.scoring import Scores, score_episodes
from games.session import Episode
from stages.common.cli import run
from stages.common.episodes import read_episodes, write_episodes
from stages.common.files import make_whole_folder
from stages.common.instances import (
    SPLITS,
    locate_instances,
    read_instances,
    write_instances,
)

Key = tuple[str, str]
"""(game, instance id)"""


@dataclass
class Judged:
    """Episodes before and after they were judged again."""

    before: list[Episode]
    """Of those that what was said decides."""
    after: list[Episode]
    undecided: list[Episode]

    def score(self) -> tuple[Scores, Scores]:
        """Score the decided episodes, before and after."""
        return _score(self.before), _score(self.after)


def judge(
    episodes: Iterable[Episode], instances: dict[Key, Instance], rules: str | None
) -> Judged:
    """Judge each episode by its instance's rules, or by others where there are such."""
    found = Judged([], [], [])
    for one in episodes:
        instance = instances[one.game, one.instance_id]
        again = rescore(one, change_rules(instance, rules) if rules else instance)
        if again is None:
            found.undecided.append(one)
        else:
            found.before.append(one)
            found.after.append(again)
    return found


def _score(episodes: Iterable[Episode]) -> Scores:
    return score_episodes((e.game, e.outcome, e.main_score) for e in episodes)


def list_lines(judged: Judged, rules: str | None) -> list[str]:
    """List the lines to print: each game, and all of them, before and after."""
    before, after = judged.score()
    undecided = Counter(one.game for one in judged.undecided)
    lines = [
        f"{'':28}{'':8}{'episodes':>9}{'undecided':>10}{'played':>16}{'main score':>16}"
        f"{'clemscore':>16}",
        f"{'game':28}{'rules':8}{'':19}" + f"{'before':>9}{'after':>7}" * 3,
    ]
    for game in sorted(before.per_game.keys() | undecided.keys()):
        cells = f"{game:28}{_find_rules(game, rules):8}"
        own = before.per_game.get(game), after.per_game.get(game)
        number = own[0].episodes if own[0] else 0
        cells += f"{number + undecided[game]:9}{undecided[game]:10}"
        if own[0] and own[1]:
            cells += _write_pair("played", own) + _write_pair("quality", own)
            cells += _write_pair("product", own)
        lines.append(cells)
    total = len(judged.before) + len(judged.undecided)
    cells = f"{'all':36}{total:9}{len(judged.undecided):10}"
    for name in ("played", "quality", "clemscore"):
        cells += _write_pair(name, (before, after))
    lines.append(cells)
    if rules and " only" in "".join(lines[2:-1]):
        lines.append(f"only: clembench has no rules {rules} of that game, or the same")
    return lines


def _write_pair(name: str, sides: Sequence[Any]) -> str:
    one, other = (getattr(side, name) for side in sides)
    return f"{one:9.2f}{other:7.2f}"


def _find_rules(game: str, rules: str | None) -> str:
    """Find the rules that a game is judged by; "v2 only" if it has no others."""
    own = get_game(game).spec.rules
    if rules is None:
        return "as is"
    return rules if rules in own else f"{own[0]} only"


def nest(judged: Judged, rules: str | None) -> dict[str, Any]:
    """Nest what is printed for JSON; what is undefined is None."""
    before, after = (_replace_nan(asdict(scores)) for scores in judged.score())
    missing: dict[str, list[str]] = defaultdict(list)
    for one in judged.undecided:
        missing[one.game].append(one.instance_id)
    games = {one.game for one in [*judged.before, *judged.undecided]}
    return {
        "rules": {game: _find_rules(game, rules) for game in sorted(games)},
        "before": before,
        "after": after,
        "not decided by what was said": missing,
    }


def _replace_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _replace_nan(inner) for key, inner in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value


def find_instances(
    paths: Sequence[Path], episodes: Sequence[Episode]
) -> dict[Key, Instance]:
    """Find what episodes were played on.

    Raises:
        ArtifactError: no file holds an episode's instance, or an episode is none of
            its game.
    """
    known = {
        (one.game, one.instance_id): one
        for path in paths
        for one in read_instances(path, games=[])
    }
    for one in episodes:
        if (one.game, one.instance_id) not in known:
            raise ArtifactError(
                f"{', '.join(map(str, paths))}: no instance {one.instance_id} of "
                f"{one.game}: name with --instances the file that the episodes were "
                "played on"
            )
        roles = get_game(one.game).spec.roles
        kinds = {turn.kind for turn in one.turns}
        if one.players.keys() != set(roles) or not kinds <= set(Kind):
            raise ArtifactError(
                f"episode {one.instance_id} of {one.game} has other roles or turns "
                "than the game: name a file of episodes"
            )
    return known


def export(arguments: argparse.Namespace) -> None:
    """Write episodes as a folder of clembench's results."""
    folder = arguments.out
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArtifactError(f"{folder} exists and is not empty: name another folder")
    episodes = read_episodes(arguments.episodes)
    instances = find_instances(arguments.instances, episodes)
    with make_whole_folder(folder) as temporary:
        write_results(temporary, episodes, instances, arguments.layout)
    print(
        f"{len(episodes)} episodes written to {folder}, as clemcore {arguments.layout}"
    )


def import_results(arguments: argparse.Namespace) -> None:
    """Read a folder of clembench's results as episodes and instances."""
    results = read_results(arguments.folder)
    path = arguments.out.with_name(f"{arguments.out.stem}-instances.parquet")
    write_episodes(arguments.out, results.episodes)
    write_instances(path, results.instances.values())
    print(
        f"{len(results.episodes)} episodes written to {arguments.out}, "
        f"their {len(results.instances)} instances to {path}"
    )
    for game, number in sorted(results.unknown.items()):
        print(f"{game}: {number} episodes left out, there is no such game here")
    for path in results.undecided:
        print(f"{path}: left out, without scores and not decided by what was said")
    print("\n".join([*list_verdicts(results), *results.doubts]))
    if results.broken:
        raise ArtifactError(
            f"{len(results.broken)} episodes could not be read, all others are "
            "written: " + "; ".join(results.broken)
        )


def list_verdicts(results: Results) -> list[str]:
    """List the lines to print of how our rules judge what clembench scored."""
    header = f"{'game':28}{'imported':>9}" + "".join(f"  {one}" for one in Verdict)
    return [
        header,
        *(
            f"{game:28}{sum(by.values()):9}"
            + "".join(f"  {by[one]:{len(one)}}" for one in Verdict)
            for game, by in sorted(results.verdicts.items())
        ),
    ]


def judge_again(arguments: argparse.Namespace) -> None:
    """Judge episodes again, and print the scores before and after."""
    episodes = read_episodes(arguments.episodes)
    instances = find_instances(arguments.instances, episodes)
    judged = judge(episodes, instances, arguments.rules)
    if arguments.out:
        write_episodes(arguments.out, judged.after)
        played = {(one.game, one.instance_id) for one in judged.after}
        again = [change_rules(instances[key], arguments.rules) for key in played]
        again.sort(key=lambda one: (one.game, one.instance_id))
        path = arguments.out.with_name(f"{arguments.out.stem}-instances.parquet")
        write_instances(path, again)
    if arguments.json:
        print(json.dumps(nest(judged, arguments.rules), indent=2))
        return
    print("\n".join(list_lines(judged, arguments.rules)))
    for one in judged.undecided:
        print(f"{one.game} {one.instance_id}: not decided by what was said")


def main(arguments: Sequence[str] | None = None) -> None:
    """Do what the first argument says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(required=True, metavar="export|import|rescore")
    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument("--episodes", type=Path, required=True, metavar="FILE")
    every = [locate_instances(split) for split in SPLITS]
    reading.add_argument(
        "--instances", type=Path, nargs="+", default=every, metavar="FILE"
    )

    one = commands.add_parser("export", parents=[reading], help=export.__doc__)
    one.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    one.add_argument("--layout", type=Layout, choices=list(Layout), default=Layout.V3)
    one.set_defaults(do=export)

    one = commands.add_parser("import", help=import_results.__doc__)
    one.add_argument("folder", type=Path, metavar="FOLDER")
    one.add_argument("--out", type=Path, required=True, metavar="FILE")
    one.set_defaults(do=import_results)

    one = commands.add_parser("rescore", parents=[reading], help=judge_again.__doc__)
    one.add_argument("--rules", choices=["v2", "v3"], help="of games that have them")
    one.add_argument("--out", type=Path, metavar="FILE", help="episodes as judged")
    one.add_argument("--json", action="store_true", help="print JSON, no table")
    one.set_defaults(do=judge_again)

    chosen = parser.parse_args(arguments)
    chosen.do(chosen)


if __name__ == "__main__":
    run(main)
