"""What if? Switches on the real forward pass, one run put into another, and how many heads can go."""
