"""``gptviz app --public``: what a server on the open web needs, all of it in one table. Pure: no Streamlit here.

Each bound is a variable that an operator may also set by hand; one that is set is not touched, whichever way, but for
what keeps the machine itself closed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, MutableMapping, Sequence

from gptviz import finding
from gptviz.errors import ConfigError
from gptviz.jobs import settings as jobs
from gptviz.ui import limits
from gptviz.ui.others import FIND, OPEN

OPTION, ENVIRONMENT = "--public", "GPTVIZ_PUBLIC"

#: Visitors choose among what is laid out: no folder of the machine, no download, nothing of other programs.
CLOSED: Mapping[str, str] = {OPEN: "0", finding.ENVIRONMENT: "0"}
#: What strangers may have. Whoever is one too many waits in a queue, and who is idle gives way to it.
BOUNDS: Mapping[str, str] = {
    limits.VISITORS: "100",
    limits.IDLE: "15",
    limits.TOKENS: "128",
    limits.DRAWN: "2000",
    limits.LOADED: "2",
    jobs.EACH: "1",
    jobs.ALL: "20",
    jobs.MINUTES: "5",
    jobs.PARAMETERS: "1000000",
    jobs.HOURS: "2",
}


def asked(options: Sequence[str], environment: Mapping[str, str]) -> bool:
    """Whether it is to be public: by the option, or by ``GPTVIZ_PUBLIC=1``, which a container is told more easily."""
    return OPTION in options or environment.get(ENVIRONMENT) == "1"


def switch_on(options: Sequence[str], environment: MutableMapping[str, str]) -> list[str]:
    """The other options of a server's; where it is to be public, the bounds go by environment, which the app reads.

    Raises ConfigError where what must be closed is asked to be open.
    """
    left = [option for option in options if option != OPTION]
    if not asked(options, environment):
        return left
    opened = [f"{name}={environment[name]}" for name in CLOSED if environment.get(name, "0") not in ("", "0")]
    opened += [FIND] * (FIND in left)
    if opened:
        raise ConfigError("app.public", option=OPTION, opened=", ".join(opened))
    environment.update(CLOSED)
    for name, value in BOUNDS.items():
        if not environment.get(name, "").strip():
            environment[name] = value
    environment[ENVIRONMENT] = "1"
    return left


def as_asked() -> None:
    """For where Streamlit is started by others (``streamlit run app.py``): the bounds, if ``GPTVIZ_PUBLIC`` asks."""
    switch_on((), os.environ)


def lines(environment: Mapping[str, str]) -> list[str]:
    """What is said of it when the server starts; nothing where it is not public."""
    if environment.get(ENVIRONMENT) != "1":
        return []
    said = " ".join(f"{name}={environment.get(name, '')}" for name in BOUNDS)
    return [f"Open to the public, with these bounds (each can be set): {said}"]
