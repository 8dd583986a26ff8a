"""Direct preference optimisation on pairs of one level.

    python -m stages.dpo --variant dpo-turn --seed 0

Reads data/preferences/pairs.parquet and the start policy, which is also the frozen
reference; writes the policy to data/dpo/<variant>/<seed>/ and its curve to
data/curves/dpo/<variant>/<seed>.csv.  Stopped at any time, it goes on from the last
checkpoint under scratch/.
"""
