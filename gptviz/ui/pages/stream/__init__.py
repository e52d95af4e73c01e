"""The stream: what each block adds to it, what it would say after each, and a logit as the sum that it is."""
