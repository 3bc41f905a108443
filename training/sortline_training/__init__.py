"""Training, evaluation and serving of text classifiers by SageMaker's container contract."""
