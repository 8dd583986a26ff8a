"""leakage: an audit that the splits of a game share no instance.

    python -m stages.leakage

Reads the train, validation and test instances; writes data/leakage/audit.json. An
instance that two splits share stops the study: a test on it would not be unseen. It is
a stage of its own so that more test instances put no training out of date.
"""
