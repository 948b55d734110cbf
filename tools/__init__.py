"""What the commands in the Makefile run: the runtime, the site, the server, a browser, pictures."""
