"""A tokenizer's chat template in token space, extended turn by turn.

What a policy is trained on is exactly what it sampled, so a dialogue is never rendered
anew: a reply's ids are kept, and what comes between two replies is appended as ids.
That is sound only if rendering turn by turn equals rendering the whole, which the audit
proves at load (style: audit first, then trust).
"""

from collections.abc import Mapping, Sequence
from typing import Any

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from games.errors import ArtifactError

AnyMessage = Mapping[str, Any]
"""A message of a game, or an utterance (`stages.common.dialogues`)."""

_FIRST, _REPLY, _NEXT = "first question", "first reply", "next question"


class ChatTemplate:
    """The pieces of text that a chat template puts around messages.

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
        self.end_of_turn = self._find_end_of_turn()
        self.end_text = self._decode([self.end_of_turn])
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
        reply that was cut off) and on a reply that says "learned": False.
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
            ids = self._encode(self._defuse(message["content"])) + end
        mask = [int(message.get("learned") is not False)] * len(ids)
        return (ids, mask) if ids[-1:] == end else (ids + end, [*mask, 0])

    def _find_sampled(self, message: AnyMessage) -> list[int] | None:
        """Find the ids a reply was sampled as; None if this tokenizer has others."""
        ids = message.get("token_ids")
        if ids and self.decode(ids).strip() == message["content"]:
            return list(ids)
        return None

    def extend(self, text: str) -> list[int]:
        """Encode what goes from a reply's end of turn to the next reply's first id."""
        chat = [_ask(_FIRST), _answer(_REPLY), _ask(text)]
        rendered = self._render(chat, header=True)
        _, found, after = rendered.partition(_REPLY + self.end_text)
        if not found:
            raise self._explain_unextendable()
        return self._encode(after)

    def decode(self, ids: Sequence[int]) -> str:
        """Decode the ids of a reply to its text, without its end of turn."""
        return self._decode(ids, skip_special_tokens=True)

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
        """Find the special id that the template writes right after a reply."""
        rendered = self._render([_ask(_FIRST), _answer(_REPLY)])
        _, found, after = rendered.rpartition(_REPLY)
        if not found:
            raise ArtifactError(
                f"the chat template of {self._name} does not write what is said (is it "
                "one for images?): choose another model, or mend its chat_template"
            )
        ids = self._encode(after)
        if not ids or ids[0] not in self._tokenizer.all_special_ids:
            raise ArtifactError(
                f"the chat template of {self._name} does not end a reply with a "
                "special token: choose another model, or mend its chat_template"
            )
        return ids[0]

    def _audit(self) -> None:
        """Prove that turn by turn equals the whole, in text and in token ids."""
        turns = ["alpha", "beta gamma", "delta\nepsilon", "zeta", "eta ▢ X", "theta"]
        chat = [
            {"role": ("user", "assistant")[i % 2], "content": text}
            for i, text in enumerate(turns)
        ]
        ids, mask = self.encode_dialogue(chat)
        whole = self._encode(self._render(chat))
        replies = self._decode(
            [i for i, learned in zip(ids, mask, strict=True) if learned]
        )
        expected = "".join(text + self.end_text for text in turns[1::2])
        if whole[: len(ids)] != ids or replies != expected:
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


def _ask(text: str) -> AnyMessage:
    return {"role": "user", "content": text}


def _answer(text: str) -> AnyMessage:
    return {"role": "assistant", "content": text}
