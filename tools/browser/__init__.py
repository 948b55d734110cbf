"""The browsers that tests and measurements run in, and the pictures that are taken with one."""
