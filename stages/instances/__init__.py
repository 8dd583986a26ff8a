"""instances: seeded instances of the study's games, one file a split.

    python -m stages.instances --split train|validation|test|held_out

The games that are trained on have train, validation and test instances, each game that
is held out has test instances only: data/instances/held_out.parquet. That no two splits
share an instance is checked by `stages.leakage`.
"""
