"""What a model's numbers mean: computed with the model, before anything is shaped for a picture."""
