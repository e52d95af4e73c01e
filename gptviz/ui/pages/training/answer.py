"""What the model says next, asked while it learns: the newest state in the job's folder is opened for it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gptviz import catalogue
from gptviz.errors import GptvizError, PromptError
from gptviz.jobs.folder import Job
from gptviz.language_model import LocalModel
from gptviz.numbers import entropy_bits, softmax, top_ids
from gptviz.views.distribution import token_label

TOP = 8


@dataclass
class Answer:
    """The likeliest next tokens after a text; numbers only."""

    of: tuple[str, str, str] = ("", "", "")  # job, folder, text
    step: int = 0
    read: str = ""  # the characters that the model knows, at most as many as fit
    rows: list[tuple[str, float]] = field(default_factory=list)  # (label, probability)
    others: float = 0.0
    bits: float = 0.0  # entropy

    def follow(self, job: Job, text: str, step: int) -> None:
        """Ask again where text or model are others; what cannot be read now is asked the next time."""
        newest = job.newest
        if newest is None or (job.id, newest.name, text) == self.of:
            return
        try:
            lm = catalogue.load_folder(newest, name="now")
            self._ask(lm, text)
        except (GptvizError, OSError):
            return
        self.of = job.id, newest.name, text
        self.step = _step_of(newest, step)

    def _ask(self, lm: LocalModel, text: str) -> None:
        self.read = known(lm, text)[-lm.config.block_size :]
        ids = lm.tokenizer.encode(self.read) or [0]
        probs = softmax(lm.trace(ids).logits[-1][: lm.model.n_tokens])
        best = top_ids(probs, TOP).tolist()
        self.rows = [(token_label(lm.tokenizer, i), float(probs[i])) for i in best]
        self.others = max(0.0, 1.0 - sum(p for _, p in self.rows))
        self.bits = entropy_bits(probs)


def known(lm: LocalModel, text: str) -> str:
    """The characters of a text that a vocabulary has."""
    good: dict[str, bool] = {}
    for character in set(text):
        try:
            good[character] = bool(lm.tokenizer.encode(character))
        except PromptError:
            good[character] = False
    return "".join(character for character in text if good[character])


def _step_of(path: Path, last: int) -> int:
    return int(path.name) if path.name.isdigit() else last
