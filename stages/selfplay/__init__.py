"""selfplay: episodes on training instances by the players that params.yaml names.

Run as `python -m stages.selfplay`; the engine and the scheduler here also serve GRPO's
rollouts and the evaluation.
"""
