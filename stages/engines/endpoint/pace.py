"""When an endpoint may be asked again: what its headers say, and how long to back off.

Understood are Retry-After (seconds, or a date, by the server's own clock),
retry-after-ms, and x-ratelimit-reset-requests / -tokens ("6m0s", "20ms", "1.5") where
x-ratelimit-remaining-* is 0 or the request was refused.
"""

import re
import threading
from collections.abc import Callable, Mapping
from email.utils import parsedate_to_datetime
from random import Random

_FIRST, _LONGEST = 1.0, 60.0
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_TOO_MANY, _UNAVAILABLE = 429, 503

Wait = Callable[[float], object]
"""Waits so many seconds; returns something true if there is nothing to wait for."""


class Pace:
    """Holds back all requests of one endpoint until its limits allow the next."""

    def __init__(self, clock: Callable[[], float], wait: Wait) -> None:
        self._clock, self._wait = clock, wait
        self._free_at, self._lock = clock(), threading.Lock()

    def heed(self, seconds: float) -> None:
        """Let no request start for so long; an earlier, longer wait stays."""
        with self._lock:
            self._free_at = max(self._free_at, self._clock() + seconds)

    def pause(self) -> None:
        """Wait until the next request may start."""
        while (seconds := self._free_at - self._clock()) > 0:
            if self._wait(seconds):
                return


def choose_pause(key: str, attempt: int) -> float:
    """Choose the seconds after a failed attempt (1, 2, ...): doubled, with jitter.

    The jitter is of the request's `key`: no two requests come back at once, and no
    generator is shared.
    """
    longest = min(_FIRST * 2 ** (attempt - 1), _LONGEST)
    return longest * (1 + Random(f"{key}/{attempt}").random()) / 2


def read_wait(status: int, headers: Mapping[str, str]) -> float:
    """Read for how many seconds a server wants not to be asked; 0.0 if it says none.

    Args:
        status: of HTTP.
        headers: with names in any case, if the mapping allows it, else in lower case.
    """
    refused = status in (_TOO_MANY, _UNAVAILABLE)
    if refused and (seconds := _read_retry_after(headers)) is not None:
        return seconds
    waits = [0.0]
    for what in ("requests", "tokens"):
        left = headers.get(f"x-ratelimit-remaining-{what}")
        if left == "0" or (left is None and status == _TOO_MANY):
            waits.append(_read_seconds(headers.get(f"x-ratelimit-reset-{what}", "")))
    return max(waits)


def _read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Read Retry-After in any of its forms; None if there is none that can be read."""
    if milliseconds := _read_seconds(headers.get("retry-after-ms", "")):
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    if re.fullmatch(r"\s*\d+(\.\d+)?\s*", text):
        return float(text)
    try:
        until, now = (parsedate_to_datetime(t) for t in (text, headers.get("date", "")))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _read_seconds(text: str) -> float:
    """Read "1.5", "20ms" or "1h6m0s" as seconds; 0.0 for anything else."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return float(text)
    parts = re.findall(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text)
    if "".join(number + unit for number, unit in parts) != text:
        return 0.0
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
