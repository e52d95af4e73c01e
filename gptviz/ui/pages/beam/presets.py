"""Prompts and settings that show what beam search does, well and badly, with the bundled model. Pure: no Streamlit.

Each claims something that a test computes; ``python -m tests.beam_presets`` looks for others when the model changes.
The page itself never repeats a claim: its sentences are made from what was just computed.
"""

from __future__ import annotations

from typing import Any, NamedTuple


class Preset(NamedTuple):
    """The prompt for each language, and the settings that differ from the usual ones."""

    prompts: dict[str, str]
    settings: dict[str, dict[str, Any]]

    def of(self, lang: str) -> tuple[str, dict[str, Any]]:
        """Prompt and settings in ``lang``, else in English."""
        known = lang if lang in self.prompts else "en"
        return self.prompts[known], self.settings[known]


#: - wins: the beam's text is likelier as a whole than greedy's.
#: - lower: a wider beam answers with a lower score than a narrower one (beam search is no search of everything, and not
#:   even monotone in its width).
#: - short: without a length penalty a wider beam finds a shorter text, in English none at all (Stahlberg and Byrne
#:   2019, "On NMT search errors and model errors: cat got your tongue?").
#: - dull: likelier than greedy's and more repetitive (Holtzman et al. 2020, section 3).
#: - groups: diverse beam search; the finished texts begin with more different tokens than a plain beam's.
PRESETS: dict[str, Preset] = {
    "wins": Preset({"en": "She opened the door and", "zh": "从前有一个小"}, {"en": {}, "zh": {}}),
    "lower": Preset({"en": "The king was", "zh": "中国的首都是"}, {"en": {"width": 8}, "zh": {"width": 8}}),
    "short": Preset(
        {"en": "The dog was happy.", "zh": "我今天很"},
        {"en": {"width": 16, "length_penalty": 0.0}, "zh": {"width": 4, "length_penalty": 0.0}},
    ),
    "dull": Preset({"en": "The sun rose and", "zh": "你好"}, {"en": {}, "zh": {}}),
    "groups": Preset(
        {"en": "Thank you", "zh": "我今天很"},
        {
            "en": {"width": 6, "n_groups": 3, "diversity_penalty": 2.0},
            "zh": {"width": 6, "n_groups": 3, "diversity_penalty": 2.0},
        },
    ),
}
