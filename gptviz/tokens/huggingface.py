"""Hugging Face's vocabularies: ``tokenizer.json``, or ``vocab.json`` with ``merges.txt``, read without their libraries.

Only byte-level BPE is run, and only what is understood is read: whatever else stands in these files and could change
the ids of a text is refused by its name. So a text has here the ids that transformers gives it, or there is a sentence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gptviz.errors import WeightsError
from gptviz.schema import Either, Entries, Flag, Record, Rule, Text
from gptviz.tokens.added import AddedToken
from gptviz.tokens.bpe import GPT2_PATTERN, byte_alphabet, first_irreproducible
from gptviz.tokens.marks import SPECIAL_TOKENS, Marks, name_of, read_marks
from gptviz.tokens.tokenizer_json import pattern_of, read_fast, template_of
from gptviz.tokens.vocabulary_files import (
    FLAGS,
    LONGEST_NAME,
    MOST_IDS,
    NAME,
    VOCAB,
    BytePairs,
    damaged,
    load_json,
    load_text,
    require_bytes,
    unsupported,
)

FAST, SLOW, MERGES = "tokenizer.json", "vocab.json", "merges.txt"
SETTINGS, NAMED, ADDED_LATER = "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"
CHAT = "chat_template.jinja"
OTHER_KINDS = ("vocab.txt", "spiece.model", "tokenizer.model", "sentencepiece.bpe.model")

_FLAG = Either(Flag(), None)
_ONE: dict[str, Rule] = {"content": NAME, **FLAGS}
_TOKEN = Either(NAME, Record(_ONE, needed=("content",)), None)
_TOKENS = Either(Entries(_TOKEN, MOST_IDS), Entries(_TOKEN, MOST_IDS, keys=NAME), None)
_SETTINGS = Record({
    "add_prefix_space": _FLAG, "add_bos_token": _FLAG, "add_eos_token": _FLAG, "split_special_tokens": _FLAG,
    "tokenizer_class": Either(Text(LONGEST_NAME), None), "legacy": _FLAG,
    "do_lower_case": _FLAG, "tokenize_chinese_chars": _FLAG, "strip_accents": _FLAG,
    **dict.fromkeys(SPECIAL_TOKENS, _TOKEN),
    "extra_special_tokens": _TOKENS, "additional_special_tokens": _TOKENS,
    "added_tokens_decoder": Entries(Record(_ONE, needed=("content",)), MOST_IDS, keys=NAME),
})  # fmt: skip

#: Classes of transformers that run the file as it is, and those that run GPT-2's way whatever the file says.
_AS_WRITTEN = ("PreTrainedTokenizer", "TokenizersBackend", "LlamaTokenizer")
_GPT2 = ("GPT2Tokenizer",)


def read_huggingface(folder: Path, *, rows: int | None = None) -> BytePairs:
    """The vocabulary of a folder as transformers would use it; ``rows``: how many ids the model has a row for.

    Text becomes added tokens as there, ``tokenizer_config.json`` and ``special_tokens_map.json`` name the tokens that
    begin and end a text, with ``generation_config.json`` and ``config.json``. ``truncation`` and ``padding`` are read
    by nobody: ``tokenizer(text)`` does neither. Raises WeightsError where files are missing or damaged, or where they
    ask for what is not understood.
    """
    settings = read_settings(folder)
    path = folder / FAST
    if path.is_file():
        about = read_fast(path)
        model, listed = about["model"], [AddedToken(**token) for token in about.get("added_tokens") or ()]
        plain = pattern_of(path, about.get("pre_tokenizer")) == GPT2_PATTERN
        _require_class(folder, settings, (*_GPT2, *_AS_WRITTEN) if plain else _AS_WRITTEN)
        vocab, merges, pattern = model["vocab"], model["merges"], pattern_of(path, about.get("pre_tokenizer"))
    else:
        path, about = folder / SLOW, {}
        if not path.is_file():
            raise no_vocabulary(folder)
        _require_class(folder, settings, _GPT2)
        vocab, merges, pattern, listed = load_json(path, VOCAB), _merges(folder / MERGES), GPT2_PATTERN, []
    require_bytes(path, (char in vocab for char in byte_alphabet().values()))
    added = added_tokens(path, vocab, listed, folder, settings, rows)
    marks = read_marks(folder, settings, {**vocab, **{token.content: token.id for token in added}})
    template = template_of(path, about.get("post_processor"))
    if settings.get("add_bos_token") and not about:
        template = () if marks.begin is None else (marks.begin,)
    return byte_pairs(path, vocab, merges, added, pattern, marks, template, bool(about and model.get("ignore_merges")))


_NOT_HERE = ("add_prefix_space", "split_special_tokens", "add_eos_token")


def read_settings(folder: Path, *, refused: Sequence[str] = _NOT_HERE) -> dict[str, Any]:
    """``tokenizer_config.json``, with what ``special_tokens_map.json`` says where that is read at all.

    Raises WeightsError where one of ``refused`` is asked for.
    """
    found: dict[str, Any] = {}
    if (folder / SETTINGS).is_file():
        found = load_json(folder / SETTINGS, _SETTINGS)
    if (folder / NAMED).is_file():
        named = {name: value for name, value in load_json(folder / NAMED, _SETTINGS).items() if name in _NAMES}
        found = {**named, **found} if "added_tokens_decoder" in found else {**found, **named}
    for name in refused:
        if found.get(name) and not (name == "add_eos_token" and (folder / FAST).is_file()):
            raise unsupported(folder / SETTINGS, name)
    return found


_NAMES = (*SPECIAL_TOKENS, "extra_special_tokens", "additional_special_tokens")


def _require_class(folder: Path, settings: Mapping[str, Any], known: Sequence[str]) -> None:
    """A class of transformers may build its own tokenizer whatever the file says, as ``Qwen2Tokenizer`` does."""
    name = settings.get("tokenizer_class")
    if name is not None and name.removesuffix("Fast") not in known:
        raise unsupported(folder / SETTINGS, f"tokenizer_class {name[:100]}")


def added_tokens(path: Path, vocab: Mapping[str, int], listed: Iterable[AddedToken], folder: Path,
                 settings: Mapping[str, Any], rows: int | None) -> tuple[AddedToken, ...]:  # fmt: skip
    """All added tokens, with the ids that ``tokenizers`` gives them: that of the vocabulary, else the next one."""
    found: dict[str, AddedToken] = {}
    following = len(vocab)
    for token, given in _listed(folder, listed, settings):
        known = found.get(token.content)
        if known is not None:
            if given is not None and known != AddedToken(**{**vars(token), "id": known.id}):
                raise unsupported(path, f"{token.content[:60]!r}, which another file describes otherwise")
            continue
        number = vocab.get(token.content, following)
        if given not in (None, number):
            raise damaged(path, ValueError(f"{token.content[:60]!r} has the id {given}, and its place is {number}"))
        if given is None and rows is not None and number >= rows:
            continue  # only a name: the model has no row for it, so no text can be read that holds it
        found[token.content] = AddedToken(**{**vars(token), "id": number})
        following = max(following, number + 1)
    return tuple(found.values())


def _listed(folder: Path, listed: Iterable[AddedToken], settings: Mapping[str, Any]
            ) -> Iterator[tuple[AddedToken, int | None]]:  # fmt: skip
    """Added tokens in the order in which they are added, each with the id that its file gives it, if any."""
    yield from ((token, token.id) for token in listed)
    named = [name_of(settings[name]) for name in _NAMES[: len(SPECIAL_TOKENS)] if settings.get(name)]
    if "added_tokens_decoder" in settings:
        later = settings["added_tokens_decoder"]
        try:
            numbers = {int(number): one for number, one in later.items()}
        except ValueError as error:
            raise damaged(folder / SETTINGS, error) from error
        yield from (
            (_token(numbers[number], bool(numbers[number].get("special"))), number) for number in sorted(numbers)
        )
    elif (folder / ADDED_LATER).is_file():
        later = load_json(folder / ADDED_LATER, VOCAB)
        for content in sorted(later, key=later.__getitem__):
            yield _token(content, content in named), later[content]
    extra = settings.get("extra_special_tokens") or settings.get("additional_special_tokens") or []
    for one in [
        *(settings.get(name) for name in SPECIAL_TOKENS),
        *(extra.values() if isinstance(extra, dict) else extra),
    ]:
        if one:
            yield _token(one, True), None


def _token(one: Any, special: bool) -> AddedToken:
    """A token as ``tokenizer_config.json`` writes it: its text, or its text and how it is looked for."""
    about = {name: value for name, value in one.items() if name in _ONE} if isinstance(one, dict) else {"content": one}
    return AddedToken(**{"special": special, "normalized": not special} | about, id=0)


def _merges(path: Path) -> list[str]:
    lines = [line for line in load_text(path).replace("\r\n", "\n").split("\n") if line]
    return lines[1:] if lines and lines[0].startswith("#version") else lines


def byte_pairs(path: Path, vocab: Mapping[str, int], merges: Iterable[str | Sequence[str]],
               added: Sequence[AddedToken], pattern: str, marks: Marks, template: tuple[int, ...],
               whole_first: bool) -> BytePairs:  # fmt: skip
    """Names and pairs → ranks. Ranks follow the list of merges; ids stay those of the vocabulary, in whatever order."""
    alphabet = byte_alphabet()
    to_byte = {char: byte for byte, char in alphabet.items()}
    try:
        pairs = [_pair(merge) for merge in merges]
        there = [char for char in alphabet.values() if char in vocab]
        singles = sorted(there, key=vocab.__getitem__)  # GPT-2's order, so that its ranks are its ids
        names = list(dict.fromkeys([*singles, *(left + right for left, right in pairs)]))
        ids = [vocab[name] for name in names]
        in_bytes = {name: bytes(to_byte[char] for char in name) for name in {*names, *(n for p in pairs for n in p)}}
    except (KeyError, ValueError) as error:
        raise damaged(path, error) from error
    made = set(names)
    special = {n: _name_bytes(name, to_byte) for name, n in vocab.items() if name not in made}
    if whole_first and special.keys() - {token.id for token in added}:
        raise unsupported(path, "ignore_merges")  # tokens that no merge makes would be found whole
    special |= {token.id: token.content.encode("utf-8") for token in added if token.content not in made}
    if len(special.keys() | set(ids)) < len(vocab.keys() | {token.content for token in added}):
        raise damaged(path, ValueError("one id for two tokens"))
    outside = [number for number in template if number not in special and number not in ids]
    if outside:
        raise damaged(path, ValueError(f"post_processor: id {outside[0]}"))
    ranks = {in_bytes[name]: rank for rank, name in enumerate(names)}
    try:
        unlike = first_irreproducible(((in_bytes[a], in_bytes[b]) for a, b in pairs), ranks)
    except ValueError as error:
        raise damaged(path, error) from error
    if unlike is not None:
        raise WeightsError("tokenizer.merges", file=path.name, token=unlike.decode("utf-8", "backslashreplace"))
    begin = (
        template[0] if template else marks.begin if marks.begin in special else None
    )  # no ordinary word begins a text
    return BytePairs(ranks, pattern, None if ids == list(range(len(ids))) else ids, special, marks.end,
                     tuple(added), marks.ends, begin, template)  # fmt: skip


def _pair(merge: str | Sequence[str]) -> tuple[str, str]:
    """``"a b"`` or ``["a", "b"]``, as older and newer files write a merge."""
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return left, right


def _name_bytes(name: str, to_byte: Mapping[str, int]) -> bytes:
    """The bytes of a token that no merge makes; special ones are plain text and outside the byte alphabet."""
    return bytes(to_byte[c] for c in name) if all(c in to_byte for c in name) else name.encode("utf-8")


def no_vocabulary(folder: Path) -> WeightsError:
    """What is said where neither layout is there: another kind of vocabulary by its name, else that there is none."""
    other = next((name for name in OTHER_KINDS if (folder / name).is_file()), None)
    if other is not None:
        return WeightsError("tokenizer.other_kind", folder=str(folder), file=other)
    return WeightsError("tokenizer.missing", folder=str(folder))
