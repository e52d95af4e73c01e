"""What a page still says when its visitor has gone on to another one.

The browser shows the old page until the new one is there, and it may still thank for an answer, or tell of a control.
Streamlit takes that for a wish of its own. Where it comes before the new page has begun, the two are made one, with the
old page's address: the click is lost. Where it comes after, a run under the old page's name follows the new page's, and
the browser takes half of the new page away again.
"""

from __future__ import annotations

from functools import wraps
from time import monotonic
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession

PATIENCE = 10.0  # seconds after which a page that still speaks is taken to be the one that is seen


class Place(NamedTuple):
    """Where a visitor is, and since when; "" where nobody has said so."""

    page: str = ""
    since: float = 0.0


def leave_for_good() -> None:
    """Have no session listen to a part of a page that its visitor has left.

    Where they are is said by the browser when it asks for a whole page, and by each run that begins: a page's script
    may go to another one. A browser that opens an address does not know the page's name, and the run begins under that
    of the whole app: then the first part that speaks is of the page.
    """
    session: Any = AppSession
    listen, begin = session.request_rerun, session._create_new_session_message
    places: WeakKeyDictionary[AppSession, Place] = WeakKeyDictionary()

    def go(self: AppSession, page: str) -> None:
        if page != places.get(self, Place()).page:
            places[self] = Place(page, monotonic())

    @wraps(listen)
    def request_rerun(self: AppSession, said: ClientState | None) -> None:
        if said is not None:
            here, page = places.get(self, Place()), said.page_script_hash
            if said.fragment_id and page != (here.page or page) and monotonic() - here.since < PATIENCE:
                return
            go(self, page)
        listen(self, said)

    @wraps(begin)
    def begun(self: AppSession, page: str, *args: Any, **options: Any) -> Any:
        message = begin(self, page, *args, **options)
        if places.get(self, Place()).page and page != message.new_session.main_script_hash:
            go(self, page)
        return message

    session.request_rerun, session._create_new_session_message = request_rerun, begun
