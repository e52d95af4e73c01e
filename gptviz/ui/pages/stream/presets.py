"""Texts that show something of the stream with the bundled model. Pure: no Streamlit here.

Each claims something that a test computes; the page itself never repeats a claim: its sentences are made from what was
just computed.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Preset(NamedTuple):
    """The prompt for each language, and the controls that differ from the usual ones."""

    prompts: dict[str, str]
    settings: dict[str, dict[str, Any]]

    def of(self, lang: str) -> tuple[str, dict[str, Any]]:
        """Prompt and settings in ``lang``, else in English."""
        known = lang if lang in self.prompts else "en"
        return self.prompts[known], self.settings[known]


#: - fact: an answer that is nowhere in the lower rows of the lens, and certain in the upper ones.
#: - rivals: two words of the text compete; the ledger of their difference says which parts decide.
#: - copy: a made-up word is completed from its first occurrence: heads carry it, not the MLPs.
#: - late: the last block turns the choice.
PRESETS: dict[str, Preset] = {
    "fact": Preset(
        {"en": "The capital of France is", "zh": "我们都知道，法国的首都是"}, {"en": {"layer": 6}, "zh": {"layer": 6}}
    ),
    "rivals": Preset(
        {"en": "Tom had a red ball. Lily had a blue ball. Tom's ball was", "zh": "春天、夏天、秋天、"},
        {
            "en": {"layer": 6, "token": "red", "rival": "blue", "against": True, "detail": "heads"},
            "zh": {"layer": 6, "token": "冬天", "rival": "秋", "against": True, "detail": "heads"},
        },
    ),
    "copy": Preset(
        {"en": "The Zorbian king met the Zor", "zh": "卡拉莫奇王子遇见了卡拉"},
        {"en": {"layer": 4, "detail": "heads"}, "zh": {"layer": 5, "detail": "heads"}},
    ),
    "late": Preset(
        {"en": "One, two, three, four,", "zh": "日本的首都是"},
        {
            "en": {"layer": 7, "token": "five", "rival": "four", "against": True},
            "zh": {"layer": 7, "token": "东京", "rival": "哪里", "against": True},
        },
    ),
}
