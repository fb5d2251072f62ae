"""What is promised about speed and truth, measured side by side."""
