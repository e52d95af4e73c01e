"""The families of models that can be opened, one file each. They are found here: a new one is one file.

``Family`` (in ``gptviz.gpt.family``) says what a family is. Files whose name begins with ``_`` hold none.
"""

from __future__ import annotations

import importlib
import pkgutil

from gptviz.errors import WeightsError
from gptviz.gpt.config import GPTConfig
from gptviz.gpt.family import Family


def found() -> dict[str, Family]:
    """Every family that a file of this package defines, by the ``model_type`` of its configurations."""
    families: dict[str, Family] = {}
    for file in pkgutil.iter_modules(__path__):
        if not file.name.startswith("_"):
            module = importlib.import_module(f"{__name__}.{file.name}")
            for kind in vars(module).values():
                own = isinstance(kind, type) and kind.__module__ == module.__name__
                if own and issubclass(kind, Family) and "model_type" in vars(kind):
                    families[kind.model_type] = kind()
    return families


FAMILIES = found()


def family_of(model_type: object, folder: str) -> Family:
    """The family that a configuration names; WeightsError where it is none of ours."""
    if not isinstance(model_type, str) or model_type not in FAMILIES:
        raise WeightsError("weights.architecture", folder=folder, kind=model_type, known=", ".join(sorted(FAMILIES)))
    return FAMILIES[model_type]


def written_as(config: GPTConfig) -> Family:
    """The family whose folders hold a model of this shape; WeightsError where none is written here."""
    for family in FAMILIES.values():
        if family.writes(config):
            return family
    raise WeightsError("weights.not_written", parts=", ".join(config.unlike_gpt2()))
