"""One step: a single step of training on one short text, with every number of it."""
