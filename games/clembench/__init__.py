"""The bridge to clembench: its instances, its result folders, its recordings.

write_results(Path("results"), episodes, instances, Layout.V3)
read_results(Path("results")).episodes
"""
