"""The step machine: one choice stage by stage, the tree of branches, and two of them side by side."""
