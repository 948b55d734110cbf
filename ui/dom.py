"""The page's elements."""

import js


def element(name: str) -> js.Element:
    """Return the element with this id."""
    return js.document.getElementById(name)
