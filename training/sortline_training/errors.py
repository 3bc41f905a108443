"""The errors for people who read them."""


class InputProblem(Exception):
    """What was given cannot be used; the message says what is wrong, where, and what to do. Holds no text of a mail."""


class RequestTooLarge(ValueError):
    """A model is asked about more at once than it can answer in time; the message says how much, and what to do."""
