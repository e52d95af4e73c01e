"""A model that was made smaller, as a folder that the app opens.

In float32, float16 and bfloat16 it is one that transformers opens as well. int8 is stored as int8, a scale for each
channel (``gptviz.gpt.int8``), which only this project opens, and as float32: the file is small, the model in memory
is not, unless it is held as int8 again.
"""

from __future__ import annotations

from pathlib import Path

import torch

from gptviz.compression.forms import widened
from gptviz.errors import WeightsError
from gptviz.gpt.weights import save_model
from gptviz.language_model import LocalModel
from gptviz.tokens.huggingface import CHAT

STORED = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16, "int8": torch.int8}


def save(lm: LocalModel, folder: Path, *, to: str = "float16") -> None:
    """Write ``lm`` and its vocabulary, its weights as one of ``STORED``.

    Raises WeightsError for another form, for a number too large for it, and for a kind of model that is not written.
    """
    if to not in STORED:
        raise WeightsError("weights.bits", value=to, choices=", ".join(STORED))
    model = widened(lm.model)  # and so nothing was lost in loading it
    if to == "float16":
        most = torch.finfo(torch.float16).max
        for name, value in model.state_dict().items():
            if value.abs().max() > most:
                raise WeightsError("compress.range", name=name, to=to)
    save_model(model, folder, dtype=STORED[to])
    lm.tokenizer.save(folder)
    if lm.chat_template is not None:
        (folder / CHAT).write_text(lm.chat_template, encoding="utf-8")
