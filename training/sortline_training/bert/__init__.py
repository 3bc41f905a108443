"""Fine-tunes a Hugging Face encoder to classify texts."""
