"""What the shell shows of runs: a text as it grows, texts and numbers side by side, why one stopped early."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gptviz.cli.table import safe, table
from gptviz.i18n import counted
from gptviz.rounding import fixed, number, percent

if TYPE_CHECKING:
    from gptviz.decoding.records import Run


class Writer:
    """Writes a text that grows; half a character waits for its other half."""

    def __init__(self, prompt: str) -> None:
        self._text = ""
        print(safe(prompt), end="", flush=True)

    def write(self, text: str) -> None:
        """``text``: all there is so far after the prompt, of which what is new is written."""
        whole = self._text if text.endswith("�") else text
        print(safe(whole[len(self._text) :]), end="", flush=True)
        self._text = whole


def overview(run: Run) -> str:
    """Texts and numbers of a run, for a terminal."""
    heads = "strategy,tokens,nats,per token,perplexity,distinct-1,distinct-2,in loops,leaves at,passes,seconds,ended by"
    rows, texts = [], []
    for name, column in run.columns.items():
        m, leaves = column.measures, run.leaves[name]
        rows.append([
            name, str(m.length), fixed(m.logprob, 1), fixed(m.mean_logprob, 2), number(m.perplexity, 1),
            *("-" if value is None else fixed(value, 2) for value in (m.distinct_1, m.distinct_2)), percent(m.looped),
            "-" if leaves is None else str(leaves + 1), "-" if column.passes is None else str(column.passes),
            "-" if column.seconds is None else fixed(column.seconds, 2), column.steps[-1].finish or "-",
        ])  # fmt: skip
        texts.append(f"{name}\n{_indented(safe(column.text))}")
    head = (
        f"{safe(run.mark.decode() + run.prompt)}\n({run.model.name}, {counted(len(run.ids), 'token')}, seed {run.seed})"
    )
    return "\n\n".join([head, *texts, table(heads.split(","), rows)])


def stopped(run: Run) -> list[str]:
    """A sentence for each column that the context left no room for all that was asked for."""
    limit = {name: len(run.ids) + len(column.steps) for name, column in run.columns.items()}
    return [
        f"{name}: stopped at {len(column.steps):,} of {run.max_new_tokens:,} tokens: the context of "
        f"{limit[name]:,} is full"
        for name, column in run.columns.items()
        if column.steps[-1].finish == "context"
    ]


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))
