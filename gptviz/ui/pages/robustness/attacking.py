"""The attack on the text, one exchange at each look: so no look takes long. Pure: no Streamlit."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from gptviz.language_model import LanguageModel
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tuning.attack import attack
from gptviz.tuning.batches import encode
from gptviz.tuning.classifier import Classifier
from gptviz.ui.pages.robustness.state import Attack, Exchange

MOST = 8  # words exchanged
ENDS = ("found", "none", "most")  # why an attack is over
SAME, BEFORE, OLD, NEW = PIECES = ("same", "before", "old", "new")  # what a piece of a text is


def exchange(found: Attack, classifier: Classifier, lm: LanguageModel, most: int) -> None:
    """One word more, or why there is none; ``most`` tokens of the text are read. Raises GptvizError."""
    used = [step.place for step in found.steps]
    flips = attack(classifier, lm.tokenizer, found.text, found.label, flips=1, most=most, taken_before=used)
    flip = next(flips, None)
    if flip is None:
        found.end, found.going = "none", False
        return
    [ids] = encode(lm.tokenizer, [found.text], most)
    pieces = marked(lm.tokenizer, ids, flip.place, flip.new, used)
    found.steps.append(Exchange(flip.place, pieces, flip.promised, flip.gained, flip.found, flip.prob, flip.text))
    if flip.found != found.label:
        found.end = "found"
    elif len(found.steps) >= MOST:
        found.end = "most"
    found.going = not found.end


def marked(tokenizer: Tokenizer, ids: Sequence[int], place: int, new: str, before: Collection[int]
           ) -> list[tuple[str, str]]:  # fmt: skip
    """The text in pieces: as it was, exchanged before, the old word and the new one."""
    found: list[tuple[str, str]] = []
    plain: list[int] = []

    def flush() -> None:
        if plain:
            found.append((tokenizer.decode(plain), SAME))
            plain.clear()

    for at, token in enumerate(ids):
        if at == place:
            flush()
            found += [(tokenizer.decode([token]), OLD), (new, NEW)]
        elif at in before:
            flush()
            found.append((tokenizer.decode([token]), BEFORE))
        else:
            plain.append(token)
    flush()
    return found
