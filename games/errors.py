"""What can go wrong for a person, as one small tree.

StudyError          anything a person can mend: printed as one sentence, exit 1
├── InstanceError   a game instance lacks a field or holds an impossible one
├── ParamsError     params.yaml says something that cannot be run
├── ArtifactError   a file of the study is missing, damaged or cannot be written
└── EndpointError   a server that plays a role cannot be used
"""

_MOST = 600


class StudyError(Exception):
    """Base of every error whose message is meant for a person.

    What it quotes of a file may be anything: it is shown on one line, and cut if long.
    """

    def __str__(self) -> str:
        """Write the message so that any terminal can show it."""
        text = "".join(
            c if c.isprintable() else c.encode("unicode_escape").decode()
            for c in super().__str__()
        )
        half = _MOST // 2
        return text if len(text) <= _MOST else f"{text[:half]} ... {text[-half:]}"


class InstanceError(StudyError):
    """An instance that the game cannot be played from."""


class ParamsError(StudyError):
    """A parameter that is unknown, of the wrong type or out of range."""


class ArtifactError(StudyError):
    """A file that is missing, damaged or cannot be written."""


class EndpointError(StudyError):
    """A server that plays a role does not answer, or in no way that can be used."""
