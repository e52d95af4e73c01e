"""What one visitor's prompting page stands at: how the task is put into words, which examples are shown, and the study
looked at. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, ClassVar

from gptviz.errors import ConfigError, GptvizError
from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Ask
from gptviz.jobs.prompting import FEWEST, MOST, Parts, parts
from gptviz.language_model import LanguageModel
from gptviz.tuning import sets
from gptviz.tuning.patterns import Pattern, check_words
from gptviz.ui.controls import count, text
from gptviz.ui.jobs import RUNNER, WithJobs, job_actions
from gptviz.ui.page import Action, Context
from gptviz.ui.pages.prompting.heard import Heard

LABELS = ("positive", "negative")  # of our set
PATTERNS = ("plain", "review", "question")  # the same task in other words; the first is the usual one
MOST_PATTERN, MOST_WORD, MOST_SHOTS = 400, 40, 8
MOST_WORD_TOKENS = {0: 12, 5_000_000: 4}  # from so many parameters on: each is one more reading of the prompt
_SEED = 2**31 - 1


@dataclass(frozen=True)
class View:
    """The controls. An empty pattern or word is the usual one of the language; ``order_seed`` 0: as they were drawn."""

    pattern: str = text("", MOST_PATTERN, seldom=True)
    word_positive: str = text("", MOST_WORD, seldom=True)
    word_negative: str = text("", MOST_WORD, seldom=True)
    shots: int = count(2, 0, MOST_SHOTS)
    drawn_seed: int = count(0, 0, _SEED, seldom=True)
    order_seed: int = count(0, 0, _SEED, seldom=True)
    n_texts: int = count(100, FEWEST, MOST, seldom=True)

    def filled(self, lang: str) -> View:
        """The same with what is usual in a language where nothing is written."""
        usual: dict[str, Any] = {
            "pattern": pattern(PATTERNS[0], lang),
            **{f"word_{label}": translate(f"prompting.word.{label}", lang) for label in LABELS},
        }
        return replace(self, **{name: said for name, said in usual.items() if not getattr(self, name)})

    @property
    def words(self) -> dict[str, str]:
        """Each label's word."""
        return {label: getattr(self, f"word_{label}") for label in LABELS}


@dataclass
class Prompting(WithJobs):
    """One visitor's page."""

    KIND: ClassVar[str] = folder.PROMPTING

    view: View = field(default_factory=View)
    heard: Heard = field(default_factory=Heard)

    def ask(self, lm_name: str, lang: str) -> Ask:
        """The study that is wished for. Raises ConfigError for a pattern or words that cannot be."""
        view = self.view.filled(lang)
        Pattern(view.pattern)
        check_words(view.words, LABELS)
        changes = {"model": lm_name, "lang": lang, "patterns": paraphrases(view.pattern, lang), "words": view.words,
                   "texts": view.n_texts, "seed": view.drawn_seed}  # fmt: skip
        return Ask(sets.SENTIMENT, "", {}, changes, kind=folder.PROMPTING)


@lru_cache(maxsize=64)
def our(lang: str, texts: int = MOST) -> Parts:
    """Our set, with so many texts to measure on."""
    return parts(lang, texts)


def pattern(name: str, lang: str) -> str:
    """One of ours."""
    return translate(f"prompting.pattern.{name}", lang)


def check_short(lm: LanguageModel, written: Pattern, words: Mapping[str, str]) -> None:
    """Raise ConfigError for a word of so many tokens that weighing it would keep others waiting."""
    most = min(most for size, most in MOST_WORD_TOKENS.items() if lm.config.n_parameters >= size)
    for word in words.values():
        tokens = len(lm.tokenizer.encode(written.gap + word, add_special_tokens=False))
        if tokens > most:
            raise ConfigError("tune.long_word", word=word, tokens=tokens, most=most)


def paraphrases(written: str, lang: str) -> list[str]:
    """A pattern, and ours that differ from it: as many as we have."""
    others = [pattern(name, lang) for name in PATTERNS]
    return [written, *(other for other in others if other != written)][: len(PATTERNS)]


def begin(state: Prompting, lang: str) -> None:
    """A first visit: a review."""
    state.text = translate("prompting.first", lang)


def _another(action: Action, state: Prompting, context: Context) -> None:
    """The next of the reviews that are held out, after the last the first."""
    held = [one.text for one in our(context.lang).test]
    at = held.index(state.text) if state.text in held else -1
    state.set_text(held[(at + 1) % len(held)])


def _start(action: Action, state: Prompting, context: Context) -> None:
    """Ask for the study; where it cannot be, say why."""
    view = state.view.filled(context.lang)
    try:
        check_short(context.lm, Pattern(view.pattern), view.words)
        state.job = RUNNER.submit(state.owner, state.ask(context.lm.name, context.lang)).id
        state.error = None
    except GptvizError as error:
        state.error = error


#: ``more`` only asks for another run.
ACTIONS: dict[str, Callable[[Action, Prompting, Context], None]] = {
    **job_actions("go_on", "stop", "delete"),
    "another": _another,
    "start": _start,
}
