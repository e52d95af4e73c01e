"""Learning a byte-level BPE vocabulary, once, with Hugging Face ``tokenizers``.

The result is a list of tokens by rank. ``Tokenizer.from_tokens`` runs it with tiktoken and saves it,
so that ``tokenizers`` is needed only here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from gptviz.tokens.bpe import END_OF_TEXT, PATTERN, byte_alphabet, merge_next, single_bytes
from gptviz.tokens.tokenizer import Tokenizer


def train_vocabulary(texts: Iterable[str], vocab_size: int, *, min_frequency: int = 2) -> list[bytes]:
    """Learn ``vocab_size`` tokens from ``texts``; the 256 single bytes come first, then the merges in order.

    Raises ImportError, in plain words, where ``tokenizers`` is not installed.
    """
    try:
        from tokenizers import Regex, models, pre_tokenizers, trainers
        from tokenizers import Tokenizer as Library
    except ImportError as error:  # pragma: no cover - depends on the machine
        raise ImportError("Learning a vocabulary needs the package 'tokenizers': pip install tokenizers") from error
    tokenizer = Library(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        min_frequency=min_frequency,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer=trainer)
    to_byte = {char: byte for byte, char in byte_alphabet().items()}
    learnt = sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
    merged = (bytes(to_byte[char] for char in token) for token, _ in learnt)
    tokens = dict.fromkeys([*(bytes([b]) for b in range(256)), *merged])  # keeps order, drops repeats
    return list(tokens)[:vocab_size]


def learnt_merges(tokenizer: Tokenizer, most: int) -> Iterator[tuple[str, str]]:
    """The first merges of a byte-level BPE, in the order in which they were learnt: the two tokens that become one.

    A token is the merge of what its bytes are split into by all merges before it. Bytes that are no text of their own
    are written as ``\\xe4``.
    """
    ranks = {tokenizer.token_bytes(i): i for i in range(tokenizer.vocab_size) if not tokenizer.is_special(i)}
    learnt = [token for token, _ in sorted(ranks.items(), key=lambda item: item[1]) if len(token) > 1]
    for token in learnt[:most]:
        parts = list(single_bytes(token))
        while len(parts) > 2 and merge_next(parts, ranks, ranks[token]) is not None:
            pass
        if len(parts) == 2:
            yield _shown(parts[0]), _shown(parts[1])


def _shown(token: bytes) -> str:
    return token.decode("utf-8", "backslashreplace")


def balanced_documents(parts: dict[str, Path], budgets: dict[str, int]) -> Iterator[str]:
    """Lines of each part up to its budget of bytes, spread evenly over the part."""
    for name, path in parts.items():
        text = path.read_text(encoding="utf-8").replace(END_OF_TEXT, "")
        pieces = text.split("\n\n")
        share = min(1.0, budgets[name] / max(1, len(text.encode("utf-8"))))
        taken = 0.0
        for piece in pieces:
            taken += share
            if taken >= 1.0:
                taken -= 1.0
                yield piece
