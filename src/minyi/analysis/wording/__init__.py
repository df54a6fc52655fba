"""What is distinctive: words, phrases, pairs of words, topics."""
