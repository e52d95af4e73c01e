"""What makes the project's own things, run as ``python -m gptviz.tools.<name>``: models, comparisons, pictures."""
