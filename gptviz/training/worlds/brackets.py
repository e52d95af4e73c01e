"""Three kinds of brackets, each closed as it was opened: what comes next depends on what is still open."""

from __future__ import annotations

from gptviz.training.worlds._grammar import Grammar

#: Of anything at all there is a pair with probability 0.4, inside each pair and after it: on average two pairs a line
#: (0.4 · (1 + 2 · 2)); from 0.5 on they would have no end.
WORLD = Grammar("brackets", {
    "start": [("{some}\n", 1)],
    "some": [("", 0.6), ("({some}){some}", 0.2), ("[{some}]{some}", 0.12), ("<{some}>{some}", 0.08)],
})  # fmt: skip
