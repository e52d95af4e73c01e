"""What a check of a model found, and what it says of it."""

from __future__ import annotations

import math
from typing import Any, Literal, NamedTuple, TypeAlias

from gptviz.i18n import translate

Name: TypeAlias = Literal["finite", "parameters", "tied", "tokenizer", "causal", "traced", "reuse", "text", "ids",
                          "rotary"]  # fmt: skip
#: Each sentence that a check can end in.
Said: TypeAlias = Literal[
    "finite", "not_finite", "parameters", "other_parameters", "tied", "untied", "not_tied", "tokenizer", "tells",
    "silent", "causal", "causal_near", "not_causal", "traced", "not_traced", "reuse", "not_reuse", "text", "not_text",
    "unordered", "no_text", "ids", "swapped", "rotary", "not_rotary", "unclear", "no_rotary", "unasked", "small",
]  # fmt: skip
TOLERANCE = 1e-4  # of the scale: what float32 sums in another order differ by, with room


class Check(NamedTuple):
    """One question and its answer."""

    name: Name
    ok: bool | None  # None: it could not be asked of this model, or says nothing
    value: float | None  # what was measured: see the sentence
    said: Said
    values: dict[str, Any]  # of the sentence, as they are written

    def say(self, lang: str) -> str:
        """The answer as a sentence."""
        return translate(f"passport.said.{self.said}", lang, **self.values)

    def asks(self, lang: str) -> str:
        """The question in two or three words."""
        return translate(f"passport.check.{self.name}", lang)

    def to_dict(self, lang: str) -> dict[str, Any]:
        """As plain JSON; a measured NaN is null there."""
        value = self.value if self.value is not None and math.isfinite(self.value) else None
        return {"name": self.name, "ok": self.ok, "value": value, "said": self.say(lang), "values": self.values}


class Passport(NamedTuple):
    """All checks of one model."""

    model: str
    fingerprint: str
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether no check failed."""
        return not self.failed

    @property
    def failed(self) -> tuple[Check, ...]:
        """Those that did."""
        return tuple(check for check in self.checks if check.ok is False)

    def of(self, name: Name) -> Check:
        """One of them by its name."""
        return next(check for check in self.checks if check.name == name)

    def to_dict(self, lang: str) -> dict[str, Any]:
        """As plain JSON."""
        return {"model": self.model, "fingerprint": self.fingerprint, "ok": self.ok,
                "checks": [check.to_dict(lang) for check in self.checks]}  # fmt: skip
