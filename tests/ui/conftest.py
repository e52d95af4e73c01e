"""Fixtures of the pages' states and messages."""

from __future__ import annotations

import pytest

from gptviz.language_model import LanguageModel
from tests.ui.desk import Desk


@pytest.fixture
def desk(tiny_lm: LanguageModel) -> Desk:
    return Desk(tiny_lm)
