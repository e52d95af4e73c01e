"""Next token, the first page: a prompt, and everything the model does with it down to the drawn token."""
