"""play: a policy on unseen instances of the trained games, and on unseen games.

Run as `python -m stages.play --lineup self --policy sft/sft/0`, on the test split only.
A lineup says who sits where: in `self` the policy fills every role, as in clembench;
beside a partner it fills each role in turn, and is judged seat by seat.
"""
