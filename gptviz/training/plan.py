"""What a run is asked to be: what is read, what is trained, and what is kept of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from gptviz.errors import ConfigError
from gptviz.gpt.config import PARTS, PRESETS, GPTConfig, TrainConfig, modern, padded
from gptviz.gpt.weights import read_config as read_model_config
from gptviz.paths import MODELS
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.training import characters
from gptviz.training.data import Mixture, mixture, prepare_all, read_shares
from gptviz.training.worlds import WORLDS

VOCABULARY = "vocabulary"  # the folder of one that is learnt for a run, in the run's own
KEEP = ("last", "best")
_OF_PARTS = ("norm", "gated", "activation", "biases", "n_inner", "rotary")  # fields in which ``modern`` differs


@dataclass(frozen=True)
class Plan:
    """One run: what is read, what is trained, and what is kept of it."""

    data: Path | None  # a text file, or a folder of <part>.{train,valid}.txt[.xz]; None where there is a world
    out: Path  # the model lies in its folder ``model``; a run found there is continued
    preset: str = "tiny"
    changes: Mapping[str, Any] = field(default_factory=dict)  # fields of TrainConfig in place of the preset's
    shape: Mapping[str, Any] = field(default_factory=dict)  # fields of GPTConfig in place of those of its model
    world: str = ""  # a generated world to learn from instead of text: one of WORLDS, by characters
    weights: Path | None = None  # JSON {"part": share}; parts left out are not read
    later_weights: Path | None = None
    vocabulary: Path = MODELS / "bilingual"  # folder with the tokenizer
    characters: bool = False  # one token for each character of the text file instead
    learn: int | None = None  # a vocabulary of byte-level BPE with so many tokens, learnt from the text file instead
    encoding: str | None = None  # of the text file; None: UTF-8
    tokens: int | None = None  # only so many of the vocabulary, the first ones
    mask: str | None = None  # the text of a token that hides others, which are to be guessed; None: the next token is
    parts: str = ""  # what the model is built of, where the preset is not to say: one of PARTS
    init: Path | None = None  # a model folder to start from; its shape replaces the preset's
    keep: str = "last"  # the weights that are written: the last, or those of the lowest held-out loss
    snapshots: int = 0  # steps at which the weights are kept as well, about
    snapshots_from: int = 1  # the first of them after 0
    cache: Path | None = None  # folder for tokenised text, which runs on one corpus may share
    device: str | None = None
    compiled: bool | None = None  # by default where that is fast
    minutes: float | None = None  # stop cleanly after so long
    save_every: int = 200  # steps between saved states, and ``save_seconds`` at least
    save_seconds: float | None = None  # by default ``SAVE_SECONDS``

    def __post_init__(self) -> None:
        if self.preset not in PRESETS:
            raise ConfigError("config.preset", name=self.preset, choices=", ".join(PRESETS))
        if self.world and self.world not in WORLDS:
            raise ConfigError("train.world", name=self.world[:60], choices=", ".join(WORLDS))
        if bool(self.world) == (self.data is not None):
            raise ConfigError("train.text_or_world")
        for name, said, choices in (("keep", self.keep, KEEP), ("parts", self.parts or PARTS[0], PARTS)):
            if said not in choices:
                raise ConfigError("config.choice", name=name, value=said, choices=", ".join(choices))

    def configure(self, vocab_size: int, mask_token: int | None = None) -> TrainConfig:
        """The preset with the changes and the tokenizer's vocabulary; with ``mask_token`` the model sees both ways."""
        preset, changes = PRESETS[self.preset], dict(self.changes)
        if "learning_rate" in changes and "min_learning_rate" not in changes:
            changes["min_learning_rate"] = min(preset.min_learning_rate, changes["learning_rate"])
        if "steps" in changes and "warmup" not in changes:
            changes["warmup"] = min(preset.warmup, max(0, changes["steps"] // 10))
        if self.snapshots:  # whose index holds the loss of each step
            changes["log_every"] = 1
        changes["mask_token"] = mask_token
        shape = padded(self._shape(preset.model), vocab_size)
        if self.init is not None:  # positions that were learnt already are not started anew, unless that is asked for
            changes = {"sinusoids": 0.0} | changes
            shape = replace(read_model_config(self.init), dropout=preset.model.dropout)
        return replace(preset, model=replace(shape, causal=mask_token is None), **changes)

    def _shape(self, shape: GPTConfig) -> GPTConfig:
        """The preset's shape with the changes, of the parts that are wished for."""
        changed = replace(shape, **self.shape)
        parts = self.parts or ("modern" if modern(shape) == shape else "")
        return replace(_built_of(parts, changed), **self.shape) if parts else changed

    def mask_token(self, tokenizer: Tokenizer) -> int | None:
        """The token that hides others, where that is asked for. Raises ConfigError where it is no single token."""
        if self.mask is None:
            return None
        ids = tokenizer.encode_plain(self.mask)
        if len(ids) != 1:
            raise ConfigError("train.mask", mask=self.mask, tokens=len(ids))
        return ids[0]

    def open_text(self) -> tuple[Tokenizer, Mixture, Mixture | None]:
        """The tokenizer and the text to train and to check on; ConfigError where there is none."""
        if self.data is None:
            return characters.open_world(WORLDS[self.world], self.changes.get("seed", PRESETS[self.preset].seed))
        if self.learn is not None:
            return characters.open_learning(self.data, self.learn, self.out / VOCABULARY, encoding=self.encoding)
        if self.characters:
            return characters.open_file(self.data, encoding=self.encoding)
        tokenizer = Tokenizer.load(self.vocabulary)
        if self.tokens is not None:
            tokenizer = tokenizer.shortened(self.tokens)
        if self.data.is_file():
            return characters.open_file(self.data, tokenizer, encoding=self.encoding)
        cache = (self.cache or self.out / "tokens") / tokenizer.fingerprint
        weights, later = (read_shares(path) for path in (self.weights, self.later_weights))
        train = open_parts(self.data, "train", tokenizer, cache, weights, later)
        valid = open_parts(self.data, "valid", tokenizer, cache, weights)  # the same all through, to be compared
        if train is None:
            raise ConfigError("train.no_text", folder=str(self.data))
        return tokenizer, train, valid


def _built_of(parts: str, shape: GPTConfig) -> GPTConfig:
    """A shape of the parts that are wished for; it may be of either kind itself."""
    usual = GPTConfig()
    plain = replace(shape, **{name: getattr(usual, name) for name in _OF_PARTS})
    return modern(plain) if parts == "modern" else plain


def open_parts(folder: Path, split: str, tokenizer: Tokenizer, cache: Path, weights: dict[str, float] | None,
               later: dict[str, float] | None = None) -> Mixture | None:  # fmt: skip
    """All parts of one split, tokenised where they are not yet; None where there are none."""
    files = sorted([*folder.glob(f"*.{split}.txt"), *folder.glob(f"*.{split}.txt.xz")])
    names = {path.name.split(f".{split}.")[0]: path for path in files}
    read = {name for shares in (weights, later) for name, share in (shares or {}).items() if share > 0}
    chosen = {name: path for name, path in names.items() if weights is None or name in read}
    parts = prepare_all(chosen.values(), tokenizer, cache)
    return mixture(dict(zip(chosen, parts, strict=True)), weights, later) if parts else None
