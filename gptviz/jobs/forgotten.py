"""What a job's model has forgotten of the language once it has learnt: see ``gptviz.tuning.forgetting``."""

from __future__ import annotations

from gptviz.errors import ConfigError, PromptError
from gptviz.evaluation.held_out import Part
from gptviz.language_model import LocalModel
from gptviz.tuning.cost import FLOPS
from gptviz.tuning.forgetting import Memory, held_out_text
from gptviz.tuning.trunk import Trunk

SECONDS = 3.0  # of one core, about, for each part that is read once


def forgotten(lm: LocalModel, trunk: Trunk) -> list[tuple[str, float, float]]:
    """(part, before, after) of each language, bits per byte: what it costs ``lm``, and ``trunk``, which was one.

    None for a model whose vocabulary cannot write the texts: it has no bits per byte. A large model is measured on the
    first texts of each part, so that it stays a matter of seconds: before and after on the same ones.
    """
    try:
        parts = [within(part, lm) for part in held_out_text(lm.tokenizer)]
        return [(one.part, one.before, one.after) for one in Memory(lm, parts).forgotten(trunk)]
    except (PromptError, ConfigError):
        return []


def within(part: Part, lm: LocalModel) -> Part:
    """The first texts of a part, at least one, that ``lm`` reads in ``SECONDS`` (2 FLOPs a parameter and token)."""
    left, count = SECONDS * FLOPS / (2 * lm.config.n_parameters), 0
    for document in part.documents:
        left -= len(document)
        if left < 0 and count:
            break
        count += 1
    return Part(part.name, part.documents[:count], part.n_bytes[:count])
