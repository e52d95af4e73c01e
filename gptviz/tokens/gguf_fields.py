"""The tokenizer that a GGUF file brings: its ``tokenizer.ggml.*`` fields as plain values → a ``Tokenizer``.

Two kinds are read: ``gpt2``, byte-level BPE, whose way of cutting texts the file only names (``tokenizer.ggml.pre``),
and ``llama``, SentencePiece's BPE with bytes for what is not in the vocabulary. Names and defaults follow llama.cpp's
``src/llama-vocab.cpp``; a name that is not known here is refused by it, as another way of cutting gives other ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gptviz.errors import FileError
from gptviz.schema import Either, Entries, Flag, Number, Record, Text, Whole
from gptviz.tokens.added import AddedToken
from gptviz.tokens.bpe import GPT2_PATTERN
from gptviz.tokens.huggingface import byte_pairs
from gptviz.tokens.library import LibraryTokenizer
from gptviz.tokens.library_classes import LLAMA3_PATTERN, QWEN2_PATTERN, spaces
from gptviz.tokens.library_files import Library
from gptviz.tokens.marks import USUAL_ENDS, Marks
from gptviz.tokens.sentencepiece import BYTE, CONTROL, NORMAL, UNKNOWN, USER_DEFINED, joined
from gptviz.tokens.token_bytes import bytes_of_tokens
from gptviz.tokens.tokenizer import Tokenizer
from gptviz.tokens.vocabulary_files import LONGEST_NAME, MOST_IDS, damaged, unsupported

#: GPT-2's pattern after digits were cut out one by one, as one pattern: white space before a digit is kept whole.
DIGITS_PATTERN = r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+|\s+(?![^\s\p{N}])|\s+"
_TEKKEN = (
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+"
    r"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*"
    r"|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
#: Names of ways to cut a text, each with its pattern. "default" is written where a converter knew no better; it is read
#: as GPT-2's, as transformers does.
PRE_TOKENIZERS = {
    **dict.fromkeys(("default", "gpt-2", "olmo", "phi-2", "mpt", "jais", "exaone4"), GPT2_PATTERN),
    **dict.fromkeys(("smollm", "starcoder", "refact", "codeshell", "exaone"), DIGITS_PATTERN),
    **dict.fromkeys(("llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "lfm2", "dbrx", "smaug-bpe"),
                    LLAMA3_PATTERN),
    **dict.fromkeys(("qwen2", "deepseek-r1-qwen", "stablelm2", "megrez", "kormo"), QWEN2_PATTERN),
    "tekken": _TEKKEN,
}  # fmt: skip
_BEGIN_WITH_A_MARK = (
    "llama3",
    "llama-v3",
    "llama-bpe",
    "falcon3",
    "falcon-h1",
    "lfm2",
    "tekken",
)  # unless told otherwise

_PREFIX = "tokenizer.ggml."
_ID, _FLAG = Either(Whole(-1, 2**32), None), Either(Flag(), None)
_MARKS = ("bos", "eos", "eot", "eom", "unknown", "padding")
_FIELDS = Record({
    "model": Text(100), "pre": Either(Text(100), None), "tokens": Entries(Text(LONGEST_NAME), MOST_IDS),
    "scores": Either(Entries(Number(-1e30, 1e30), MOST_IDS), None),
    "token_type": Either(Entries(Whole(0, 100), MOST_IDS), None),
    "merges": Either(Entries(Text(2 * LONGEST_NAME + 1), MOST_IDS), None),
    **{f"{name}_token_id": _ID for name in _MARKS}, "add_bos_token": _FLAG, "add_space_prefix": _FLAG,
}, needed=("model", "tokens"))  # fmt: skip
TEMPLATE = "tokenizer.chat_template"


def tokenizer_of(fields: Mapping[str, Any], *, rows: int | None = None, file: str = "GGUF") -> Tokenizer:
    """The tokenizer of ``fields`` (a GGUF file's, by name, as str, int, float, bool and lists of them).

    ``rows``: how many ids the model has a row for; ``file`` is named in sentences. Raises WeightsError for fields that
    are missing or damaged, another kind of vocabulary, or a way of cutting texts that is not known by its name.
    """
    path = Path(file)
    found = {name.removeprefix(_PREFIX): value for name, value in fields.items() if name.startswith(_PREFIX)}
    try:
        _FIELDS.check({name: value for name, value in found.items() if name in _FIELDS.rules}, "tokenizer.ggml")
    except FileError as error:
        raise damaged(path, error) from error
    tokens: list[str] = found["tokens"]
    types = found.get("token_type") or [NORMAL] * len(tokens)
    if len(types) != len(tokens):
        raise damaged(path, ValueError(f"{len(types)} kinds of tokens, {len(tokens)} tokens"))
    vocab = {name: number for number, name in enumerate(tokens)}
    if len(vocab) < len(tokens):
        raise damaged(path, ValueError("a token that is there twice"))
    looked_for = (UNKNOWN, CONTROL, USER_DEFINED)
    kinds = enumerate(zip(tokens, types, strict=True))
    added = tuple(AddedToken(name, n, kind != USER_DEFINED) for n, (name, kind) in kinds if name and kind in looked_for)
    if found["model"] == "gpt2":
        return _byte_level(path, found, vocab, added, rows)
    if found["model"] == "llama":
        return _sentence_piece(path, found, vocab, types, added, rows)
    raise unsupported(path, f"tokenizer.ggml.model {found['model']}")


def template_of(fields: Mapping[str, Any]) -> str | None:
    """The chat template that a GGUF file brings, if any."""
    found = fields.get(TEMPLATE)
    return found if isinstance(found, str) and found else None


def _byte_level(path: Path, found: Mapping[str, Any], vocab: Mapping[str, int], added: tuple[AddedToken, ...],
                rows: int | None) -> Tokenizer:  # fmt: skip
    name = found.get("pre") or "default"
    if name not in PRE_TOKENIZERS:
        raise unsupported(path, f"tokenizer.ggml.pre {name}")
    if not found.get("merges"):
        raise damaged(path, ValueError("tokenizer.ggml.merges: none"))
    marks, template = _marks(found, added, begins=name in _BEGIN_WITH_A_MARK)
    kept = {token: number for token, number in vocab.items() if token}
    pairs = byte_pairs(path, kept, found["merges"], added, PRE_TOKENIZERS[name], marks, template, False)
    return Tokenizer(pairs, vocab_size=max(len(vocab), rows or 0))


def _sentence_piece(path: Path, found: Mapping[str, Any], vocab: dict[str, int], types: Sequence[int],
                    added: tuple[AddedToken, ...], rows: int | None) -> Tokenizer:  # fmt: skip
    scores = found.get("scores") or []
    if len(scores) != len(vocab):
        raise damaged(path, ValueError(f"{len(scores)} scores, {len(vocab)} tokens"))
    marks, template = _marks(found, added, begins=True)
    about = spaces("first" if found.get("add_space_prefix") in (None, True) else "never")
    made = {token.id for token in added}
    pieces = {name: number for name, number in vocab.items() if number not in made and types[number] != BYTE}
    try:
        merges = _merges(pieces, scores)
    except ValueError as error:
        raise damaged(path, error) from error
    model = {"type": "BPE", "vocab": vocab, "merges": merges, "fuse_unk": True,
             "byte_fallback": True, "dropout": None, "unk_token": None}  # fmt: skip
    flags = [{**vars(token)} for token in added]
    whole = {"version": "1.0", "truncation": None, "padding": None, "post_processor": None, "added_tokens": flags,
             "model": model, **about}  # fmt: skip
    table = bytes_of_tokens(vocab, about["decoder"]["decoders"], (), {token.id: token.content for token in added})
    special = frozenset({token.id for token in added if token.special} | {*marks.ends, *template})
    unknown = next((number for number, kind in enumerate(types) if kind == UNKNOWN), None)
    begin = template[0] if template else marks.begin
    return LibraryTokenizer(
        Library(whole, table, added, special, unknown, marks.end, marks.ends, begin, template), vocab_size=rows
    )


def _merges(pieces: Mapping[str, int], scores: Sequence[float]) -> list[tuple[str, str]]:
    """The merges that make the pieces, best score first: SentencePiece always joins the pair that has the best.

    A piece may be joined of several pairs; all are listed (as in transformers' ``generate_merges``).
    """
    pairs = [(scores[pieces[name]], at, len(name) - at, name) for name, at in joined(pieces)]
    pairs.sort(key=lambda pair: pair[:3], reverse=True)
    return [(name[:at], name[at:]) for _, at, _, name in pairs]


def _marks(found: Mapping[str, Any], added: Sequence[AddedToken], *, begins: bool) -> tuple[Marks, tuple[int, ...]]:
    """What begins and ends a text, and what stands before each; a text also ends at marks that do so by their name."""
    there = {token.id: token.content for token in added}
    ids = {name: found.get(f"{name}_token_id") for name in _MARKS}
    ends = [ids[name] for name in ("eos", "eot", "eom")]
    ends += [number for number, name in there.items() if name in (*USUAL_ENDS, "<|eot_id|>") and number != ids["bos"]]
    begin = ids["bos"] if ids["bos"] in there else None
    told = found.get("add_bos_token")
    template = (begin,) if begin is not None and (begins if told is None else told) else ()
    return Marks(tuple(dict.fromkeys(n for n in ends if n is not None and n in there)), begin), template
