"""The engine for a GPU: sessions in pages, decoding in CUDA graphs."""
