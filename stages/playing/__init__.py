"""Episodes in flight: tables, seats, branches, shards."""
