"""Which split a target belongs to, by its own hash: no list to keep, no overlap."""

import hashlib

SPLITS = ("train", "validation", "test")
_SHARES = (0.6, 0.2, 0.2)


def split_of(target: str) -> str:
    """Return the split that owns a target (a word, a grid), the same on any machine."""
    share = int(hashlib.sha256(target.encode()).hexdigest()[:8], 16) / 2**32
    return SPLITS[(share >= _SHARES[0]) + (share >= _SHARES[0] + _SHARES[1])]
