"""Makers of what lies in the project's folders."""
