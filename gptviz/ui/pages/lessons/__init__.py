"""The page of lessons: which there are, how far one has come, and what a teacher needs of each."""
