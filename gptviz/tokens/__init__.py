"""Text to ids and back: bytes, merges, vocabulary files, tokenizers, and how a token is written for people."""
