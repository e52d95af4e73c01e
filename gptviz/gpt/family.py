"""What a family of models is: one way to write ``config.json`` and to name and lay out tensors.

A family knows three things and nothing of files: what its configuration means in our words (``GPTConfig``, whose fields
say which parts a model is built from), where each of our tensors is among those stored, and, where such folders can be
written, the way back. The families are in ``gptviz.gpt.families``, one file each.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import torch
from torch import Tensor

from gptviz.errors import WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.layout import HEAD, WTE
from gptviz.schema import shown

if TYPE_CHECKING:
    from gptviz.gpt.gguf_file import GGUFFile


class Family:
    """One family; a subclass with a ``model_type`` in a file of ``gptviz.gpt.families`` is found by itself."""

    model_type: ClassVar[str]  # what its config.json calls it
    title: ClassVar[str] = ""  # what people call it; "": as its config.json does

    def read(self, raw: Mapping[str, Any], folder: str) -> GPTConfig:
        """The model's shape and parts, as ``config.json`` (``raw``) gives them.

        Every field that would change a number is honoured or refused: ``refuse`` says which one. What is missing, of
        another type or out of bounds is found by a rule of ``gptviz.schema`` before it is used.
        """
        raise NotImplementedError

    def ours(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        """The stored tensors under our names (those of ``GPT.state_dict``) and in our layout: matrices (in, out).

        What is stored and cannot be placed is handed on under its own name, so that it is told to be left over; what
        is no weight is left out. A tied head is the embedding, whether it is stored or not. Called twice: first with
        tensors that have a shape and no numbers (on the device ``meta``), to be checked before anything is read.
        """
        raise NotImplementedError

    #: What GGUF files call it in ``general.architecture``; None: it is not read from such files.
    gguf: ClassVar[str | None] = None

    def read_gguf(self, file: GGUFFile) -> GPTConfig:
        """The model's shape and parts, as a GGUF file's fields give them: honoured or refused, as with ``read``."""
        raise NotImplementedError

    def renamed(self, stored: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        """A GGUF file's tensors under the names, and in the layout, that ``ours`` reads; ``stored`` is emptied."""
        raise NotImplementedError

    def settled(self, config: GPTConfig, ours: Mapping[str, Tensor]) -> GPTConfig:
        """The shape once the weights are read: some files hold a head of their own, unannounced.

        As in transformers, what is stored apart stays apart.
        """
        head, embedding = ours[HEAD], ours[WTE]
        apart = config.tied and head is not embedding and not torch.equal(head, embedding)
        return replace(config, tied=False) if apart else config

    def writes(self, config: GPTConfig) -> bool:
        """Whether a model of this shape is written as one of this family, and of no other; of most, nobody does."""
        return False

    def raw(self, config: GPTConfig) -> dict[str, Any]:
        """The ``config.json`` of such a model."""
        raise NotImplementedError

    def theirs(self, ours: dict[str, Tensor], config: GPTConfig) -> dict[str, Tensor]:
        """Our tensors as this family stores them: the way back from ``ours``."""
        raise NotImplementedError


def refuse(raw: Mapping[str, Any], folder: str, usual: Mapping[str, bool]) -> None:
    """Raise WeightsError for the first field of ``raw`` that is not ``usual``: such a variant cannot be run."""
    for name, is_usual in usual.items():
        if not is_usual:
            raise WeightsError("weights.variant", folder=folder, kind=raw.get("model_type"), name=name,
                               value=shown(raw.get(name)))  # fmt: skip
