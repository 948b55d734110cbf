"""The runtime, what is reduced of it, the finished site, and a server for it."""
