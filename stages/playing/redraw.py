"""What a partner broke is drawn again: it says nothing about the policy that learns."""

from collections.abc import Callable, Collection, Iterable, Sequence

from stages.playing.table import Table

MAX_DRAWS = 4
"""Of one episode; the last one stays as it is, ended by who broke the format."""


def is_broken_by_partner(table: Table, learners: Collection[str]) -> bool:
    """Tell whether a role that nobody learns from broke a finished episode's format."""
    master = table.session.master
    return bool(learners) and master.is_aborted and master.ended_by not in learners


def draw_again(
    places: Iterable[int],
    play: Callable[[Sequence[int], int], Sequence[Table]],
    is_void: Callable[[int, Table], bool],
) -> list[Table]:
    """Play one table for each place; return them finished, in the order of places.

    Args:
        places: of the episodes.
        play: (places, draw) -> their tables, played; another draw, another seed.
        is_void: tells whether a place's table is to be drawn again.
    """
    todo = list(places)
    done: dict[int, Table] = {}
    for draw in range(MAX_DRAWS):
        done |= zip(todo, play(todo, draw), strict=True)
        todo = [place for place in todo if is_void(place, done[place])]
        if not todo:
            break
    return [done[place] for place in sorted(done)]
