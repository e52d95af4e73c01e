"""The series page's panels: the timeline, the card of one model, the family tree and the table. Pure."""

from __future__ import annotations

from typing import TypedDict

from gptviz.analysis.series import KINDS, Here, Model, bundled, series, shapes
from gptviz.i18n import large, strings, translate
from gptviz.recipes import series as recipes
from gptviz.rounding import number
from gptviz.ui.pages.series.scene import Told
from gptviz.ui.pages.series.state import OPEN


class Entry(TypedDict):
    """One published model on the timeline; ``parameters`` None: not published."""

    key: str
    name: str
    date: str
    year: float
    kind: str
    series: bool
    parameters: float | None
    said: str


class HereEntry(TypedDict):
    """A size on the same scale, of what runs here; ``role``: open, bundled or family."""

    key: str
    name: str
    parameters: float
    said: str
    role: str


class TimelinePart(TypedDict):
    """Time across, parameters up."""

    entries: list[Entry]
    here: list[HereEntry]
    timeline_reading: str
    timeline_python: str


class CardPart(TypedDict):
    """The card: its facts as name and value, what changed, from what it learned, the source."""

    card: str
    name: str
    facts: list[tuple[str, str]]
    changed: str
    data: str
    source: str


class TreePart(TypedDict):
    """By kind, which models."""

    tree: list[tuple[str, list[str]]]


class TablePart(TypedDict):
    """All facts as a table."""

    columns: list[str]
    rows: list[list[str]]


def timeline(scene: Told) -> TimelinePart:
    """Every published model, and what runs here."""
    lang = scene.context.lang
    here = _here(scene)
    known = [model for model in series() if model.series and model.parameters is not None]
    most = max(known, key=lambda model: model.parameters or 0)
    times = (most.parameters or 0) / scene.config.n_parameters
    said = translate("series.reading", lang, n=len(series()), model=scene.context.title or scene.context.lm.name,
                     size=large(scene.config.n_parameters, lang), biggest=most.name,
                     most=large(most.parameters or 0, lang), times=number(times, 0 if times >= 10 else 1),
                     unknown=sum(model.parameters is None for model in series()))  # fmt: skip
    return {"entries": [_entry(model, lang) for model in series()], "here": here, "timeline_reading": said,
            "timeline_python": recipes.series(scene.context.lm.name)}  # fmt: skip


def _entry(model: Model, lang: str) -> Entry:
    return {"key": model.key, "name": model.name, "date": model.date, "year": model.year, "kind": model.kind,
            "series": model.series, "parameters": None if model.parameters is None else float(model.parameters),
            "said": _large(model.parameters, lang)}  # fmt: skip


def _here(scene: Told) -> list[HereEntry]:
    """The model that is open, those that come with the app, and the open families; each size once, smallest first."""
    lang = scene.context.lang
    size = scene.config.n_parameters
    opened = Here(OPEN, scene.context.title or scene.context.lm.name, scene.config)
    found: list[HereEntry] = []
    for role, models in (("open", (opened,)), ("bundled", bundled()), ("family", shapes())):
        for one in models:
            count = one.config.n_parameters
            if role != "open" and count == size:
                continue
            titles = strings(lang)
            name = titles.get(f"model.{one.name}", one.name) if role == "bundled" else one.name
            found.append({"key": one.key, "name": name, "parameters": float(count), "said": large(count, lang),
                          "role": role})  # fmt: skip
    return sorted(found, key=lambda one: one["parameters"])


def _large(count: int | None, lang: str) -> str:
    return translate("series.unknown", lang) if count is None else large(count, lang)


def card(scene: Told) -> CardPart:
    """That of the model that is chosen."""
    lang, model = scene.context.lang, scene.chosen
    if model is None:
        c = scene.config
        values = (large(c.n_parameters, lang), translate("series.own_tokens", lang), str(c.block_size), str(c.n_layer),
                  str(c.n_embd), str(c.n_head))  # fmt: skip
        return {
            "card": OPEN,
            "name": scene.context.title or scene.context.lm.name,
            "facts": _named(values, lang),
            "changed": translate("series.own", lang),
            "data": "",
            "source": translate("series.own_source", lang),
        }
    return {"card": model.key, "name": model.name,
            "facts": [(translate("series.fact.date", lang), model.date), (translate("series.fact.by", lang), model.by),
                      *_named(_values(model, lang), lang)],
            "changed": translate(f"series.changed.{model.key}", lang),
            "data": translate(f"series.data.{model.key}", lang), "source": model.source}  # fmt: skip


def _values(model: Model, lang: str) -> tuple[str, ...]:
    plain = (model.context, model.n_layer, model.n_embd, model.n_head)
    return (_large(model.parameters, lang), _large(model.tokens, lang),
            *(translate("series.unknown", lang) if value is None else f"{value:,}" for value in plain))  # fmt: skip


FACTS = ("parameters", "tokens", "context", "layers", "width", "heads")


def _named(values: tuple[str, ...], lang: str) -> list[tuple[str, str]]:
    return [(translate(f"series.fact.{name}", lang), value) for name, value in zip(FACTS, values, strict=True)]


def tree(scene: Told) -> TreePart:
    """The three kinds of Transformers, with the models of each by date."""
    return {"tree": [(kind, [model.key for model in series() if model.kind == kind]) for kind in KINDS]}


def table(scene: Told) -> TablePart:
    """Everything, a model a row."""
    lang = scene.context.lang
    columns = [translate(f"series.fact.{name}", lang) for name in ("name", "date", "by", *FACTS, "data", "source")]
    rows = [[model.name, model.date, model.by, *_values(model, lang), translate(f"series.data.{model.key}", lang),
             model.source] for model in series()]  # fmt: skip
    return {"columns": columns, "rows": rows}
