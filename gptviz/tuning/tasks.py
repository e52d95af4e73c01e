"""What is learnt: which label a text has, or which tag each of its words."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.language_model import LocalModel
from gptviz.tuning.adversarial import Adversary
from gptviz.tuning.batches import MOST_TOKENS, batches_by_length, encode, padded
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.examples import Example, Split, Tagged, labels_of, split, tags_of
from gptviz.tuning.tagger import NONE, Tagger, pieces, targets
from gptviz.tuning.tuner import TuneConfig, Tuning


class Classification(Tuning):
    """Labelled texts, a model, and the classifier that comes of them."""

    starts_blank = True

    def __init__(self, lm: LocalModel, examples: Sequence[Example], config: TuneConfig | None = None, *,
                 adversary: Adversary | None = None, source: str = "") -> None:  # fmt: skip
        """With an ``adversary`` it learns against its steps. Raises ConfigError where the texts have one label only, or
        the method does not fit the model."""
        labels = labels_of(examples, source)
        super().__init__(lm, config or TuneConfig())
        self.tokenizer, self.adversary = lm.tokenizer, adversary
        self.learner = self.classifier = Classifier(self.trunk, labels, pooling=self.config.pooling)
        self._set(split(examples, self.config.valid_share, seed=self.config.seed))

    def take(self, train: Sequence[Example]) -> None:
        """Learn from these in place of those; what is held out stays. Their labels must be known."""
        self._set(Split(list(train), self.split.valid))

    def _set(self, parts: Split) -> None:
        labels = self.classifier.labels
        self.split = parts
        self.rows = [encode(self.tokenizer, [x.text for x in part], self.most) for part in parts]
        self.targets = [np.array([labels.index(x.label) for x in part], dtype=np.int64) for part in parts]

    def find(self, texts: Sequence[str]) -> list[str]:
        """The likeliest label of each text."""
        logits = self.classifier.logits(encode(self.tokenizer, texts, self.most))
        return [self.classifier.labels[i] for i in logits.argmax(1)]

    def loss(self, places: Sequence[int]) -> Tensor:
        batch = padded([self.rows[0][i] for i in places])
        targets = torch.from_numpy(self.targets[0][list(places)])
        if self.adversary is None:
            return F.cross_entropy(self.classifier(batch), targets)

        def losses(rows: Tensor) -> Tensor:
            return F.cross_entropy(self.classifier.of_rows(rows, batch.lengths), targets, reduction="none")

        return self.adversary.loss(losses, self.trunk.tokens(batch.ids), self.trunk)

    def held_out(self) -> tuple[float, float] | None:
        if not self.rows[1]:
            return None
        logits = torch.from_numpy(self.classifier.logits(self.rows[1]))
        targets = torch.from_numpy(self.targets[1])
        return float(F.cross_entropy(logits, targets)), float((logits.argmax(-1) == targets).double().mean())


class Labelling(Tuning):
    """Sentences with a tag for each word, a model, and the tagger that comes of them."""

    starts_blank = True

    def __init__(self, lm: LocalModel, sentences: Sequence[Tagged], config: TuneConfig | None = None, *,
                 source: str = "") -> None:  # fmt: skip
        """Raises ConfigError where no sentence has an entity, or the method does not fit the model."""
        tags = tags_of(sentences, source)
        super().__init__(lm, config or TuneConfig())
        rng = np.random.default_rng(self.config.seed)
        count = round(self.config.valid_share * len(sentences))
        held = set(rng.permutation(len(sentences))[:count].tolist())
        parts: list[list[Tagged]] = [[], []]
        for i, sentence in enumerate(sentences):
            parts[i in held].append(sentence)
        self.valid = parts[1]
        self.learner = self.tagger = Tagger(self.trunk, tags)
        read = [[pieces(lm.tokenizer, x.words, self.most) for x in part] for part in parts]
        self.rows = [[found.ids for found in part] for part in read]
        number = {tag: i for i, tag in enumerate(tags)}
        self.targets = [[targets(found, [number[tag] for tag in x.tags]) for found, x in zip(*both, strict=True)]
                        for both in zip(read, parts, strict=True)]  # fmt: skip

    def loss(self, places: Sequence[int]) -> Tensor:
        logits = self.tagger(padded([self.rows[0][i] for i in places]))  # (B, T, n_tags)
        return F.cross_entropy(logits.flatten(0, 1), self._side_by_side(0, places).flatten(), ignore_index=NONE)

    @torch.no_grad()
    def held_out(self) -> tuple[float, float] | None:
        if not self.rows[1]:
            return None
        self.learner.eval()
        total = right = words = 0.0
        for places in batches_by_length(self.rows[1], MOST_TOKENS):
            logits = self.tagger(padded([self.rows[1][i] for i in places])).flatten(0, 1)
            wanted = self._side_by_side(1, places).flatten()
            total += float(F.cross_entropy(logits, wanted, ignore_index=NONE, reduction="sum"))
            right += float((logits.argmax(-1) == wanted).sum())
            words += float((wanted != NONE).sum())
        return total / words, right / words

    def _side_by_side(self, part: int, places: Sequence[int]) -> Tensor:
        """The targets of these texts, (B, T), ``NONE`` where no word ends."""
        rows = [self.targets[part][i] for i in places]
        found = torch.full((len(rows), max(map(len, rows))), NONE)
        for i, row in enumerate(rows):
            found[i, : len(row)] = torch.tensor(row)
        return found
