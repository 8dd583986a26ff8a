"""What the trainers stand on: one recipe, checkpoints, scores of labelled tokens."""
