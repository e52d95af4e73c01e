"""What the browser says while a run waits for its turn.

Streamlit keeps it for a run of its own after this one, and lets no run of a fragment be given up for a newer one. So
where many type, whoever's turn had come was shown what they had typed when they got into line, and what they have typed
since only after standing in line once more: at sixty visitors a key waited for two or three rounds.
"""

from __future__ import annotations

from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests, ScriptRequestType


def catch_up() -> None:
    """Have this run answer the newest that its own part of the page has said; the run that was asked for is then done.

    Leaves by an exception of Streamlit's own where the visitor has gone or wants another page. What other parts of the
    page have said stays where it is.
    """
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return
    requests, here = context.script_requests, context.fragment_ids_this_run
    if requests is not None and here and _wanted(requests) == here:
        found = requests.on_scriptrunner_ready()  # only this thread takes one out; at worst it is one to stop by now
        if found.type == ScriptRequestType.RERUN:
            said = found.rerun_data
            context.session_state.on_script_will_rerun(
                said.widget_states,
                replay_trigger_states=said.replay_trigger_states,
                replay_trigger_values=said.replay_trigger_values,
            )
    _ = "" in context.session_state  # looks for a wish to stop


def _wanted(requests: ScriptRequests) -> list[str]:
    """Of which fragments a run is asked for; empty where none is, or one of the whole page."""
    return requests._rerun_data.fragment_id_queue if requests._state == ScriptRequestType.RERUN else []
