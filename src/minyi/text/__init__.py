"""From what a citizen wrote to clean text, words and places."""
