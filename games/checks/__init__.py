"""What every game must keep, and texts to check it with."""
