"""A text changed word by word until a classifier is wrong: which word, and for which other, the gradient says.

HotFlip (Ebrahimi et al. 2018, section 3): where token i becomes v the loss grows, to first order, by
(e_v − e_i) · ∂L/∂e_i. All exchanges are ranked by that at once; the best few are tried, and the one that truly raises
the loss most is taken. A word is exchanged for one of the same kind (letters, Chinese), no place twice.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple
from weakref import WeakKeyDictionary

import torch
from torch import Tensor
from torch.nn import functional as F

from gptviz.errors import ConfigError, PromptError
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tuning.batches import encode, padded
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.method import require

MOST_FLIPS, MOST_TRIES = 64, 512
_LATIN, _HAN = re.compile(r" ?[^\W\d_\u2e80-\u9fff]+"), re.compile(r"[\u3400-\u9fff]+")


class Flip(NamedTuple):
    """One exchange, and where it leads."""

    place: int  # which token, from 0
    old: str
    new: str
    promised: float  # what the loss should have grown by, to first order, nats
    gained: float  # what it grew by
    text: str  # as it is now
    found: str  # what it is taken for now
    prob: float  # of the true label


def kind_of(piece: str) -> str:
    """``word`` with a space before it, ``start`` without, ``han``; nothing for what is not exchanged.

    >>> [kind_of(piece) for piece in (" good", "good", "好", " 3", ".", " ")]
    ['word', 'start', 'han', '', '', '']
    """
    if _HAN.fullmatch(piece):
        return "han"
    return ("word" if piece[0] == " " else "start") if _LATIN.fullmatch(piece) else ""


def places(pieces: Sequence[str]) -> list[int]:
    """Tokens that are whole words: no letter goes on before or behind.

    >>> places([" un", "happy", " end", ".", " so"])
    [2, 4]
    """
    found = []
    for i, piece in enumerate(pieces):
        kind = kind_of(piece)
        goes_on = i + 1 < len(pieces) and kind_of(pieces[i + 1][:1]) == "start"
        went_on = kind == "start" and i > 0 and kind_of(pieces[i - 1][-1:]) == "start"
        if kind == "han" or (kind and not goes_on and not went_on):
            found.append(i)
    return found


def attack(
    classifier: Classifier,
    tokenizer: Tokenizer,
    text: str,
    label: str,
    *,
    flips: int = 8,
    tries: int = 16,
    most: int = 256,
    taken_before: Collection[int] = (),
) -> Iterator[Flip]:
    """Exchanges one after another, until it is taken for something else, none raises the loss, or ``flips`` are done.

    ``taken_before``: places that stay as they are; so an attack can be gone on with, one exchange at a time.

    Raises PromptError for a text without tokens, ConfigError for a label that was not learnt.
    """
    require("flips", flips, 1, MOST_FLIPS)
    require("tries", tries, 1, MOST_TRIES)
    if not text:
        raise PromptError("prompt.empty")
    if label not in classifier.labels:
        raise ConfigError("tune.unseen", file="", labels=label[:200])
    classifier.eval()
    wanted, [ids] = classifier.labels.index(label), encode(tokenizer, [text], min(most, classifier.trunk.most))
    pieces, kinds = _vocabulary(tokenizer, classifier.trunk.model.n_tokens)
    free = set(places([pieces[token] for token in ids])) - set(taken_before)
    loss, taken = _losses(classifier, [ids], wanted)
    for _ in range(flips):
        if taken[0] != wanted or not free:
            return
        tried = []
        for place, new, promised in _promising(classifier, ids, wanted, sorted(free), kinds, tries):
            changed = [*ids[:place], new, *ids[place + 1 :]]
            if tokenizer.encode(tokenizer.decode(changed)) == changed:  # else nobody can type it
                tried.append((place, new, promised, changed))
        if not tried:
            return
        costs, labels = _losses(classifier, [row for *_, row in tried], wanted)
        best = int(costs.argmax())
        if float(costs[best]) <= float(loss[0]):
            return
        (place, new, promised, changed), after, taken = tried[best], float(costs[best]), [labels[best]]
        gained = after - float(loss[0])
        yield Flip(place, pieces[ids[place]], pieces[new], promised, gained, tokenizer.decode(changed),
                   classifier.labels[taken[0]], float(torch.tensor(-after).exp()))  # fmt: skip
        loss, ids = torch.tensor([after]), changed
        free.discard(place)


_VOCABULARIES: WeakKeyDictionary[Tokenizer, tuple[list[str], list[str]]] = WeakKeyDictionary()


def _vocabulary(tokenizer: Tokenizer, count: int) -> tuple[list[str], list[str]]:
    """The first ``count`` tokens as text, and what kind each is: once for all exchanges."""
    found = _VOCABULARIES.get(tokenizer)
    if found is None or len(found[0]) != count:
        pieces = [tokenizer.decode([token]) for token in range(count)]
        found = _VOCABULARIES[tokenizer] = pieces, [kind_of(piece) if piece else "" for piece in pieces]
    return found


def _promising(classifier: Classifier, ids: list[int], wanted: int, free: Sequence[int], kinds: Sequence[str],
               count: int) -> list[tuple[int, int, float]]:  # fmt: skip
    """The exchanges that promise most: place, new token, nats."""
    trunk = classifier.trunk
    rows = trunk.tokens(torch.tensor([ids])).detach().requires_grad_(True)
    with torch.enable_grad():
        logits = classifier.of_rows(rows, torch.tensor([len(ids)]))
        [gradient] = torch.autograd.grad(F.cross_entropy(logits, torch.tensor([wanted])), rows)
    with torch.no_grad():
        every = trunk.tokens(torch.arange(len(kinds))[None])[0]  # (V, C)
        promised = gradient[0] @ every.T - (gradient * rows)[0].sum(-1, keepdim=True)  # (T, V)
        names = {name: torch.tensor([kind == name for kind in kinds]) for name in set(kinds)}
        allowed = torch.zeros_like(promised, dtype=torch.bool)
        for place in free:
            allowed[place] = names[kinds[ids[place]]]
            allowed[place, ids[place]] = False
        promised[~allowed] = -torch.inf
        best = promised.flatten().topk(min(count, int(allowed.sum())))
    return [(*divmod(int(at), len(kinds)), float(nats)) for at, nats in zip(best.indices, best.values, strict=True)]


@torch.no_grad()
def _losses(classifier: Classifier, rows: Sequence[Sequence[int]], wanted: int) -> tuple[Tensor, list[int]]:
    """−ln p of the true label of each text, and what each is taken for."""
    logits = classifier(padded(rows))
    return -F.log_softmax(logits.double(), dim=-1)[:, wanted], logits.argmax(-1).tolist()
