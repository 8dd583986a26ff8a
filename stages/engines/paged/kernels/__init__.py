"""Kernels of the paged engine, in Triton: each does in one launch what takes many."""
