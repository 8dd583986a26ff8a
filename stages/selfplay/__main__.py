"""Collect episodes on training instances: `python -m stages.selfplay`."""

import pandas as pd

from games.session import Episode, Turn
from pipeline.params.part import load_part
from stages.common.cli import run
from stages.common.cost import locate_cost
from stages.common.episodes import read_episodes
from stages.common.files import DATA, write_json
from stages.selfplay.collect import SelfplayParams, collect

FOLDER = DATA / "selfplay"
EPISODES = FOLDER / "episodes.parquet"


def summarize(episodes: list[Episode]) -> dict[str, dict[str, dict[str, float]]]:
    """Count episodes, and take rates (percent), for each game and pairing of players.

    Episodes that branch off others are counted, and left out of the rates.
    """
    table = pd.DataFrame(
        {
            "game": e.game,
            "pairing": "-".join(e.players.values()),
            "played": 100.0 * (e.outcome != "aborted"),
            "won": 100.0 * (e.outcome == "success"),
            "branch": e.branch,
            "turns": len(e.turns),
            "sampled_tokens": sum(len(turn.token_ids) for turn in _take_own(e)),
        }
        for e in episodes
    )
    metrics: dict[str, dict[str, dict[str, float]]] = {}
    for (game, pairing), every in table.groupby(["game", "pairing"]):
        rows = every[every["branch"] < 0]
        metrics.setdefault(str(game), {})[str(pairing)] = {
            "episodes": len(rows),
            "branches": len(every) - len(rows),
            "played": round(rows["played"].mean(), 2),
            "won": round(rows["won"].mean(), 2),
            "turns": round(rows["turns"].mean(), 2),
            "sampled_tokens": int(every["sampled_tokens"].sum()),
        }
    return metrics


def _take_own(episode: Episode) -> list[Turn]:
    """Take the turns that were played for this episode, not for one it branches off."""
    return episode.turns[max(episode.branch, 0) :]


def main() -> None:
    """Play, then write the episodes, their metrics and what they cost."""
    shards = collect(load_part(SelfplayParams))
    shards.join(EPISODES)
    write_json(FOLDER / "metrics.json", summarize(read_episodes(EPISODES)))
    shards.cost.write(locate_cost("selfplay"))
    shards.discard()


if __name__ == "__main__":
    run(main)
