"""What the files of a tuning are called: see ``saved``; the last by ``changes``."""

SAID, LEARNT, MODEL, ADAPTER = "tuning.json", "learnt.safetensors", "model", "adapter"
CHANGES = "changes.safetensors"
