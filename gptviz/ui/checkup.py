"""The passport of a model that is opened: its checks, done before it is shown, and kept for the process.

Pure: no Streamlit here. A model whose operations disagree with one another or with what was trained is not shown: its
numbers would look as true as any. Red marks of another kind (a text that it cannot read) are told on the Model page.
"""

from __future__ import annotations

import logging
import math
from collections import OrderedDict
from threading import Lock

from gptviz.analysis.passport import Check, checks
from gptviz.analysis.passport.record import Name
from gptviz.errors import WeightsError
from gptviz.i18n import translate
from gptviz.jobs import Slice, Task
from gptviz.language_model import LanguageModel, LocalModel

SLICE = 0.1  # seconds of work in one run
#: What of a passport, where it is red, keeps a model from being shown: its numbers are then not those of the model.
REFUSING: tuple[Name, ...] = ("finite", "parameters", "tied", "causal", "traced", "reuse", "rotary")
_MOST = 64  # models whose results are kept


class PassportError(WeightsError):
    """A model that failed a check without which nothing of it may be shown."""

    def __init__(self, name: str, check: Check) -> None:
        self.name, self.check = name, check
        super().__init__("weights.refused", name=name, reason=check.said)

    def say(self, lang: str) -> str:
        """The check's own sentence, and what is shown in the model's place."""
        check = self.check
        return translate("error.weights.refused", lang, name=self.name, check=check.asks(lang), reason=check.say(lang))


class Checkup:
    """The checks of one model, as far as they have come; the model is let go of with the last."""

    def __init__(self, lm: LanguageModel) -> None:
        self.found: list[Check] = []
        # of a model that computes elsewhere there are no parts to be looked at
        self._task: Task[Check] | None = Task(checks(lm)) if isinstance(lm, LocalModel) else None
        self._lock = Lock()

    @property
    def finished(self) -> bool:
        """Whether all has been asked."""
        return self._task is None

    @property
    def refused(self) -> Check | None:
        """The first check that failed of those without which the model is not shown."""
        return next((check for check in self.found if check.ok is False and check.name in REFUSING), None)

    @property
    def failed(self) -> int:
        """How many failed."""
        return sum(check.ok is False for check in self.found)

    def finish(self) -> None:
        """Go through all that is left. Whoever else wants it waits for the same."""
        self.advance(Slice(math.inf))

    def advance(self, time: Slice) -> None:
        """Go on for so long: one check at least. One that breaks off is logged, and ends the checkup."""
        with self._lock:
            if self._task is None:
                return
            try:
                self.found.extend(self._task.go_on(time))
                done = self._task.finished
            except Exception:  # a model can be wrong in ways that nobody has thought of: it is shown with what is known
                logging.getLogger("gptviz").exception("a model's passport broke off after %s", self.found[-1:])
                done = True
            if done:
                self._task = None


class Checkups:
    """Those of the models that were opened; shared by all visitors.

    By name and fingerprint: of large matrices a fingerprint reads some rows only, and a copy may be damaged in others.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], Checkup] = OrderedDict()
        self._lock = Lock()

    def of(self, lm: LanguageModel) -> Checkup:
        """That of this model, begun where there is none."""
        key = (lm.name, lm.fingerprint)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                found = self._kept[key] = Checkup(lm)
            self._kept.move_to_end(key)
            while len(self._kept) > _MOST:
                self._kept.popitem(last=False)
        return found

    def refuse(self, lm: LanguageModel) -> None:
        """Raise PassportError where what is known of this model keeps it from being shown."""
        check = self.of(lm).refused
        if check is not None:
            raise PassportError(lm.name, check)


#: Those of this server.
CHECKUPS = Checkups()
