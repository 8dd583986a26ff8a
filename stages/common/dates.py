"""The date that chat templates print: always the same, whatever day it is.

Some templates tell the model what day it is today. A study would then ask other
prompts tomorrow, also within one run that was stopped and goes on. So such a template
is given a calendar with one day in it, as a part of its own text: whoever renders it
(play, training, benchmarks, a server) prints that day.
"""

from datetime import datetime

DATE = datetime(2024, 7, 26)
"""The day that Llama's templates print where there is no calendar."""

_CALENDAR = "strftime_now"
"""What templates ask for the date; given to them by transformers."""
_DIRECTIVES = "aAbBcdfHIjmMpSuUVwWxXyYG"


def fix_date(template: str) -> str:
    """Let a chat template print `DATE` for today; other templates stay as they are."""
    macro = _write_macro()
    if _CALENDAR not in template or template.startswith(macro):
        return template
    return macro + template


def _write_macro() -> str:
    """Write a macro that stands for the calendar: it puts `DATE` into a format."""
    values = {f"%{one}": DATE.strftime(f"%{one}") for one in _DIRECTIVES}
    bare = {f"%-{one}": values[f"%{one}"].lstrip("0") or "0" for one in "dmHIMSjyUW"}
    known = values | bare | {"%e": f"{DATE.day:2}", "%z": "", "%Z": ""}
    known |= {"%D": values["%m"] + DATE.strftime("/%d/%y")}
    known |= {"%F": DATE.strftime("%Y-%m-%d"), "%T": DATE.strftime("%H:%M:%S")}
    replaced = "".join(f".replace('{a}', '{b}')" for a, b in known.items())
    body = f"{{%- macro {_CALENDAR}(format) -%}}{{{{ format{replaced} }}}}"
    return body + "{%- endmacro %}\n"  # an end of line that is not printed
