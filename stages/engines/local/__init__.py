"""The engine of transformers models: many sessions in one forward pass."""
