"""What a check looks at: the model, and what the learner's page shows at this moment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gptviz.analysis.heads import HeadScores, scored
from gptviz.gpt.trace import Trace
from gptviz.language_model import LanguageModel
from gptviz.lessons.lesson import Value


def measured(lm: LanguageModel) -> tuple[HeadScores, ...]:
    """The scores of all heads, measured here and now (or read from the disk)."""
    return [one.heads for one in scored(lm)][-1]


@dataclass(frozen=True)
class Moment:
    """One picture of a page. ``fields`` is what its link holds, by the names there; numbers are numbers."""

    lm: LanguageModel
    page: str
    fields: Mapping[str, Any]
    ids: tuple[int, ...]  # all tokens in the picture
    n_prompt: int  # of which so many are the typed text
    trace: Callable[[tuple[int, ...]], Trace]
    heads: Callable[[LanguageModel], tuple[HeadScores, ...]] = measured  # none: not measured yet

    @property
    def text(self) -> str:
        """What is typed."""
        return str(self.fields.get("p", ""))

    def field(self, name: str) -> Value | None:
        """A field as the picture shows it; None where the page has none of that name."""
        found: Value | None = self.fields.get(name)
        return found

    def whole(self, name: str) -> int:
        """A field that is a whole number; 0 where it is none."""
        value = self.fields.get(name)
        return value if isinstance(value, int) else 0
