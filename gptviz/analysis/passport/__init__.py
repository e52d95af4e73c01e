"""A model's passport: what can be checked of any model without another program to compare it with.

A file that is read into the wrong parts, a mask that lets the future through, a tokenizer of another model: each still
writes something that looks like text. The checks ask what must hold of every decoder that was trained on text, and say
what they measured. What they cannot see: whether a model is any good, and errors that cost next to nothing on one
paragraph, such as rare tokens in each other's place.
"""

from __future__ import annotations

from collections.abc import Iterator

from gptviz.analysis.passport import numbers, passes, reading, vocabulary
from gptviz.analysis.passport.record import Check as Check
from gptviz.analysis.passport.record import Name
from gptviz.analysis.passport.record import Passport as Passport
from gptviz.language_model import LocalModel

#: What is computed with the weights, and says nothing where some of them are no numbers.
_COMPUTED: tuple[Name, ...] = ("causal", "traced", "reuse", "text", "ids", "rotary")


def checks(lm: LocalModel) -> Iterator[Check]:
    """Each check as soon as it is done, the quick ones first; none takes longer than a few passes of a short text."""
    finite = numbers.finite(lm)
    yield finite
    yield numbers.parameters(lm)
    yield numbers.tied(lm)
    yield vocabulary.round_trip(lm)
    if not finite.ok:
        yield from (Check(name, None, None, "unasked", {}) for name in _COMPUTED)
        return
    yield from passes.checks(lm)
    yield from reading.checks(lm)


def passport(lm: LocalModel) -> Passport:
    """All checks of a model. About a second for 135 million parameters on two cores.

    >>> import gptviz
    >>> gptviz.passport(gptviz.load()).ok
    True
    """
    return Passport(lm.name, lm.fingerprint, tuple(checks(lm)))
