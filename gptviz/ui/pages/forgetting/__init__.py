"""Forgetting: what a second task takes from the first and from the language, and what helps."""
