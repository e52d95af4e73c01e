"""Whom a server is for: one person at this machine, or others too. Pure.

What lies on a machine is its owner's business: others see only what was laid out for them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping, Sequence

from gptviz import finding
from gptviz.errors import ConfigError
from gptviz.remote.addresses import alone as alone

OPEN = "GPTVIZ_OPEN"  # whether visitors may open folders and download models: 1 or 0
FIND = "--find-models"


def may_open(address: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether a visitor may open more than what the operator has laid out: where the server is only their own."""
    said = environment.get(OPEN, "")
    return said == "1" if said else alone(address)


def may_find(address: str, environment: Mapping[str, str] = os.environ) -> bool:
    """Whether models of other programs are listed: asked for, and nobody else is served."""
    return finding.asked(environment) and _reason(address, environment) == ""


def without_find(options: Sequence[str], address: str, environment: MutableMapping[str, str] = os.environ) -> list[str]:
    """The other options of a server's; that models are looked for goes by environment, which the app reads.

    Raises ConfigError where they are asked for and others are served too.
    """
    if FIND in options:
        environment[finding.ENVIRONMENT] = "1"
    reason = _reason(address, environment)
    if finding.asked(environment) and reason:
        raise ConfigError("app.find_models", option=FIND, variable=f"{finding.ENVIRONMENT}=1", reason=reason)
    return [option for option in options if option != FIND]


def _reason(address: str, environment: Mapping[str, str]) -> str:
    """The setting by which others are served; empty where nobody is."""
    if not alone(address):
        return f"--server.address {address}".strip()
    return f"{OPEN}=0" if environment.get(OPEN) == "0" else ""
