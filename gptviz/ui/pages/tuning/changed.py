"""ΔW of one matrix on the tuning page: its two thin matrices where it has some, and its singular values. Pure."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypedDict

import numpy as np

from gptviz.i18n import translate
from gptviz.jobs import folder
from gptviz.jobs.folder import Job
from gptviz.recipes import tuning as recipes
from gptviz.rounding import number, percent
from gptviz.tuning import changes
from gptviz.tuning.changes import COLUMNS, ROWS, shares
from gptviz.tuning.delta import Array, delta, shrunk
from gptviz.tuning.method import MATRICES as TARGETS
from gptviz.ui.pages.tuning.scene import Tuned
from gptviz.ui.pages.tuning.state import MATRICES
from gptviz.ui.web.arrays import Blobs

_LINES, _POINTS = 6, 60  # tunings on one plot, and points of each
_HELD = (1, 2, 4, 8, 16, 32, 64, 128)
_LEAST = 1e-7  # of the largest: what is smaller is rounding


class Matrix(NamedTuple):
    """What a tuning has added to one matrix, and how it is drawn."""

    layer: int
    shape: tuple[int, int]  # (n_in, n_out)
    singular: Array
    rank: int  # rows of A; 0 where all numbers were learnt
    drawn: dict[str, Array]  # product, and where it is thin thin_a and thin_b, in few cells


@lru_cache(maxsize=64)
def there(path: Path) -> dict[str, list[int]]:
    """Of which matrices (one of the control's choices) and layers a tuning that is over has left ΔW."""
    thin = delta(path, 0)
    if thin is not None:
        return {MATRICES[0]: list(range(thin.layers))}
    found: dict[str, list[int]] = {}
    for target, layer in changes.there(path):
        found.setdefault(_CHOICE[target], []).append(layer)
    return found


_TARGET = dict(zip(MATRICES, TARGETS, strict=True))
_CHOICE = {target: choice for choice, target in _TARGET.items()}


@lru_cache(maxsize=128)
def matrix_of(path: Path, layer: int, choice: str) -> Matrix | None:
    """ΔW itself, its scale in it; None where the tuning has left none of that matrix."""
    if layer not in there(path).get(choice, ()):
        return None
    thin = delta(path, layer)
    if thin is None:
        found = changes.read(path, layer, _TARGET[choice])
        return None if found is None else Matrix(layer, found.shape, found.singular, 0, {"product": found.cells})
    drawn = {"product": shrunk(thin.product, ROWS, COLUMNS), "thin_a": shrunk(thin.A, ROWS, COLUMNS),
             "thin_b": shrunk(thin.B, COLUMNS, ROWS)}  # fmt: skip
    return Matrix(layer, (thin.A.shape[1], len(thin.B)), thin.singular * abs(thin.scale), len(thin.A), drawn)


class SpectrumView(TypedDict):
    """The singular values of one tuning's ΔW: place (from 1) and value, fewer of them the further down."""

    name: str
    points: list[tuple[int, float]]
    here: bool  # of the tuning looked at


class DeltaPart(TypedDict):
    """ΔW of one matrix: ``product`` draws it, and where it is thin ``thin_a`` and ``thin_b`` what it is made of."""

    delta_layers: list[int]
    delta_layer: int
    delta_matrices: list[str]
    delta_matrix: str
    delta_shape: list[int]  # rank (0: of all numbers), n_in, n_out
    spectra: list[SpectrumView]
    held: list[tuple[int, float]]  # how many singular values, and which part of the squared norm they hold
    delta_reading: str
    delta_python: str


def chosen(scene: Tuned) -> tuple[Matrix, str, dict[str, list[int]]] | None:
    """Of the tuning looked at: the matrix nearest to the one that is asked for, which it is, and which there are."""
    job, view = scene.job, scene.state.view
    if job is None or not scene.done:
        return None
    places = there(job.path)
    if not places:
        return None
    choice = view.at_matrix if view.at_matrix in places else next(iter(places))
    layer = min(places[choice], key=lambda one: abs(one - view.at_layer))
    found = matrix_of(job.path, layer, choice)
    return None if found is None else (found, choice, places)


def changed(scene: Tuned) -> DeltaPart:
    """Of the job looked at, with other tunings of the same model for the same task beside it."""
    lang, found = scene.context.lang, chosen(scene)
    if found is None or scene.job is None:
        return {"delta_layers": [], "delta_layer": 0, "delta_matrices": [], "delta_matrix": "", "delta_shape": [],
                "spectra": [], "held": [], "delta_reading": translate("tuning.reading.nothing", lang),
                "delta_python": ""}  # fmt: skip
    matrix, choice, places = found
    held = [(r, round(float(x), 6)) for r, x in enumerate(shares(matrix.singular), start=1) if r in _HELD]
    return {
        "delta_layers": places[choice],
        "delta_layer": matrix.layer,
        "delta_matrices": list(places),
        "delta_matrix": choice,
        "delta_shape": [matrix.rank, *matrix.shape],
        "spectra": _spectra(scene, scene.job, matrix.layer, choice),
        "held": held,
        "delta_reading": _reading(matrix, choice, lang),
        "delta_python": recipes.changed(_base(scene.job), matrix.layer, _TARGET[choice]),
    }


def _base(job: Job) -> str:
    return str(job.ask.changes.get("model", ""))


def _spectra(scene: Tuned, here: Job, layer: int, choice: str) -> list[SpectrumView]:
    """The one looked at first, then the newest of the others."""
    lang, rows = scene.context.lang, list[SpectrumView]()
    ask = here.ask
    for job in (here, *(one for one in folder.jobs_of(scene.state.owner, folder.TUNING) if one != here)):
        alike = job.end is not None and job.ask.source == ask.source and _base(job) == _base(here)
        found = matrix_of(job.path, layer, choice) if alike else None
        if found is not None and len(rows) < _LINES:
            points = _points(found.singular)
            rows.append({"name": _name(job, found, bool(points), lang), "points": points, "here": job == here})
    return rows


def _name(job: Job, found: Matrix, moved: bool, lang: str) -> str:
    """The method; of thin matrices with the rank that ΔW has, as AdaLoRA leaves some triplets empty."""
    name = translate(f"tuning.method.{job.ask.preset}", lang)
    if not moved:
        return translate("tuning.unmoved", lang, method=name)
    return translate("tuning.of_rank", lang, method=name, rank=_rank(found.singular)) if found.rank else name


def _rank(singular: Array) -> int:
    """How many singular values are more than rounding."""
    top = float(singular[0]) if len(singular) else 0.0
    return int((singular > _LEAST * top).sum()) if top > 0 else 0


def _points(singular: Array) -> list[tuple[int, float]]:
    """At places that lie evenly where each is twice as far as the last."""
    n = _rank(singular)
    places = sorted({round(float(x)) for x in np.geomspace(1, n, _POINTS)}) if n else []
    return [(place, round(float(singular[place - 1]), 9)) for place in places]


def _reading(matrix: Matrix, choice: str, lang: str) -> str:
    n_in, n_out = matrix.shape
    part = shares(matrix.singular)
    r = min(8, len(part))
    said = {"layer": matrix.layer, "matrix": translate(f"tuning.matrix.{choice}", lang), "rows": n_in,
            "columns": n_out, "whole": f"{n_in * n_out:,}", "top": number(float(matrix.singular[0]), 3),
            "first": r, "part": percent(float(part[r - 1]), 0)}  # fmt: skip
    rank = matrix.rank
    if not rank:
        return translate("tuning.reading.whole", lang, **said)
    return translate("tuning.reading.delta", lang, rank=rank, thin=f"{rank * (n_in + n_out):,}", **said)


def arrays(scene: Tuned) -> Blobs:
    """A, B and ΔW, in as many cells as are drawn."""
    found = chosen(scene)
    if found is None:
        return {}
    return {name: np.ascontiguousarray(x, dtype=np.float32) for name, x in found[0].drawn.items()}
