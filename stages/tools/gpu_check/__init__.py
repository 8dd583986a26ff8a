"""What one GPU does, beside its peers; see `__main__`."""
