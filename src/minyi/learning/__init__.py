"""Features, classifiers, training, evaluation and the saved form of a model."""
