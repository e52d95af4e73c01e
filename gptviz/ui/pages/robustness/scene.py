"""What the robustness page is made of: the classifier under attack, what it says, the trial looked at so far. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from gptviz.errors import GptvizError, PromptError
from gptviz.jobs.folder import Job
from gptviz.jobs.runner import Status
from gptviz.language_model import LocalModel
from gptviz.tuning.classifier import Classifier
from gptviz.tuning.hard import Parts, parts
from gptviz.ui.jobs import RUNNER, failure, goes_on
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.robustness import copies
from gptviz.ui.pages.robustness.attacking import exchange
from gptviz.ui.pages.robustness.state import Attack, Robustness
from gptviz.ui.pages.robustness.targets import Target, targets
from gptviz.ui.pages.tuning.tried import MOST_TOKENS, Tried, opened, tried_by


@dataclass(kw_only=True)
class Attacked(Scene):
    """The page at one moment."""

    state: Robustness
    context: Context
    job: Job | None
    status: Status | None
    targets: list[Target] = field(default_factory=list)
    target: Target | None = None
    tried: Tried | None = None  # what it says of the text
    problem: GptvizError | None = None  # why it says nothing
    copies: dict[str, str] = field(default_factory=dict)  # the text changed, by way

    @cached_property
    def parts(self) -> Parts:
        """What a trial that is wished for would learn from, and be measured on."""
        return parts(self.context.lang, self.state.view.run_seed)

    @property
    def text(self) -> str:
        """What is changed of the text: its beginning."""
        return self.state.text[: copies.MOST_CHARS].strip()


def scene(state: Robustness, context: Context) -> Attacked:
    """Read on in the trial's records, try the classifier on the text, exchange a word where an attack goes on."""
    job = state.looked_at()
    status = None if job is None else RUNNER.status(job)
    if job is not None:
        state.heard.follow(job)
    found = Attacked(state=state, context=context, job=job, status=status, running=goes_on(status, state.heard))
    found.targets = targets(state.owner, job, context.lm, context.lang)
    found.target = next((one for one in found.targets if one.name == state.under), next(iter(found.targets), None))
    problem = state.error or failure(job)
    _change(found)
    try:
        _attack(found)
    except GptvizError as error:
        found.problem, state.attack = error, Attack()
    try:
        _in_other_words(found)
    except GptvizError as error:
        problem = error
    state.wants_attack = state.wants_words = False
    found.running = found.running or state.attack.going
    if problem is not None:
        found.said = [{"level": "error", "text": problem.say(context.lang)}]
    return found


def _change(found: Attacked) -> None:
    """Copies of the text, where the model can read it."""
    lm = found.context.lm
    if not found.text or not isinstance(lm, LocalModel):
        return
    try:
        found.copies = copies.changed(lm, found.text, found.state.draws)
    except PromptError:
        found.read = False


def _attack(found: Attacked) -> None:
    """What is said of the text; one exchange more, where that is wished. Raises GptvizError."""
    state, lm, target = found.state, found.context.lm, found.target
    if target is None or not found.read or not state.text.strip():
        state.attack = Attack()
        return
    of = (state.text, target.name, lm.fingerprint)
    classifier = opened(lm, str(target.path))
    assert isinstance(classifier, Classifier)  # that is what targets are
    found.tried = tried_by(classifier, lm, state.text)
    if state.wants_attack:
        label, prob = found.tried.labels[0]
        state.attack = Attack(of, True, label, prob)
    elif state.attack.of != of:
        state.attack = Attack()
    if state.attack.going:
        exchange(state.attack, classifier, lm, min(MOST_TOKENS, classifier.trunk.most))


def _in_other_words(found: Attacked) -> None:
    """By the model itself, where that is asked for: it takes a moment. Raises GptvizError."""
    state, lm = found.state, found.context.lm
    if not state.wants_words or not found.copies:
        return
    state.said = (found.text, state.draws, copies.other_words(lm, found.text, state.draws))
