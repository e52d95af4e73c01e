"""The distribution playground: the softmax itself, at any temperature, and the die that it makes."""
