"""How fast the two drivers look at a graph of many policies, and how that grows."""
