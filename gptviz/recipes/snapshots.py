"""A model as it was at a moment of its training."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def moment(at: int, body: Iterable[str], *, bundled: bool, ids: Sequence[int] = ()) -> str:
    """The model of one moment, the trace of a text by it, then ``body``; of a run of one's own, its folder."""
    folder = "MODELS / 'small'" if bundled else "Path('out/model')"
    return "\n".join([
        "from gptviz.paths import MODELS" if bundled else "from pathlib import Path",
        "from gptviz.language_model import LocalModel",
        "from gptviz.tokens.tokenizer import Tokenizer",
        "from gptviz.training import snapshots",
        f"kept = snapshots.read({folder})",
        f"lm = LocalModel(kept.model(kept.moments[{at}]), Tokenizer.load({folder}))",
        *([f"trace = lm.trace({[int(i) for i in ids]!r})"] if ids else []),
        *body,
    ])  # fmt: skip
