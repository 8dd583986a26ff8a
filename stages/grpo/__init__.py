"""grpo: a policy trained on its own rollouts, against a frozen partner.

Run as `python -m stages.grpo --start warmup/formats --variant grpo --seed 0`.
"""
