"""play: a policy on unseen instances of the trained games, and on unseen games.

Run as `python -m stages.play --policy sft/sft/0`. The policy fills every role, as in
clembench (self-play), on the test split only.
"""
