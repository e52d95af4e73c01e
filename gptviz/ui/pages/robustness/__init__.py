"""The robustness page: a text attacked word by word, texts changed to learn from, and what each way buys."""
