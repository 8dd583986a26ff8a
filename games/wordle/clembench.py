"""The wordles in clembench's words."""

from dataclasses import replace

from games.bridge import Data
from games.contract import LEGACY


def merge(experiment: Data, instance: Data) -> Data:
    """Put the texts and words of one of the wordles together.

    Before v1.6 prompts were of another form: the game's own are used instead.
    """
    if "english_words" in experiment:
        return {"allowed_words": " ".join(experiment["english_words"])} | instance
    texts = experiment["lang_keywords"]
    errors = texts["error_prompt_text"]
    end = texts["explanation_lang"], texts["explanataion_details_lang"]
    begin = f"{errors['INVALID_FORMAT']}\n{' '.join(end)}\n"
    agreement = f"{texts['agreement_lang']} {texts['agreement_word_lang']}"
    return {
        "guesser_prompt": experiment["guesser_prompt"],
        "critic_prompt": experiment["guesser_critic_prompt"],
        "guess_reminder": f"{begin}{texts['guess_lang']} {texts['guess_word_lang']}",
        "agreement_reminder": f"{begin}{agreement}",
        "unknown_word": f"{errors['NOT_VALID_WORD_FOR_GAME']} {errors['RETRY']}",
        "allowed_words": " ".join(texts["official_words_list"]),
    } | instance


BRIDGE = replace(LEGACY, merge=merge)
WITH_CLUE = replace(BRIDGE, folder="wordle", stem="instances_withclue")
WITH_CRITIC = replace(BRIDGE, folder="wordle", stem="instances_withcritic")
