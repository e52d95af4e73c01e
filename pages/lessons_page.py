"""Lessons: of about ten minutes, in steps that check themselves; the teacher's pages; worksheets."""

from gptviz.ui.runner import show

show("lessons")
