"""The model itself: its parts, one screen each; its weights, wide or narrow; the trace of all that it computes."""
