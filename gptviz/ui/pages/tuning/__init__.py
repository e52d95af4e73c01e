"""Tuning: a task, data and a method, and what comes of it, measured and tried on what is typed."""
