"""Texts to try a model on: those that tokenizers stumble over, and a plain paragraph in each language.

The paragraphs were written for this, in letters, commas and full stops alone, so that a vocabulary of the characters
of some old book holds them too; words such as “the” stand in them many times.
"""

from __future__ import annotations

HARD = (
    "The cat sat on the mat.",
    "  two spaces,\ttabs\tand\n\nempty lines  \n",
    "我今天很好，你呢？“是的。”",
    "龘𠀀㐀",  # rare, and beyond the first 65,536 characters
    "👩‍👩‍👧 🇨🇳 👍🏽",  # several code points each
    "e\u0301 é ö o\u0308 ñ",  # marks set on letters, and the same in one
    "नमस्ते สวัสดี ﷺ",
    "שלום مرحبا",
    "a\x00b\x07c\x1b[0m\x7f\u200b\ufeff",  # control characters
    'def f(x):\n    return {"a": [x**2, 0x1F]}  # <b>&amp;</b> $\\frac{1}{2}$\r\n',
    "1234567890 3.14159 1,000",
    "<|endoftext|> <s> </s> [UNK] <0x0A> ▁ Ġ ##ing",  # names of marks, typed
    "ﬁ Ⅷ ① ｆｕｌｌ",  # what normal forms rewrite
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
)

PARAGRAPHS = {
    "en": "Every morning the old man walked down to the river and sat on the stone by the water. The children came to "
    "the river too, and the dog ran after them. They asked the old man to tell them a story, and he told them of the "
    "king and the queen who lived in the house on the hill.",
    "zh": "每天早上，老人都走到河边，坐在水边的石头上。孩子们也到河边来，小狗跟在他们的后面跑。他们请老人讲一个故事，"
    "老人就给他们讲国王和王后的故事。国王和王后的家在山上，孩子们都说，他们要到山上去看国王和王后。",
}
