"""What the files of a tuning are called: see ``saved``."""

SAID, LEARNT, MODEL, ADAPTER = "tuning.json", "learnt.safetensors", "model", "adapter"
