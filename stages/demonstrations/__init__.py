"""Demonstrations: won episodes, one chat row for each role that played.

    python -m stages.demonstrations

Reads data/selfplay/episodes.parquet; writes data/demonstrations/rows.parquet, which
supervised fine-tuning learns from, and metrics.json beside it.

Departures from the paper: the episodes are our own self-play instead of a leaderboard's
transcripts; rows are balanced over variants and roles of a game, not taken from the
best models first; a dialogue stays whole (its replies are all learned in one pass)
instead of being split into a prefix for every reply; the shuffle is seeded.
"""
