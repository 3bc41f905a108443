"""The error for the person who reads it."""


class InputProblem(Exception):
    """What was given cannot be used; the message says what is wrong, where, and what to do. Holds no text of a mail."""
