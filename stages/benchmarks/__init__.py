"""Benchmarks: what a policy keeps of its general skills, by lm-eval."""
