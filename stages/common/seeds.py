"""Seeds that depend on what is done, never on when or in which order."""

import hashlib


def derive_seed(*parts: object) -> int:
    """Hash (run seed, game, instance, sample, ...) to a seed of 63 bits."""
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 1
