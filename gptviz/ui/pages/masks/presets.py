"""Sentences whose blank follows from what comes after it, and the word that is hidden in each (from 0).

A test has both models read them: the word costs the masked one less than its twin, which has not read on.
"""

from __future__ import annotations

PRESETS: dict[str, tuple[tuple[str, int], ...]] = {
    "en": (
        ("The dog barks at the cat.", 1),
        ("Anna lost her key.", 0),
        ("Ben ate an apple.", 2),
        ("It was dark, so Tom lit a candle.", 2),
    ),
    "zh": (("小狗在垫子上睡觉。", 2), ("小明买了一本书。", 4), ("小红丢了她的钥匙。", 0), ("小鱼在水里游。", 0)),
}
OTHERS = 2  # of the other languages' that are offered besides


def presets(lang: str) -> list[tuple[str, int]]:
    """Those of a language, and some of the others."""
    own = PRESETS.get(lang, PRESETS["en"])
    return [*own, *(one for name, some in PRESETS.items() if some is not own for one in some[:OTHERS])]
