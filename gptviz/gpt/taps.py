"""The table of taps: each place in the forward pass that has a name.

What a trace keeps, its attributes and their description follow from it; an edit (``gptviz.gpt.editing``) puts something
else in a place's stead. A new place is a row here and a ``tap`` in ``gptviz.gpt.model``; where it is not kept, it is
worked out in ``gptviz.gpt.derived`` when somebody looks.
"""

from __future__ import annotations

from typing import NamedTuple

from gptviz.gpt.config import GPTConfig

#: Axes by their names in the table, and what they are called where a shape is written out.
AXES = {
    "layer": "n_layer",
    "stage": "n_layer + 1",  # before each block, and after the last
    "head": "n_head",
    "kv_head": "n_kv_head",  # as many as n_head, unless queries share keys and values
    "T": "T",  # positions
    "query_pos": "T",
    "key_pos": "T",
    "d": "head_dim",
    "C": "C",  # n_embd
    "F": "mlp_width",  # 4C in GPT-2
    "V": "vocab_size",
}


class Tap(NamedTuple):
    """A named place."""

    name: str
    axes: tuple[str, ...]  # of AXES, of the whole array; the pass itself meets it a layer at a time
    kept: bool  # written down by every trace; the others are worked out from those when they are looked at
    meaning: str
    editable: bool = True

    @property
    def layered(self) -> bool:
        """Whether there is one for each layer."""
        return self.axes[0] in ("layer", "stage")

    @property
    def shape(self) -> str:
        """As it is written in documentation."""
        return f"({', '.join(AXES[axis] for axis in self.axes)})"

    def size(self, config: GPTConfig, T: int) -> tuple[int, ...]:
        """The shape in numbers, for ``T`` positions."""
        c = config
        sizes = {"layer": c.n_layer, "stage": c.n_layer + 1, "head": c.n_head, "kv_head": c.kv_heads,
                 "d": c.head_dim, "C": c.n_embd, "F": c.mlp_width, "V": c.vocab_size}  # fmt: skip
        return tuple(sizes.get(axis, T) for axis in self.axes)


#: In the order of the pass. Whatever is kept has T as its last axis but one.
TAPS: dict[str, Tap] = {
    tap.name: tap
    for tap in (
        Tap("resid", ("stage", "T", "C"), True, "the residual stream before each block and after the last"),
        Tap("q", ("layer", "head", "T", "d"), True, "queries"),
        Tap("k", ("layer", "kv_head", "T", "d"), True, "keys"),
        Tap("v", ("layer", "kv_head", "T", "d"), True, "values"),
        Tap("scores", ("layer", "head", "query_pos", "key_pos"), False, "q·k/√d before the mask"),
        Tap(
            "pattern", ("layer", "head", "query_pos", "key_pos"), False, "softmax after the mask; 0 above the diagonal"
        ),
        Tap("z", ("layer", "head", "T", "d"), True, "the values weighted by the pattern: pattern @ v"),
        Tap("attn_out", ("layer", "T", "C"), False, "what attention adds to the residual stream"),
        Tap("resid_mid", ("layer", "T", "C"), False, "the residual stream between attention and MLP"),
        # after the activation; in a gated MLP (Llama's) the product of the activated gate and the other half
        Tap("mlp_hidden", ("layer", "T", "F"), False, "the MLP's neurons as its last matrix reads them"),
        Tap("mlp_out", ("layer", "T", "C"), False, "what the MLP adds to the residual stream"),
        Tap("hidden", ("T", "C"), True, "the last residual stream, normalised: what logits are read from"),
        Tap(
            "logits", ("T", "V"), False, "of the token after each position; ``logits_at`` gives one row", editable=False
        ),
    )
}
