"""An episode rendered for people, and for the golden playthroughs of the tests."""

from games.session import Episode


def render_transcript(episode: Episode) -> str:
    """Return an episode as plain text: who saw what, who said what, how it ended."""
    lines = [f"# {episode.game} / {episode.variant} / {episode.instance_id}", ""]
    for number, turn in enumerate(episode.turns, 1):
        lines += [f"[{number}] {turn.role} sees:", *_indent(turn.context)]
        lines += [f"[{number}] {turn.role} says:", *_indent(turn.reply), ""]
    lines.append(
        f"= {episode.outcome} ({episode.reason}), ended by {episode.ended_by}, "
        f"main score {episode.main_score:.2f}"
    )
    return "\n".join(lines) + "\n"


def _indent(text: str) -> list[str]:
    """Set the lines of a text off, so that they cannot pass for ours."""
    return [f"    {line}".rstrip() for line in text.split("\n")]
