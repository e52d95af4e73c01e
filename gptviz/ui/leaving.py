"""What a page still says when its visitor has gone on to another one.

The browser shows the old page until the new one is there, and it may still thank for an answer, or tell of a control.
Streamlit takes that for a wish of its own. Where it comes before the new page has begun, the two are made one, with the
old page's address: the click is lost. Where it comes after, a run under the old page's name follows the new page's, and
the browser takes half of the new page away again.
"""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession


def leave_for_good() -> None:
    """Have no session listen to a part of a page that its visitor has left.

    Where they are is said by the browser when it asks for a whole page, and by each run that begins: a page's script
    may go to another one. A browser that opens an address does not know the page's name: then the first part that
    speaks is of it.
    """
    session: Any = AppSession
    listen, begin = session.request_rerun, session._create_new_session_message
    here: WeakKeyDictionary[AppSession, str] = WeakKeyDictionary()

    def request_rerun(self: AppSession, said: ClientState | None) -> None:
        if said is not None:
            if said.fragment_id and said.page_script_hash != (here.get(self) or said.page_script_hash):
                return
            here[self] = said.page_script_hash
        listen(self, said)

    def begun(self: AppSession, page: str, *args: Any, **options: Any) -> Any:
        if here.get(self):
            here[self] = page
        return begin(self, page, *args, **options)

    session.request_rerun, session._create_new_session_message = request_rerun, begun
