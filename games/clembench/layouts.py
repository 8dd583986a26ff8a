"""Where clembench keeps an episode: folders and their names."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from games.clembench.instances import get_their_name
from games.registry import GAMES
from games.session import Episode

INTERACTIONS, INSTANCE, SCORES = "interactions.json", "instance.json", "scores.json"
EXPERIMENT, RUN, COMPLETED = "experiment.json", "run.json", "completed.json"
STUDY = "study"
"""Our own key of interactions.json: what clembench has no word for."""
WRITTEN = {"game", "variant", "players", "outcome", "main_score", "turns"}
"""Of an episode, what clembench's files have place for; the rest is STUDY's."""
NOT_PARAMETERS = {
    "timestamp",
    "game_name",
    "experiment_name",
    "player_models",
    "duration",
}
"""What experiment.json has beside the experiment's parameters."""


class Layout(StrEnum):
    """Whose layout: a version of clemcore."""

    V2 = "3.2.0"
    V3 = "3.7.2"


@dataclass(frozen=True)
class Place:
    """Where one episode stands, below the folder of results."""

    run: str
    """The folder of the models that played."""
    experiment: str
    """The folder of its game and variant, below that."""
    episode: str
    """Its own folder, below that."""
    number: int
    """Clembench's id of its instance, unique in the experiment."""


def find_places(episodes: Sequence[Episode], layout: Layout) -> list[Place]:
    """Give each episode a place of its own, in the same order."""
    ids = _list_ids(episodes)
    experiments = _list_experiments(episodes)
    before: Counter[tuple[str, ...]] = Counter()
    found = []
    for one in episodes:
        run = name_run(one)
        number = ids[one.game, one.variant].index(one.instance_id)
        game, nth = get_their_name(one.game), experiments[one.game].index(one.variant)
        if layout is Layout.V2:
            nth_here = before[run, one.game, one.variant]
            before[run, one.game, one.variant] += 1
            experiment, episode = f"{game}/{nth}_{one.variant}", f"episode_{nth_here}"
        else:
            repeated = before[run, one.game, one.variant, one.instance_id]
            before[run, one.game, one.variant, one.instance_id] += 1
            experiment, episode = f"{game}/{one.variant}", f"instance_{number:05d}"
            episode += f"_again_{repeated}" if repeated else ""
        found.append(Place(run, experiment, episode, number))
    return found


def name_run(episode: Episode) -> str:
    """Name a run by its models, one after the other."""
    names = dict.fromkeys(episode.players.values())
    return "--".join(name.replace("/", "-") for name in names)


def _list_ids(episodes: Iterable[Episode]) -> dict[tuple[str, str], list[str]]:
    """List the instances of each game and variant, in order of appearance."""
    found: dict[tuple[str, str], dict[str, None]] = {}
    for one in episodes:
        found.setdefault((one.game, one.variant), {})[one.instance_id] = None
    return {key: list(ids) for key, ids in found.items()}


def _list_experiments(episodes: Iterable[Episode]) -> dict[str, list[str]]:
    """List the variants of each game: its own, then whatever else was played."""
    found: dict[str, dict[str, None]] = {}
    for one in episodes:
        known = dict.fromkeys(GAMES[one.game].spec.variants)
        found.setdefault(one.game, known)[one.variant] = None
    return {game: list(variants) for game, variants in found.items()}
