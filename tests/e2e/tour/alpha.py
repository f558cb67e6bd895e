"""A package whose behaviour depends on its release, in one way for each verdict."""
import os
import time
import warnings

__version__ = "VERSION"
RELEASE = tuple(int(part) for part in __version__.split("."))


def answer():
    """The same in every release."""
    return 42


def ratio():
    """1.0 rounds differently in the last places."""
    return 0.1 if RELEASE >= (1, 1) else 0.1000000001


def old():
    """Goes away: 2.0 warns of it."""
    if RELEASE >= (2, 0):
        warnings.warn("old() will be removed", DeprecationWarning, stacklevel=2)
    return "old"


def count():
    """A float from 2.0 on."""
    return 3.0 if RELEASE >= (2, 0) else 3


def steps():
    """Another value from 2.0 on, and nothing says so."""
    return [1, 2, 4] if RELEASE >= (2, 0) else [1, 2, 3]


def divide(number):
    """1.0 raises where later releases have a value; 2.0 raises another error for text."""
    if isinstance(number, str):
        raise (TypeError if RELEASE >= (2, 0) else ValueError)("not a number: %r" % number)
    if number == 0 and RELEASE < (1, 1):
        raise ZeroDivisionError("division by zero")
    return 0.0 if number == 0 else 1.0 / number


def limit(number):
    """2.0 has a limit; the messages of its other error were reworded."""
    if number < 0:
        raise ValueError("must not be negative" if RELEASE >= (2, 0) else "negative")
    if number > 100 and RELEASE >= (2, 0):
        raise OverflowError("%d is out of bounds" % number)
    return number


def wait():
    """2.0 never comes back."""
    while RELEASE >= (2, 0):
        time.sleep(60)
    return "done"


def die():
    """2.0 kills the process."""
    if RELEASE >= (2, 0):
        os.abort()
    return "alive"


if RELEASE < (2, 0):

    def removed():
        """What beta 1.0 imports."""
        return "here"
