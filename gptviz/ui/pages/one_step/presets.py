"""Texts and settings that show something of a step with the bundled small model. Pure: no Streamlit here.

Each claims something that a test computes; the page itself never repeats a claim: its sentences are made from what was
just computed.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Preset(NamedTuple):
    """The text for each language, and the controls that differ from the usual ones."""

    texts: dict[str, str]
    settings: dict[str, Any]

    def of(self, lang: str) -> tuple[str, dict[str, Any]]:
        """Text and settings in ``lang``, else in English."""
        return self.texts.get(lang, self.texts["en"]), self.settings


_STORY = {"en": "Once upon a time there was a little dragon.", "zh": "从前有一个小女孩，她很高兴。"}

#: - surprise: one word costs far more than the rest.
#: - near: so short a step does what the straight line says.
#: - second: the same text a step later, when m and v are no longer empty.
#: - too_far: a rate at which the straight line promises a fall and the loss rises.
#: - by_heart: twenty steps on one text, and it is known by heart.
PRESETS: dict[str, Preset] = {
    "surprise": Preset(_STORY, {}),
    "near": Preset(_STORY, {"rate": 1e-5}),
    "second": Preset(_STORY, {"step": 2}),
    "too_far": Preset(_STORY, {"rate": 0.01}),
    "by_heart": Preset(_STORY, {"step": 20}),
}
