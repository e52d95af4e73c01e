"""Interface strings: each that is used exists, each that exists is used, in every language with the same blanks."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import fields
from typing import get_args

import pytest

from gptviz.analysis import repeating, series
from gptviz.analysis.attribution import Kind as LineKind
from gptviz.analysis.heads import SCORES
from gptviz.analysis.passport.record import Name, Said
from gptviz.analysis.positions import SCHEMES
from gptviz.analysis.terms import STEPS, Rule
from gptviz.compression.forms import FORMS
from gptviz.compression.pruning import ORDERS, UNITS
from gptviz.decoding import STRATEGIES, presets
from gptviz.decoding.beam import Fate
from gptviz.edits import MASKS, MODES
from gptviz.gpt.config import NORMS
from gptviz.i18n import FALLBACK, languages, strings
from gptviz.jobs.aligned import WAYS as WAYS_OF_ALIGNING
from gptviz.jobs.forgetting import THENS
from gptviz.jobs.prompting import LEARNT
from gptviz.jobs.runner import Status
from gptviz.paths import ASSETS
from gptviz.room.rounds import How
from gptviz.tokens.reading import KINDS
from gptviz.tokens.scripts import SCRIPTS
from gptviz.tokens.tokenizer import Kind
from gptviz.training.differing import NAMES as DIFFERING
from gptviz.training.trainer import Early
from gptviz.tuning.classifier import POOLINGS
from gptviz.tuning.forgetting import TEXTS
from gptviz.tuning.lights import NAMES as LIGHTS
from gptviz.tuning.robustness import DOING
from gptviz.tuning.sequence import REMEDIES
from gptviz.tuning.sets import KINDS as TUNED_ON
from gptviz.tuning.sets import TASKS
from gptviz.ui import layout
from gptviz.ui.lessons.rail import WORDS
from gptviz.ui.pages.alignment.state import SOURCES as PAIRS_FROM
from gptviz.ui.pages.attention.presets import PRESETS as ATTENTION_PRESETS
from gptviz.ui.pages.attention.state import MAPS
from gptviz.ui.pages.beam.presets import PRESETS as BEAM_PRESETS
from gptviz.ui.pages.deploy.duties import DUTIES
from gptviz.ui.pages.deploy.state import PRESETS as DEPLOY_PRESETS
from gptviz.ui.pages.forgetting.state import SAID as FORGETTING_SAID
from gptviz.ui.pages.heads.panels import CLAIMS as HEAD_CLAIMS
from gptviz.ui.pages.lessons.state import SHEETS
from gptviz.ui.pages.limits.state import EXPERIMENTS
from gptviz.ui.pages.masks.state import CLAIMS, TOLD
from gptviz.ui.pages.one_step.presets import PRESETS as ONE_STEP_PRESETS
from gptviz.ui.pages.origins.state import PRESETS as ORIGIN_TEXTS
from gptviz.ui.pages.prompting.state import LABELS as PROMPTED_LABELS
from gptviz.ui.pages.prompting.state import PATTERNS as OUR_PATTERNS
from gptviz.ui.pages.robustness.attacking import ENDS
from gptviz.ui.pages.robustness.results import COLUMNS as MEASURED_ON
from gptviz.ui.pages.robustness.state import CHOSEN as WAYS_TRIED
from gptviz.ui.pages.room.state import GAMES, SOURCES
from gptviz.ui.pages.series.panels import FACTS as SERIES_FACTS
from gptviz.ui.pages.snapshots.state import PRESETS as SNAPSHOT_TEXTS
from gptviz.ui.pages.stream.presets import PRESETS as STREAM_PRESETS
from gptviz.ui.pages.tokens.state import PRESETS as TOKEN_PRESETS
from gptviz.ui.pages.training.heard import PHASES
from gptviz.ui.pages.training.state import OFFERED
from gptviz.ui.pages.training.state import SOURCES as TRAINED_ON
from gptviz.ui.pages.training.state import View as TrainingView
from gptviz.ui.pages.tuning.state import DOWNLOADS, MATRICES
from gptviz.ui.pages.tuning.state import OFFERED as WAYS_OF_TUNING
from gptviz.ui.pages.uses.panels import SIZES
from gptviz.ui.pages.uses.state import USES, WAYS
from gptviz.ui.pages.what_if.changes import KINDS as CHANGES
from gptviz.views import STAGES
from gptviz.views.beam import Outcome
from gptviz.views.merging import Change
from tests.phrases import Named, ends, names, sources

_PARAMETERS = {parameter.name for strategy in STRATEGIES.values() for parameter in strategy.parameters}
_FILTERS = {parameter.name for parameter in STRATEGIES["sample"].parameters}
_CUTS = {*_FILTERS, "greedy", "contrastive"}
_FORM = {field.name for field in fields(TrainingView)} - {"preset", "log_x", "log_y", "layer", "head"}
_MODELS = {path.parent.name for path in (ASSETS / "models").glob("*/config.json")}

POSITIONS_SAID = {"map", "mapping", "near_map", "learned_own", *(f"{way}_{whose}" for way in ("sinusoidal", "rotary")
                                                   for whose in ("own", "formula"))}  # fmt: skip
_HALVES = {f"{kind}.{row}" for kind in ("gpt", "bert", "both")
           for row in ("name", "half", "direction", "objective", "use", "models")}  # fmt: skip
_COLUMNS = {"part", "bits", "better", "top1", "share", "size", "licence", "source", "language", "cloze1", "cloze5",
            "repeated", "distinct"}  # fmt: skip

_TUNED_COLUMNS = {
    *("what", "how_much", "step", "train", "valid", "right", "text", "label", "probability", "found_wanted", "holds"),
    *(
        "precision",
        "recall",
        "f1",
        "support",
        "truth",
        "found",
        "sure",
        "prompt",
        "answer",
        "before",
        "after",
        "method",
    ),
    *("trainable", "seconds", "memory", "accuracy", "loss", "value", "interval", "place"),
}
_PRESETS = {f"{name}.{preset}" for name, presets in EXPERIMENTS.items() for preset in presets}
_SERIES = {model.key for model in series.series()}
_TOUR = ("type", "token", "cell", "head", "temperature", "step", "choose", "term")  # as in next_token/tour.js

#: Keys that are put together while the program runs, by their beginning: the one place where they are declared. Where
#: the endings are names that Python knows, they are these and no others; else (None) each ending must be a word of a
#: file that puts it together.
_KEY = ("model", "others", "cut", "piece")  # of the bars
DYNAMIC: dict[str, Iterable[str] | None] = {
    "alignment.by.": WAYS_OF_ALIGNING, "alignment.by_hint.": WAYS_OF_ALIGNING, "alignment.column.": None,
    "alignment.field.": None, "alignment.hint.": None, "alignment.reading.": {"rule", "pairs"},
    "alignment.source.": PAIRS_FROM, "alignment.source_hint.": PAIRS_FROM,
    "attend.column.": None, "attend.hint.": STEPS, "attend.map.": {*MAPS, "pattern"},
    "attend.map_hint.": MAPS, "attend.map_says.": MAPS, "attend.mark_": None,
    "attend.part.": {"token", "position", "before", "attention", "mlp"},
    "attend.preset.": ATTENTION_PRESETS, "attend.preset_hint.": ATTENTION_PRESETS,
    "attend.reading.": {*MAPS, *get_args(Rule)}, "attend.said_": None,
    "attend.sheet.": None, "attend.step.": STEPS,
    "beam.column.": None, "beam.fate.": None, "beam.verdict.": get_args(Outcome),
    "beam.preset.": BEAM_PRESETS, "beam.preset_hint.": BEAM_PRESETS, "beam.short.": get_args(Fate),
    "chips.": None,
    "compare.": None, "compare.draws.": None, "compare.draws.table.": None, "compare.editor.": None,
    "compare.files.": None, "compare.finish.": {"end", "context", "stopped"}, "compare.measure.": None,
    "compare.measure.hint_": None, "compare.table.": None,
    "embeddings.": None, "embeddings.column.": None, "embeddings.by_": None,
    "embeddings.formula.": SCHEMES, "embeddings.scheme.": SCHEMES, "embeddings.scheme_hint.": SCHEMES,
    "embeddings.lit.": {"text", "near", "chosen"}, "embeddings.matrices.": {"tokens", "output"},
    "embeddings.part.": {"rows", "added", "sum"}, "embeddings.axis_": {"x", "y"},
    "embeddings.reading.": POSITIONS_SAID, "embeddings.reading.rows_": {"added", "turned"},
    "error.decoding.": None, "error.chat.": {"none", "messages", "role", "template_long", "slow", "large", "reason",
                                              "library", "changed"},
    "error.lesson.": None, "lesson.": WORDS, "lesson.guess_": {"right", "wrong"}, "lessons.": None,
    "lessons.column.": None,
    "lessons.sheet_": SHEETS,
    "figure.attention.bar.": STAGES, "figure.attention.stage.": STAGES, "figure.beam.fate.": get_args(Fate),
    "figure.embeddings.scheme.": SCHEMES, "figure.heads.score.": SCORES,
    "figure.patching.": {"sufficient", "necessary"}, "figure.stream.line.": get_args(LineKind),
    "figure.decoding.": None, "figure.distribution.cut.": _CUTS, "figure.softmax.": None,
    "masks.": {"word", "question", "answer", *_HALVES}, "masks.claim.": CLAIMS, "masks.fact.": None,
    "masks.fact_hint.": None, "masks.halves.": None, "masks.kind.": MASKS, "masks.reading.": MASKS,
    "masks.row.": {"causal", "bidirectional", "as_it_is", "reversed", "logits", "logits_shifted", "logprobs",
                   "logprobs_shifted"},
    "masks.truth.": CLAIMS, "masks.who.": MASKS, "masks.told.": TOLD, "masks.fill.": {"masked", "causal"},
    "masks.fill_column.": None, "masks.fill_reading.": {"true", "typed", "end"},
    "change.": {"before", "after"}, "change.column.": None, "what_if.": None, "what_if.curve_": None,
    "what_if.item.": {*CHANGES, "layer_off"} - {"layer"}, "what_if.mode.": MODES, "what_if.patch.": None,
    "heads.claim.": HEAD_CLAIMS, "heads.definition.": SCORES, "heads.mode.": MODES,
    "heads.name.": SCORES, "heads.short.": SCORES,
    "limits.": None, "limits.caveat.": EXPERIMENTS, "limits.column.": None,
    "limits.exchanged.": EXPERIMENTS["exchange"], "limits.lines.": {"known", "altered"}, "limits.name.": EXPERIMENTS,
    "limits.preset.": _PRESETS, "limits.short.": repeating.ways(), "limits.text.": _PRESETS - {"context.long"},
    "limits.way.": repeating.ways(),
    "limits.window.": {"left_out", "read", "free"},
    "deploy.": None,
    "deploy.by.": ORDERS, "deploy.by_hint.": ORDERS, "deploy.column.": None, "deploy.does.": DUTIES,
    "deploy.duty.": DUTIES, "deploy.figure.": None, "deploy.form.": FORMS, "deploy.form_hint.": FORMS,
    "deploy.head.": None, "deploy.parts_reading.": UNITS, "deploy.preset.": DEPLOY_PRESETS,
    "deploy.preset_hint.": DEPLOY_PRESETS, "deploy.unit.": UNITS, "deploy.gone_": UNITS,
    "series.changed.": _SERIES, "series.data.": _SERIES, "series.key.": None, "series.kind.": series.KINDS,
    "series.kind_says.": series.KINDS, "series.fact.": {"name", "date", "by", *SERIES_FACTS, "data", "source"},
    "uses.": None, "uses.base.": USES, "uses.chat.": set(USES) - {"continuing"}, "uses.column.": None,
    "uses.finish.": {"end", "length", "context", "stopped", "writing"}, "uses.honest_base.": USES,
    "uses.honest_chat.": USES, "uses.kind.": {"base", "chat"}, "uses.name.": USES, "uses.size.": SIZES,
    "uses.way.": WAYS, "uses.what.": USES,
    "model.": _MODELS,
    "model_page.column.": _COLUMNS, "model_page.curve_": None, "model_page.fact.": None,
    "panel.distribution.key.": {f"{name}{end}" for name in _KEY for end in ("", "_hint")},
    "model_page.head.": {"prefix_matching", "previous_token", "first_token"},
    "model_page.head_hint.": {"prefix_matching", "previous_token", "first_token"},
    "model_page.language.": {"en", "zh", "py"}, "model_page.limits.": {*_MODELS, "other"},
    "model_page.share.": {"tokens", "positions", "attention", "mlp", *NORMS}, "model_page.table.": None,
    "model_page.tuned.": {"labels", "tags"}, "model_page.weights.": {"float16", "float32", "rounded"},
    "note.read.": {*KINDS, "pair", "one"},
    "nav.": layout.PAGES, "nav.group.": layout.GROUPS,
    "panel.attention.": None, "panel.attention.stage.": {*STAGES, *(f"{stage}_hint" for stage in STAGES)},
    "panel.distribution.": None, "panel.distribution.column.": None,
    "panel.distribution.filter.": {*_CUTS, "model"}, "panel.mosaic.column.": None, "panel.sliders.": None,
    "passport.check.": get_args(Name), "passport.said.": get_args(Said),
    "path.how.": {"drawn", "greedy", "chosen"}, "path.table.": None,
    "playground.": None, "playground.column.": None,
    "preset.": presets.PRESETS, "preset.hint.": presets.PRESETS,
    "preset.short.": {*STRATEGIES, *_PARAMETERS} - {"width"},  # "beam 4" says the width
    "reading.attention.": STAGES, "reading.pipeline.": None, "reading.tree.": None,
    "snapshots.column.": None, "snapshots.fact.": {"step", "tokens", "loss", "bits_per_byte"},
    "snapshots.preset.": SNAPSHOT_TEXTS, "snapshots.preset_hint.": SNAPSHOT_TEXTS, "snapshots.text.": SNAPSHOT_TEXTS,
    "origins.": {"gpt", "counted"}, "origins.column.": None, "origins.reading.": {"counts", "never"},
    "origins.preset.": ORIGIN_TEXTS,
    "origins.preset_hint.": ORIGIN_TEXTS, "origins.text.": ORIGIN_TEXTS,
    "differing.name.": DIFFERING,
    "dynamics.": {"rate", "norm", "ratio", "embeddings", "out"}, "dynamics.column.": None,
    "one_step.": None, "one_step.column.": None, "one_step.line.": None, "one_step.preset.": ONE_STEP_PRESETS,
    "one_step.preset_hint.": ONE_STEP_PRESETS, "one_step.reading.after_": {"held", "short", "below", "rose"},
    "scaling.": None, "scaling.key_": {"run", "own", "curve", "envelope", "floor", "E"},
    "scaling.column.": None, "scaling.counted.": {"with", "without"},
    "scaling.floor.": {"within", "outside"},
    "report.column.": None, "report.finish.": {"end", "length", "context", "stopped"}, "report.step.": None,
    "room.": None, "room.about.": GAMES, "room.column.": None, "room.do.": None, "room.do_hint.": None,
    "room.game.": GAMES, "room.game_hint.": GAMES, "room.how.": get_args(How), "room.how_hint.": get_args(How),
    "prompting.": {"plain", "calibrated"}, "prompting.column.": None, "prompting.field.": None,
    "prompting.group.": None, "prompting.hint.": None,
    "prompting.key.": {"plain", "calibrated", "tuned", "learnt", "scratch", "words"},
    "prompting.kind.": {"shots", "order", "pattern", "head", "guess", *LEARNT}, "prompting.label.": PROMPTED_LABELS,
    "prompting.line.": {"plain", "leaning", "calibrated"}, "prompting.pattern.": OUR_PATTERNS,
    "prompting.pattern_name.": OUR_PATTERNS, "prompting.piece.": {"frame", "example", "word", "text", "blank"},
    "prompting.reading.": {"some_better", "coin", *(f"{kind}_{how}" for kind in ("shots", "order", "pattern")
                                                    for how in ("apart", "alike"))},
    "prompting.reading.head_": {"alike", "better", "worse"}, "prompting.reading.more_": {"alike", "apart"},
    "prompting.state.": {"opening", *get_args(Status)}, "prompting.word.": PROMPTED_LABELS,
    "room.says.": None, "room.source.": SOURCES, "room.source_hint.": SOURCES,
    "room_phone.": None, "room_phone.ask.": {"pick", "chips", "vote", "probe", "follow"},
    "stream.": None, "stream.column.": None, "stream.line.": get_args(LineKind), "stream.named.": None,
    "stream.part.": {"attn", "mlp"},
    "stream.preset.": STREAM_PRESETS, "stream.preset_hint.": STREAM_PRESETS,
    "robustness.": None, "robustness.column.": MEASURED_ON, "robustness.column_hint.": MEASURED_ON,
    "robustness.cost.": {"train", "test", "time"}, "robustness.doing.": {*DOING, "preparing"}, "robustness.end.": ENDS,
    "robustness.field.": None, "robustness.hint.": None,
    "robustness.state.": {"none", "late", *get_args(Status)} - {"running"}, "robustness.table.": None,
    "robustness.way.": {*WAYS_TRIED, "plain", "paraphrase"}, "robustness.way_hint.": WAYS_TRIED,
    "stream.reading.through_": {"first", "never"}, "stream.reading.ledger_": {"one", "against"},
    "steps.": None, "steps.column.": None, "steps.pair.": None, "steps.tree.pick_": {"a", "b"},
    "strategy.": STRATEGIES, "strategy.hint.": STRATEGIES, "strategy.choice.": None,
    "strategy.choice.early_stopping.": {"true", "false", "never"},
    "strategy.parameter.": _PARAMETERS, "strategy.parameter_hint.": _PARAMETERS,
    "surprise.": None, "surprise.by_": None, "surprise.check.": None, "surprise.column.": None,
    "surprise.versus.": None, "surprise.versus.per_byte_": {"a", "b", "equal"},
    "forgetting.": {"apart", "overlap", "learning", "waiting"}, "forgetting.at.": {"now", "before", "first", *REMEDIES},
    "forgetting.column.": None, "forgetting.cost.": {"runs", "steps", "texts", "tests", "time"},
    "forgetting.costs.": {"en", "zh"}, "forgetting.field.": None, "forgetting.hint.": None,
    "forgetting.language.": {"en", "zh"}, "forgetting.remedy.": None, "forgetting.remedy_hint.": None,
    "forgetting.said.": FORGETTING_SAID, "forgetting.state.": {"opening", "measuring", *get_args(Status)},
    "forgetting.task.": THENS,
    "live.foreseen.": {"floor", "uniform", "nothing"}, "live.reading.": {"attention", *SCHEMES},
    "training.": {"log_x", "log_y", "model", "learning", "limits"}, "training.about_": {"seconds", "minutes"},
    "training.act.": {"pause", "go_on", "stop", "save", "delete"}, "training.choice.": None,
    "training.column.": None, "training.cost.": {"parameters", "memory", "flops", "tokens", "speed", "time"},
    "training.early.": {*get_args(Early)} - {""},
    "training.field.": _FORM, "training.hint.": _FORM, "training.level.": {"uniform", "unigram", "bigram", "floor"},
    "training.part.": {"tokens", "positions", "attention", "mlp", "norms"}, "training.phase.": PHASES,
    "training.preset.": OFFERED, "training.preset_hint.": OFFERED, "training.source.": {*TRAINED_ON, "none"},
    "training.state.": {"none", *get_args(Status)}, "training.status.": get_args(Status),
    "tuning.act.": {"go_on", "stop", "delete", *DOWNLOADS}, "tuning.column.": _TUNED_COLUMNS,
    "tuning.cost.": {"trainable", "memory", "time"}, "tuning.field.": None, "tuning.hint.": None,
    "tuning.figure.": {"accuracy", "f1", "words", "known", "majority", "loss_before", "loss", "sure",
                       "forgotten"},
    "tuning.menu.": {"there", "head", "beside", "written"},
    "tuning.light.": LIGHTS, "tuning.method.": WAYS_OF_TUNING, "tuning.pooling.": POOLINGS,
    "tuning.reading.": {"mask", "data", "wrong", "answers", "accuracy", "f1"},
    "tuning.role.": {role for task in TASKS for role in TUNED_ON[task].columns},
    "tuning.state.": {"none", "opening", *get_args(Status)}, "tuning.status.": get_args(Status),
    "tuning.task.": TASKS, "tuning.task_hint.": TASKS, "tuning.": {"thin_a", "thin_b", "product"},
    "tuning.matrix.": MATRICES, "tuning.part.": {path.parent.name for path in TEXTS.glob("*/held_out.txt")},
    "tokens.": None, "tokens.column.": None, "tokens.in_": {"bytes", "characters"},
    "tokens.kind.": {"characters", "pieces"}, "tokens.kind_hint.": {"characters", "pieces"},
    "tokens.preset.": TOKEN_PRESETS, "tokens.preset_text.": TOKEN_PRESETS,
    "tokens.reading.": {*get_args(Kind), *get_args(Change)}, "tokens.script.": SCRIPTS,
    "toolbar.theme.": {"system", "light", "dark"},
    "tour.do.": _TOUR, "tour.seen.": _TOUR,
}  # fmt: skip

#: Beginnings that helpers put in front of what they are given (see ``phrases.HELPERS``, ``errors``).
GROUPS = {"figure.", "reading.", "report.", "error."}
#: What looks like a key and is none: places in a saved run, the beginning of several groups.
NO_KEYS = {"tokens.chips", "tokens.tokenizer", "model.name", "model.fingerprint", "strategy.parameter"}
#: As in ``i18n`` and ``web/kit/dom.js``: a blank, and a choice between one and many.
BLANK = re.compile(r"{(\w+)(?:\|([^|{}]*)\|([^|{}]*))?}")
ENGLISH = strings(FALLBACK)


@pytest.fixture(scope="module")
def named() -> list[Named]:
    """All that the sources name: they are read here, not by every process that collects tests."""
    return [one for path in sources() for one in names(path)]


def test_every_string_that_is_named_exists(named: list[Named]) -> None:
    missing = {f"{n.path.name}: {n.key}" for n in named if not n.open and n.key not in {*ENGLISH, *NO_KEYS, *DYNAMIC}}
    assert not missing


def test_every_string_is_used(named: list[Named]) -> None:
    used = {one.key for one in named if not one.open}
    for one in named:
        used |= ends(one) if one.open and DYNAMIC.get(one.key, ()) is None else set()
    for beginning, endings in DYNAMIC.items():
        used |= {beginning + ending for ending in endings or ()}
    unused = ENGLISH.keys() - used
    assert not unused


def test_all_names_that_python_knows_have_their_strings() -> None:
    wanted = {beginning + ending for beginning, endings in DYNAMIC.items() for ending in endings or ()}
    unsaid = wanted - ENGLISH.keys()
    assert not unsaid


def test_keys_are_put_together_only_as_declared(named: list[Named]) -> None:
    open_ = {one.key for one in named if one.open}
    assert open_ - GROUPS == set(DYNAMIC)


@pytest.mark.parametrize("lang", languages())
def test_languages_have_the_same_strings_with_the_same_blanks(lang: str) -> None:
    other = strings(lang)
    assert other.keys() == ENGLISH.keys()
    for key, text in other.items():
        assert text.strip() or not ENGLISH[key].strip(), key
        if not key.startswith("example."):
            assert _blanks(text) == _blanks(ENGLISH[key]), f"{lang} {key}"


@pytest.mark.parametrize("lang", languages())
def test_choices_between_one_and_many_are_written_right(lang: str) -> None:
    """Each hangs on a number that is also shown, and no stray bar is left."""
    for key, text in strings(lang).items():
        choices = [found for found in BLANK.finditer(text) if found[2] is not None]
        shown = {found[1] for found in BLANK.finditer(text) if found[2] is None}
        assert {choice[1] for choice in choices} <= shown, key
        assert all(choice[2] != choice[3] for choice in choices), key
        assert "|" not in BLANK.sub("", text) or not choices, key


#: English nouns that stand after a number. Not "bits" and "nats", which come with decimals: 1.0 bits.
_COUNTED = "tokens|others|layers|heads|steps|draws|rolls|texts|branches|strategies|bytes|characters|continuations"


def _plural_after_a_blank(key: str, text: str) -> bool:
    return key not in NEVER_ONE and bool(re.search(rf"{{\w+}}( \w+){{0,2}} ({_COUNTED})\b", text))


#: Sentences whose number is never "1": the size of a vocabulary or a context, more than another number, or a decimal.
NEVER_ONE = {
    "error.chat.template_long", "tokens.filmed", "tokens.rate_hint", "tokens.reading.found", "tokens.times_hint",
    "embeddings.near_foot", "embeddings.points", "embeddings.reading.map", "embeddings.reading.near",
    "embeddings.reading.near_map",
    "beam.note.left_out", "beam.note.shorter", "compare.note.left_out", "error.config.heads", "error.prompt.too_long",
    "error.app.draws", "error.record.text", "error.tokenizer.bytes", "error.weights.vocabulary",
    "figure.pipeline.title", "note.cut", "note.asked", "note.beyond", "note.beyond_reload", "note.tree_full",
    "model_page.curve_label", "model_page.curve_note", "note.full", "note.left_out",
    "passport.said.ids", "passport.said.not_reuse", "passport.said.reuse", "passport.said.silent",
    "passport.said.tells", "passport.said.tokenizer", "passport.said.traced", "playground.reading.entropy",
    "playground.reading.roll", "playground.reading.soft", "reading.distribution.kept", "reading.pipeline.start",
    "reading.spread.texts", "reading.tree.many", "surprise.windows", "toolbar.shape",
}  # fmt: skip


def test_english_counts_right() -> None:
    wrong = {key for key, text in ENGLISH.items() if _plural_after_a_blank(key, text)}
    assert not wrong


def _blanks(text: str) -> set[str]:
    return {found[1] for found in BLANK.finditer(text)}
