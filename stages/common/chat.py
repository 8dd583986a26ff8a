"""A tokenizer's chat template in token space, extended turn by turn.

What a policy is trained on is exactly what it sampled, so a dialogue is never rendered
anew: a reply's ids are kept, and what comes between two replies is appended as ids.
That is sound only if rendering turn by turn equals rendering the whole, which the audit
proves at load (style: audit first, then trust).

No text is tokenized by itself: a tokenizer may put a space before all that it is given,
or swallow what follows a special token. A reply is tokenized behind its question, and
what follows a reply behind that reply; the ids before are then cut off.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from games.errors import ArtifactError
from stages.common.dates import fix_date

AnyMessage = Mapping[str, Any]
"""A message of a game, or an utterance (`stages.common.dialogues`)."""

_FIRST, _REPLY = "first question", "first reply"
_ENDS = "reply_ends"
"""A key of tokenizer_config.json, written by the stage `base`."""


def note_ends(tokenizer: PreTrainedTokenizerBase, ends: Collection[int]) -> None:
    """Note in a tokenizer which ids a model ends a reply with; it is saved with it."""
    tokenizer.init_kwargs[_ENDS] = sorted(ends)


class ChatTemplate:
    """The pieces of text that a chat template puts around messages.

    Today is always the same day in it (`stages.common.dates`), also in the tokenizer.

    Raises:
        ArtifactError: the template is missing or cannot be extended turn by turn.
    """

    def __init__(self, tokenizer: PreTrainedTokenizerBase, name: str = "") -> None:
        self._tokenizer, self._name = tokenizer, name or tokenizer.name_or_path
        self._spellings = _list_spellings(tokenizer)
        if not tokenizer.chat_template:
            raise ArtifactError(
                f"{self._name} has no chat template: choose an instruct model"
            )
        _fix_dates(tokenizer)
        self._asked = self._encode(self._render([_ask(_FIRST)], header=True))
        self.end_of_turn = self._find_end_of_turn()
        self.end_text = self._decode([self.end_of_turn])
        self.ends = self._find_ends()
        """All ids that a reply may end with: the end of turn, and the model's own."""
        self._audit()

    def encode_prompt(self, messages: Sequence[AnyMessage]) -> list[int]:
        """Encode a chat that ends in a user message, and the header of its reply.

        Earlier replies are as in `encode_dialogue`.
        """
        ids = self._encode(self._render(messages[:1], header=True))
        for reply, question in zip(messages[1::2], messages[2::2], strict=True):
            ids += self._encode_reply(reply)[0] + self.extend(question["content"])
        return ids

    def encode_dialogue(
        self, messages: Sequence[AnyMessage]
    ) -> tuple[list[int], list[int]]:
        """Encode a whole dialogue that ends in a reply, as (ids, mask).

        A reply that comes with the "token_ids" it was sampled as is taken as it is; any
        other is tokenized from its text. The mask is 1 on every id of a reply, its end
        of turn included, and 0 elsewhere: on what was not sampled (the end of turn of a
        reply that was cut off, or ended otherwise) and on a reply that says "learned":
        False.
        """
        ids = self._encode(self._render(messages[:1], header=True))
        mask = [0] * len(ids)
        for index in range(1, len(messages), 2):
            reply, learned = self._encode_reply(messages[index])
            ids, mask = ids + reply, mask + learned
            if index + 1 < len(messages):
                between = self.extend(messages[index + 1]["content"])
                ids, mask = ids + between, mask + [0] * len(between)
        return ids, mask

    def _encode_reply(self, message: AnyMessage) -> tuple[list[int], list[int]]:
        """Encode a reply with its end of turn, as (ids, mask)."""
        ids, end = self._find_sampled(message), [self.end_of_turn]
        if ids is None:
            ids = self._encode_text(message["content"])
        mask = [int(message.get("learned") is not False)] * len(ids)
        return (ids, mask) if ids[-1:] == end else (ids + end, [*mask, 0])

    def _find_sampled(self, message: AnyMessage) -> list[int] | None:
        """Find the ids a reply was sampled as; None if this tokenizer has others."""
        ids = message.get("token_ids")
        if ids and self.decode(ids).strip() == message["content"].strip():
            return list(ids)
        return None

    def _encode_text(self, text: str) -> list[int]:
        """Encode a reply as it stands behind a question, with its end of turn."""
        whole = self._encode(self._render([_ask(_FIRST), _answer(text)]))
        start, stop = len(self._asked), len(whole) - len(self._after)
        if whole[:start] == self._asked and whole[stop:] == self._after:
            return whole[start:stop]
        ids = self._encode(self._defuse(text))
        return [*ids, self.end_of_turn]  # it melts into its question

    def extend(self, text: str) -> list[int]:
        """Encode what goes from a reply's end of turn to the next reply's first id."""
        chat = [_ask(_FIRST), _answer(_REPLY), _ask(text)]
        whole = self._encode(self._render(chat, header=True))
        start = len(self._answered)
        if whole[:start] != self._answered:
            raise self._explain_unextendable()
        return whole[start:]

    def decode(self, ids: Sequence[int]) -> str:
        """Decode the ids of a reply to its text, without what ended it."""
        said = [one for one in ids if one not in self.ends]
        return self._decode(said, skip_special_tokens=True)

    def _decode(self, ids: Sequence[int], *, skip_special_tokens: bool = False) -> str:
        text = self._tokenizer.decode(
            list(ids), skip_special_tokens=skip_special_tokens
        )
        assert isinstance(text, str), "the ids of one text are one text"
        return text

    def _encode(self, text: str) -> list[int]:
        return self._tokenizer(text, add_special_tokens=False)["input_ids"]

    def _defuse(self, text: str) -> str:
        """Break up what is spelled like a special token: what is said is plain text.

        "<|im_end|>" in a clue would end the partner's turn; "< |im_end|>" does not.
        """
        for spelling in self._spellings:
            while spelling in text:
                text = text.replace(spelling, f"{spelling[0]} {spelling[1:]}")
        return text

    def _render(self, messages: Sequence[AnyMessage], *, header: bool = False) -> str:
        chat = [
            {**message, "content": self._defuse(message["content"])}
            for message in messages
        ]
        try:
            text = self._tokenizer.apply_chat_template(
                chat, tokenize=False, add_generation_prompt=header
            )
        except TemplateError as error:
            raise ArtifactError(
                f"the chat template of {self._name} cannot be rendered ({error}): "
                "choose another model, or mend its chat_template"
            ) from error
        assert isinstance(text, str), "one chat is one text"
        return text

    def _find_end_of_turn(self) -> int:
        """Find the special id that the template writes right after a reply.

        What goes up to it, and what comes after it, is kept.
        """
        rendered = self._render([_ask(_FIRST), _answer(_REPLY)])
        _, found, after = rendered.rpartition(_REPLY)
        if not found:
            raise ArtifactError(
                f"the chat template of {self._name} does not write what is said (is it "
                "one for images?): choose another model, or mend its chat_template"
            )
        whole, marks = self._encode(rendered), self._find_marks()
        ending = sum(one in marks for one in self._encode(after))
        places = [n for n, one in enumerate(whole) if one in marks][-ending:]
        if not ending or not after.lstrip().startswith(marks[whole[places[0]]]):
            raise ArtifactError(
                f"the chat template of {self._name} does not end a reply with a "
                "special token: choose another model, or mend its chat_template"
            )
        place = places[0]
        self._answered, self._after = whole[: place + 1], whole[place + 1 :]
        if whole[: len(self._asked)] != self._asked:
            raise self._explain_unextendable()
        return whole[place]

    def _find_marks(self) -> dict[int, str]:
        """Map the ids of tokens that are no plain text to what they look like."""
        tokenizer = self._tokenizer
        special = set(tokenizer.all_special_ids)
        return {
            place: token.content
            for place, token in tokenizer.added_tokens_decoder.items()
            if token.special or place in special
        }

    def _find_ends(self) -> frozenset[int]:
        own = [
            self._tokenizer.eos_token_id,
            *self._tokenizer.init_kwargs.get(_ENDS, []),
        ]
        return frozenset({self.end_of_turn, *(one for one in own if one is not None)})

    def _audit(self) -> None:
        """Prove that turn by turn equals the whole, in text and in token ids."""
        turns = ["alpha", "beta gamma", "delta\nepsilon", "zeta", "eta ▢ X", "theta"]
        chat = [
            {"role": ("user", "assistant")[i % 2], "content": text}
            for i, text in enumerate(turns)
        ]
        ids, _ = self.encode_dialogue(chat)
        whole = self._encode(self._render(chat))
        replies = [self.decode(self._encode_text(text)).strip() for text in turns[1::2]]
        if whole[: len(ids)] != ids or replies != turns[1::2]:
            raise self._explain_unextendable()

    def _explain_unextendable(self) -> ArtifactError:
        return ArtifactError(
            f"the chat template of {self._name} cannot be extended turn by turn "
            "(earlier turns are rendered differently once others follow): choose "
            "another model, or mend its chat_template"
        )


def _list_spellings(tokenizer: PreTrainedTokenizerBase) -> list[str]:
    """List what a tokenizer reads as one special token wherever it stands."""
    special = {*tokenizer.all_special_ids} - {tokenizer.unk_token_id}
    return [
        token.content
        for place, token in tokenizer.added_tokens_decoder.items()
        if (token.special or place in special) and len(token.content) > 1
    ]


def _fix_dates(tokenizer: PreTrainedTokenizerBase) -> None:
    template: Any = tokenizer.chat_template
    if isinstance(template, str):
        tokenizer.chat_template = fix_date(template)
    else:  # several, by name
        named = {name: fix_date(text) for name, text in template.items()}
        tokenizer.chat_template = named


def _ask(text: str) -> AnyMessage:
    return {"role": "user", "content": text}


def _answer(text: str) -> AnyMessage:
    return {"role": "assistant", "content": text}
