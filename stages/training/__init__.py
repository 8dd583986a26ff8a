"""What the trainers stand on: one recipe, checkpoints, one pass for a batch."""
