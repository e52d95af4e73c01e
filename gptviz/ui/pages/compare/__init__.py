"""The page "compare": strategies side by side on one prompt."""
