"""yardsticks: what knowing nothing earns in each game and seat, and knowing it all.

Run as `python -m stages.yardsticks`. Blind players and the expert play the instances
that policies are tested on: by themselves in all roles, as a policy does, and in each
role of a game beside experts.
"""
