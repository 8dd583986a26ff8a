"""Games: check those of the study, and name their code by its content.

    python -m stages.games

Writes data/games/code.json. The stages that play depend on this file, not on all of
games/: a game that is added or edited, but not named in `params.games`, puts nothing
out of date.
"""
