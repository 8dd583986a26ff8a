"""The results table inside README.md, between two markers."""

from pathlib import Path

from games.errors import ArtifactError
from stages.common.files import make_whole_file

START, END = "<!-- results -->", "<!-- /results -->"


def replace_block(readme: Path, table: str) -> None:
    """Replace what stands between the markers; leave an up-to-date file untouched.

    Raises:
        ArtifactError: there is no such file, or the markers are not in it once each.

    """
    try:
        text = readme.read_text()
    except FileNotFoundError:
        text = ""
    before, start, rest = text.partition(START)
    _, end, after = rest.partition(END)
    if not (start and end) or START in rest or END in after:
        raise ArtifactError(
            f"{readme} needs the lines {START} and {END}, once each and in this order: "
            "put them where the results belong, or set report.readme to false"
        )
    new = f"{before}{START}\n{table.strip()}\n{END}{after}"
    if new != text:
        with make_whole_file(readme) as temporary:
            temporary.write_text(new)
