"""games: check the games of the study, and name their code by its content.

    python -m stages.games --part held_in|held_out

Writes data/games/<part>.json, and beside it <part>-bridges.json, where the bridges to
clembench count too. The stages that play depend on these files, not on all of
games/: a game that is added or edited, but not named in `params.games`, puts nothing
out of date, and a game that is held out puts no training out of date.
"""
