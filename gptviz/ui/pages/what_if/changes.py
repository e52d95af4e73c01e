"""The changes of a page as one short text, as a link has it: read within bounds, made edits, written as Python. Pure.

>>> [one.text for one in parse("mask;head.2.3.zero;nonsense")[0]]
['mask', 'head.2.3.zero']
"""

from __future__ import annotations

from typing import NamedTuple

from gptviz import edits
from gptviz.edits import MODES, EditLike
from gptviz.gpt.config import GPTConfig

MOST, MOST_TEXT = 64, 1500  # changes at a time, and characters of their text
_LARGEST = 100_000
#: Of each kind its fields: what they count, or how something is switched off.
KINDS: dict[str, tuple[str, ...]] = {
    "head": ("layer", "head", "mode"), "mlp": ("layer", "mode"), "layer": ("layer", "mode"),
    "uniform": ("layer", "head"), "strike": ("layer", "head", "query_pos", "key_pos"), "mask": (), "scale": (),
    "nopos": (), "shift": ("by",), "shuffle": ("seed",),
}  # fmt: skip


class Change(NamedTuple):
    """One change: its kind, its numbers in the order of ``KINDS``, and how a part is switched off."""

    kind: str
    numbers: tuple[int, ...] = ()
    mode: str = "zero"

    @property
    def text(self) -> str:
        """As a link says it."""
        mode = (self.mode,) if "mode" in KINDS[self.kind] else ()
        return ".".join((self.kind, *map(str, self.numbers), *mode))

    @property
    def values(self) -> dict[str, int]:
        """Its numbers by name."""
        return dict(zip((name for name in KINDS[self.kind] if name != "mode"), self.numbers, strict=True))

    def fits(self, config: GPTConfig, T: int) -> bool:
        """Whether there is such a place in this model and a text of ``T`` tokens."""
        limits = {"layer": config.n_layer, "head": config.n_head, "query_pos": T, "key_pos": T}
        return all(value < limits.get(name, _LARGEST + 1) for name, value in self.values.items())

    def edit(self) -> EditLike:
        """What carries it out."""
        v = self.values
        if self.kind == "head":
            return edits.ablate(layer=v["layer"], head=v["head"], mode=self.mode)
        if self.kind in ("mlp", "layer"):
            return edits.ablate(layer=v["layer"], mlp=self.kind == "mlp", mode=self.mode)
        if self.kind == "uniform":
            return edits.uniform(**v)
        if self.kind == "strike":
            return edits.strike(**v)
        if self.kind == "shift":
            return edits.shift_positions(v["by"])
        if self.kind == "shuffle":
            return edits.shuffle_positions(v["seed"])
        return {"mask": edits.no_mask, "scale": edits.no_scale, "nopos": edits.no_positions}[self.kind]()

    def python(self) -> str:
        """The call that makes it."""
        v = self.values
        named = ", ".join(f"{name}={value}" for name, value in v.items())
        if self.kind in ("head", "mlp", "layer"):
            part = ", mlp=True" if self.kind == "mlp" else ""
            return f"edits.ablate({named}{part}, mode={self.mode!r})"
        if self.kind in ("uniform", "strike"):
            return f"edits.{self.kind}({named})"
        numbers = ", ".join(map(str, self.numbers))
        name = {"mask": "no_mask", "scale": "no_scale", "nopos": "no_positions", "shift": "shift_positions",
                "shuffle": "shuffle_positions"}[self.kind]  # fmt: skip
        return f"edits.{name}({numbers})"


def parse(text: str) -> tuple[list[Change], int]:
    """(the changes that the text names, each once, at most ``MOST``; how many parts of it name none)."""
    found: dict[Change, None] = {}
    bad = 0
    for part in filter(None, text[:MOST_TEXT].split(";")):
        one = _one(part)
        if one is None:
            bad += 1
        elif len(found) < MOST:
            found[one] = None
    return list(found), bad


def _one(part: str) -> Change | None:
    kind, *said = part.split(".")
    fields = KINDS.get(kind)
    if fields is None or len(said) != len(fields):
        return None
    mode = said.pop() if "mode" in fields else "zero"
    if mode not in MODES or not all(word.isascii() and word.isdigit() and len(word) < 7 for word in said):
        return None
    numbers = tuple(map(int, said))
    return Change(kind, numbers, mode) if all(number <= _LARGEST for number in numbers) else None
