"""What it is used for: the applications of textbooks, each as a prompt that the open model goes on with."""
