"""What a model is, by its beginning alone: no weights are read.

For a menu, and so that nobody learns while a file is being loaded that it does not fit into memory.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, NamedTuple

from gptviz.errors import WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.family import Family
from gptviz.gpt.gguf_file import MAGIC, SUFFIX, GGUFFile
from gptviz.gpt.gguf_model import read_gguf_family
from gptviz.gpt.store import bytes_needed
from gptviz.gpt.weight_files import weight_files
from gptviz.gpt.weights import read_family

_README, _FRONT = "README.md", 8_192  # bytes of a model card in which its front matter must lie
_CODE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})?")
_MOST_LANGUAGES = 200
_WIDTH = 4  # bytes of a parameter: in float32, in which a file is first read whatever it is then held as
_TOKEN = 2_000  # bytes that a token takes in a tokenizer, with merges and what finds them; measured with SmolLM2's


class Summary(NamedTuple):
    """What can be said of a model before it is opened."""

    family: str  # what people call it
    config: GPTConfig
    languages: tuple[str, ...]  # codes such as en, as far as the file says; () where it does not

    def memory(self, tokens: int) -> int:
        """Bytes that it takes to read texts of up to ``tokens`` tokens: weights, vocabulary, all that a trace keeps.

        The output matrix is laid out anew when the model is opened, which takes its room a second time for a moment;
        what the trace takes is there afterwards, so the larger of the two counts.
        """
        c = self.config
        trace = bytes_needed(c, min(tokens, c.block_size))
        return _WIDTH * c.n_parameters + _TOKEN * c.vocab_size + max(trace, _WIDTH * c.vocab_size * c.n_embd)


def summary(path: Path) -> Summary:
    """That of a model folder or a GGUF file.

    Raises WeightsError, as opening it would, for what can be told without its weights: an unknown family, a variant
    that is not computed, a damaged header, weights that are missing or only there as a pickle.
    """
    if is_gguf(path):
        file = GGUFFile(path, lists=False)
        family, config = read_gguf_family(file)
        return Summary(_title(family), config, languages(file.fields.get("general.languages")))
    found = summary_of_config(path)
    weight_files(path)
    return found


def summary_of_config(folder: Path) -> Summary:
    """That of a folder whose weights may not be there yet."""
    family, config = read_family(folder)
    return Summary(_title(family), config, languages(_front_matter(folder / _README)))


def is_gguf(path: Path) -> bool:
    """Whether this is to be read as a GGUF file: by its name, or (some programs name files by their hash) its start."""
    if path.is_dir():
        return False
    if path.suffix == SUFFIX:
        return True
    try:
        with path.open("rb") as file:
            return file.read(len(MAGIC)) == MAGIC
    except (OSError, ValueError):
        return False


def languages(said: Any) -> tuple[str, ...]:
    """The codes in a list that somebody wrote, each once; what is no code is left out."""
    listed = [said] if isinstance(said, str) else said if isinstance(said, list) else []
    codes = [code for code in listed[:_MOST_LANGUAGES] if isinstance(code, str) and _CODE.fullmatch(code)]
    return tuple(dict.fromkeys(codes))


def _front_matter(path: Path) -> list[str]:
    """The languages in a model card as Hugging Face has it: YAML between two lines of ---, of which this much is read.

    ``language: en``, ``language: [en, zh]``, or a list of lines that begin with a dash.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_FRONT).decode("utf-8", "replace")
    except (OSError, ValueError):
        return []
    head = re.match(r"---\r?\n(.*?)\r?\n---", text, re.DOTALL)
    found = re.search(r"^language:[ \t]*(.*(?:\r?\n[ \t]*-[ \t].*)*)", head[1], re.MULTILINE) if head else None
    return [word.strip("'\"") for word in re.split(r"[\s,\[\]]+", found[1]) if word not in ("", "-")] if found else []


def _title(family: Family) -> str:
    return family.title or family.model_type


def not_known(error: WeightsError) -> str | None:
    """The kind of model that an error says is of no family known here; None where it says something else."""
    if error.key in ("weights.architecture", "weights.gguf_architecture"):
        return str(error.values.get("kind"))
    return None
