"""Where did it learn that? A next token's n-grams in the training text, what counting says of it, and the GPT."""
