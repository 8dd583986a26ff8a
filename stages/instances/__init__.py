"""instances: seeded instances for every game and split, and a leakage audit.

Run as `python -m stages.instances`.
"""
