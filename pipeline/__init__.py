"""How the stages are wired: the schema of params.yaml, presets, and both drivers."""
