"""Supervised fine-tuning on won episodes; the warm-up uses its trainer too.

    python -m stages.sft --variant sft --seed 0

Reads data/demonstrations/rows.parquet and the start policy; writes the policy to
data/sft/<variant>/<seed>/ and its curve to data/curves/sft/<variant>/<seed>.csv.
Stopped at any time, it goes on from the last checkpoint under scratch/.
"""
