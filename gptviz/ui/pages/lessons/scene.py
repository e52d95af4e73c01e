"""What the page's panels are made of: the course of the visitor, and what is looked at. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gptviz.ui.lessons.course import Course
from gptviz.ui.page import Context, Scene
from gptviz.ui.pages.lessons.state import LessonsPage, View


@dataclass(kw_only=True)
class Listed(Scene):
    """The page at one moment."""

    context: Context
    course: Course
    look: View


def scene(state: LessonsPage, context: Context) -> Listed:
    """The page as it stands."""
    return Listed(context=context, course=context.course or Course(), look=state.view)
