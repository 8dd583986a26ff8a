"""Who samples replies: a local model, vLLM, or an endpoint."""
