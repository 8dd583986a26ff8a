"""The parameters of the study: params.yaml, checked.

How to run: `python -m pipeline.params` checks the file, and that this machine can run
it (`pipeline.params.machine`), and says nothing if both are fine.
How to use: a stage names its part of the file and calls `load_part` of
`pipeline.params.part`; whoever needs all of it calls `load_params` of
`pipeline.params.read`.
`params.sft.variant("sft")` holds the settings of one variant.

`snakemake` and `make reproduce` stop here before anything is computed. Plain
`dvc repro` does not: DVC fills params.yaml into dvc.yaml by itself, and says in its own
words if the file is not YAML or lacks a key that dvc.yaml names. Any other mistake is
refused by the first stage that DVC runs, not by those that it skips as up to date.
"""
