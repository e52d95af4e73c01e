"""Errors that a student can act on.

Each carries a key into ``assets/i18n`` and the values of its sentence, so that the app can say it in the reader's
language; ``str(error)`` is the English sentence. A value may be an error itself: the reason of the other.
"""

from __future__ import annotations

from typing import Any


class GptvizError(ValueError):
    """Something the user gave cannot be used; ``key`` names the sentence, ``values`` fill it."""

    def __init__(self, key: str, **values: Any) -> None:
        self.key = key
        self.values = values
        super().__init__(self.say("en"))

    def say(self, lang: str) -> str:
        """The sentence in ``lang`` (English where that language has none)."""
        from gptviz.i18n import translate

        values = {
            name: value.say(lang) if isinstance(value, GptvizError) else value for name, value in self.values.items()
        }
        return translate(f"error.{self.key}", lang, **values)


class ConfigError(GptvizError):
    """A setting is missing, out of range, or does not fit another."""


class WeightsError(GptvizError):
    """A weights folder is missing, damaged, unsafe, or of another architecture."""


class FileError(WeightsError):
    """A file of a model holds something else than it should: a half sentence for the reason, or a whole one."""


class PromptError(GptvizError):
    """A text or list of ids that the model cannot read."""


class DecodingError(GptvizError):
    """A parameter of a decoding strategy is out of range."""


class LessonError(GptvizError):
    """A lesson's file says something that cannot be used, or asks about what this text or model does not have."""


class TrainingError(GptvizError):
    """A training run cannot go on: its numbers have run away, or there is no room for what it writes."""


class EditError(GptvizError):
    """A change to a run is asked for where there is no such place, or what it puts there does not fit."""


class RoomError(GptvizError):
    """What somebody asked of a classroom cannot be had: no such room, no longer open, no such answer."""


class ServiceError(GptvizError):
    """A service does not do what it was asked, or cannot be reached; ``status`` is HTTP's word for it."""

    def __init__(self, key: str, *, status: int = 400, **values: Any) -> None:
        super().__init__(key, **values)
        self.status = status


#: By name, those that one machine tells another of.
KINDS: dict[str, type[GptvizError]] = {
    kind.__name__: kind
    for kind in (GptvizError, ConfigError, WeightsError, FileError, PromptError, DecodingError, EditError, ServiceError)
}
