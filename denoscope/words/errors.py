"""What can be wrong with a word whose attention is wanted."""


class WordError(ValueError):
    """A mark or a word that the prompt does not have; the message says what it has."""
