"""Handwritten digits, from pixels to a reading. Plain Python on NumPy and Pillow; the network is a parameter."""
