"""A package on top of alpha."""
import alpha

__version__ = "VERSION"

if __version__ == "1.0":
    from alpha import removed


def twice():
    return 2 * alpha.count()
