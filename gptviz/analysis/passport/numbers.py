"""The weights as numbers: finite, as many as the configuration says, and the output matrix what it says."""

from __future__ import annotations

from gptviz.analysis.passport.record import Check
from gptviz.gpt import soundness
from gptviz.language_model import LocalModel


def finite(lm: LocalModel) -> Check:
    """No weight is NaN or infinite; measured is how many are."""
    found = soundness.not_finite(lm.model)
    if found.number:
        return Check("finite", False, found.number, "not_finite", {"count": f"{found.number:,}", "name": found.first})
    return Check("finite", True, 0, "finite", {})


def parameters(lm: LocalModel) -> Check:
    """The configuration describes as many numbers as there are; measured is how many there are."""
    there, told = soundness.stored(lm.model), lm.config.n_parameters
    values = {"count": f"{there:,}", "told": f"{told:,}"}
    return Check("parameters", there == told, there, "parameters" if there == told else "other_parameters", values)


def tied(lm: LocalModel) -> Check:
    """Whether the output matrix is the token embedding, which is only told, and is as the configuration says."""
    shared = soundness.shares_output(lm.model)
    if shared != lm.config.tied:
        return Check("tied", False, None, "not_tied", {})
    return Check("tied", True, None, "tied" if shared else "untied", {})
