"""What the buttons of the comparison do. Pure: no Streamlit here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace

from gptviz.decoding import STRATEGIES, Contrastive, Greedy, Sample, Strategy, strategy_from_dict
from gptviz.decoding.parameters import DRAWS
from gptviz.decoding.presets import PRESETS
from gptviz.errors import GptvizError
from gptviz.ui.controls import whole
from gptviz.ui.limits import MAX_FILE
from gptviz.ui.page import Action, Context, index, word
from gptviz.ui.pages.compare import files
from gptviz.ui.pages.compare.state import LEAST_COLUMNS, MOST_COLUMNS, Compare, Slot
from gptviz.ui.pages.compare.writing import draw_many

#: Offered as a further column, the first that is not there yet.
_FURTHER: tuple[Strategy, ...] = (Sample(), Sample(top_p=0.9), Contrastive(), Sample(typical_p=0.9), Greedy())


def _run(action: Action, state: Compare, context: Context) -> None:
    """Write what is missing; where nothing is, everything again."""
    if not state.stale(context.lm) and all(slot.complete for slot in state.slots):
        for slot in state.slots:
            slot.column = None
    state.ask()


def _stop(action: Action, state: Compare, context: Context) -> None:
    state.stop()


def _seed(action: Action, state: Compare, context: Context) -> None:
    state.view = replace(state.view, seed=secrets.randbelow(10_000))
    state.ask()


def _preset(action: Action, state: Compare, context: Context) -> None:
    chosen = PRESETS.get(word(action, "name"))
    if chosen:
        state.choose(chosen.values())
        state.ask()


def _add(action: Action, state: Compare, context: Context) -> None:
    if len(state.slots) < MOST_COLUMNS:
        there = [slot.strategy for slot in state.slots]
        state.slots.append(Slot(state.number(), next((s for s in _FURTHER if s not in there), _FURTHER[0])))
        state.ask()


def _set(action: Action, state: Compare, context: Context) -> None:
    """Another strategy, or other settings of the same, in one column; the others stay as they are."""
    slot, given = state.slot(action.get("column")), action.get("strategy")
    if slot is None or not isinstance(given, Mapping):
        return
    strategy = strategy_from_dict(given)
    if strategy != slot.strategy:
        slot.strategy, slot.given, slot.column = strategy, None, None
        state.ask()


def _kind(action: Action, state: Compare, context: Context) -> None:
    """Another strategy, with its usual settings."""
    kind = STRATEGIES.get(word(action, "name"))
    if kind is not None:
        _set({**action, "strategy": {"name": kind.name}}, state, context)


def _remove(action: Action, state: Compare, context: Context) -> None:
    slot = state.slot(action.get("column"))
    if slot is None or len(state.slots) <= LEAST_COLUMNS:
        return
    state.slots.remove(slot)
    if state.writing is not None and not slot.complete:
        state.ask()  # the others go on without it


def _duplicate(action: Action, state: Compare, context: Context) -> None:
    slot = state.slot(action.get("column"))
    if slot is not None and len(state.slots) < MOST_COLUMNS:
        copy = replace(slot, number=state.number(), given=None)
        state.slots.insert(state.slots.index(slot) + 1, copy)
        if not copy.complete:
            state.ask()


def _move(action: Action, state: Compare, context: Context) -> None:
    slot, by = state.slot(action.get("column")), whole(action.get("by"), -1, 1)
    if slot is not None and by:
        at = state.slots.index(slot)
        state.slots.insert(min(max(at + by, 0), len(state.slots) - 1), state.slots.pop(at))


def _draws(action: Action, state: Compare, context: Context) -> None:
    slot, most = state.slot(action.get("column")), int(DRAWS.shown[1])
    wanted = whole(action.get("n", DRAWS.begin), 1, most)
    if slot is not None and wanted:
        draw_many(state, slot, wanted)  # raises where they are too many


def _no_draws(action: Action, state: Compare, context: Context) -> None:
    state.draws = state.drawing = None


def _export(action: Action, state: Compare, context: Context) -> None:
    run, form = state.run(), word(action, "format")
    if run is not None and form in files.TYPES:
        state.saving = files.Saving(state, run, form, context.lang)


def _saved(action: Action, state: Compare, context: Context) -> None:
    if state.download is not None and index(action, "number", state.made + 1) == state.download.number:
        state.download = None


def _open(action: Action, state: Compare, context: Context) -> None:
    """A file, or a piece of it; one that says neither where it belongs nor whether more come is the whole."""
    piece, at = action.get("text"), index({"at": 0} | {**action}, "at", MAX_FILE)
    if isinstance(piece, str):
        files.receive(state, piece, at, action.get("last", True) is True, context.lm)


def _told(perform: Callable[[Action, Compare, Context], None]) -> Callable[[Action, Compare, Context], None]:
    """The action; where it is refused, the page says why."""

    def carry_out(action: Action, state: Compare, context: Context) -> None:
        try:
            perform(action, state, context)
        except GptvizError as error:
            state.error = error

    return carry_out


_ALL: dict[str, Callable[[Action, Compare, Context], None]] = {
    "run": _run,
    "stop": _stop,
    "seed": _seed,
    "preset": _preset,
    "add": _add,
    "set": _set,
    "strategy": _kind,
    "remove": _remove,
    "duplicate": _duplicate,
    "move": _move,
    "draws": _draws,
    "no_draws": _no_draws,
    "export": _export,
    "saved": _saved,
    "open": _open,
}
ACTIONS = {kind: _told(perform) for kind, perform in _ALL.items()}
