"""The page's parts, in MicroPython. main.py puts them together."""
