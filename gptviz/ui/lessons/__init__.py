"""Lessons in the app: what a visitor stands at, the rail beside the page, and trying a lesson out. Pure."""
