"""The sections of params.yaml, one module a stage."""
