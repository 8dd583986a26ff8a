"""Warm-up: instruction mini-tasks that teach a small model to obey reply formats.

    python -m stages.warmup --variant formats

Trains the start policy on the mini-tasks of `templates.py` with the trainer of
`stages.sft`; writes the policy to data/warmup/<variant>/ and its curve to
data/curves/warmup/<variant>.csv.

There is no game episode in it, no format that only a held-out game has, and no word that
only test or validation instances may use. Formats that games share are taught for both:
taboo's "GUESS: word" is what guesswhat's guesser says at its end.

Departures from the paper: the mini-tasks are our own, and they name the formats of the
training games besides many other tags; they are a stage of their own from which any
method can start, not the first epoch of one fine-tuning.
"""
