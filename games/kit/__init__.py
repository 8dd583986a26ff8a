"""What several games use: splits, grids, regions, texts, the lexicon."""
