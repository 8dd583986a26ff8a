"""What each step of the study does: one folder a stage, run as `python -m stages.X`."""
