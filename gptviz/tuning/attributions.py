"""Which tokens a classifier's answer rests on: gradient times input, checked against taking each token out.

With e_i what stands for token i and f how far the label's logit lies above the mean of the others, token i gets
e_i · ∂f/∂e_i (Denil et al. 2014; Shrikumar et al. 2016): to first order, what f loses where e_i becomes 0. *Occlusion*
(Zeiler & Fergus 2014) computes that loss, one reading for each token; the position stays, so that both ask the same.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from gptviz.errors import ConfigError, PromptError
from gptviz.numbers import Doubles
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tuning.batches import MOST_TOKENS, encode
from gptviz.tuning.classifier import Classifier


class Attribution(NamedTuple):
    """One text and one label; a number for each of its T tokens, in logits: above 0 speaks for the label."""

    ids: tuple[int, ...]
    label: str
    score: float  # f: the label's logit less the mean of the others
    gradient: Doubles  # (T,) gradient times input
    occlusion: Doubles  # (T,) what f loses without the token
    agreement: float | None  # Pearson's correlation of both; None where one of them does not vary


def attribute(classifier: Classifier, tokenizer: Tokenizer, text: str, label: str | None = None, *, most: int = 256
              ) -> Attribution:  # fmt: skip
    """Of the first ``most`` tokens of ``text``; without a label, of the one that it is taken for.

    Raises PromptError for a text without tokens, ConfigError for a label that the classifier has not learnt.
    """
    if not text:
        raise PromptError("prompt.empty")
    if label is not None and label not in classifier.labels:
        raise ConfigError("tune.unseen", file="", labels=label[:200])
    classifier.eval()
    [ids] = encode(tokenizer, [text], min(most, classifier.trunk.most))
    with torch.no_grad():
        rows = classifier.trunk.tokens(torch.tensor([ids]))  # (1, T, C)
        logits = classifier.of_rows(rows, torch.tensor([len(ids)]))
    wanted = int(logits.argmax()) if label is None else classifier.labels.index(label)
    gradient, score = _gradient(classifier, rows, wanted)
    without = _without(classifier, rows, wanted)  # (T,)
    by_gradient = (gradient * rows).sum(-1)[0].double().numpy()
    by_occlusion = score - without.double().numpy()
    varies = min(by_gradient.std(), by_occlusion.std()) > 1e-12
    agreement = float(np.corrcoef(by_gradient, by_occlusion)[0, 1]) if varies else None
    return Attribution(tuple(ids), classifier.labels[wanted], score, by_gradient, by_occlusion, agreement)


def above_the_others(logits: Tensor, wanted: int) -> Tensor:
    """(B, n_labels) → (B,): a label's logit less the mean of the others."""
    others = (logits.sum(-1) - logits[:, wanted]) / (logits.shape[-1] - 1)
    return logits[:, wanted] - others


def _gradient(classifier: Classifier, rows: Tensor, wanted: int) -> tuple[Tensor, float]:
    """∂f/∂e (1, T, C), and f."""
    with torch.enable_grad():
        given = rows.detach().clone().requires_grad_(True)
        score = above_the_others(classifier.of_rows(given, torch.tensor([rows.shape[1]])), wanted)
        [gradient] = torch.autograd.grad(score.sum(), given)
    return gradient, float(score.detach())


@torch.no_grad()
def _without(classifier: Classifier, rows: Tensor, wanted: int) -> Tensor:
    """(T,): f with each token's row set to 0."""
    T, found = rows.shape[1], list[Tensor]()
    size = max(1, MOST_TOKENS // T)
    for begin in range(0, T, size):
        places = range(begin, min(begin + size, T))
        changed = rows.repeat(len(places), 1, 1)
        changed[range(len(places)), list(places)] = 0.0
        logits = classifier.of_rows(changed, torch.full((len(places),), T))
        found.append(above_the_others(logits, wanted))
    return torch.cat(found)
