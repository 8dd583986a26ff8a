"""Judge finished episodes again, by what was said in them; no model is asked.

The replies are fed to a new referee. If it ends the episode earlier, the rest is cut
off. If it wants to hear more than was said, or somebody else, then what was said does
not decide the episode, and no outcome is made up.
"""

from dataclasses import replace

from games.contract import Instance, Kind, Outcome
from games.registry import get_game
from games.session import Episode, Session


def rescore(episode: Episode, instance: Instance) -> Episode | None:
    """Judge an episode again by its instance's rules; None if they cannot.

    Contexts stay what the players saw, and turns keep their token ids.
    """
    session = Session(
        get_game(episode.game),
        instance,
        episode.players,
        sample=episode.sample,
        seed=episode.seed,
    )
    heard = []
    for turn in episode.turns:
        if session.role is None:
            break
        if turn.kind != Kind.GIVEN:
            if session.role != turn.role:
                return None
            session.reply(turn.reply)
        heard.append(turn)
    if session.role is not None:
        return None
    return replace(session.episode(), turns=heard)


def change_rules(instance: Instance, rules: str | None) -> Instance:
    """Put the instance under other rules, if its game has them."""
    if rules not in get_game(instance.game).spec.rules:
        return instance
    return replace(instance, data=instance.data | {"rules": rules})


def has_same_end(one: Episode, other: Episode | None) -> bool:
    """Whether two episodes ended with the same outcome and main score."""
    if other is None or one.outcome != other.outcome:
        return False
    aborted = one.outcome == Outcome.ABORTED
    return aborted or abs(one.main_score - other.main_score) < 1e-6
