"""Preferences: pairs of a won and a lost course of the same instance, for one role.

    python -m stages.preferences

Reads data/selfplay/episodes.parquet; writes data/preferences/pairs.parquet with pairs
of both levels, and metrics.json beside it.

- dialogue level: the same first message; chosen and rejected are the whole rest.
- turn level: the same history up to the reply where the two part; chosen and rejected
  are these two replies. Every reply of a won episode counts as good, and every reply
  with which a lost one leaves it as bad.

Departures from the paper: an episode that the partner's reply aborted is no negative
(that failure is not this role's); a pair whose replies do not differ is left out, and
so are duplicates; negatives and capped pairs are drawn with a seed, balanced over
variants, roles and branches; `negatives_per_positive` also bounds a branch at turn
level; a game without lost episodes keeps its pairs with aborted ones.
"""
