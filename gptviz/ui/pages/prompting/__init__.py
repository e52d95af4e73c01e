"""The prompting page: a model labels texts without training, by a pattern, words and a few examples."""
