"""The page's elements, and its turn."""

import js


def element(name: str) -> js.Element:
    """Return the element with this id."""
    return js.document.getElementById(name)


async def turn() -> None:
    """Let the page do what it has to do meanwhile: paint, and answer its visitor."""
    # By a message: in a tab that is not seen, a timer takes a second.
    channel = js.MessageChannel.new()
    arrival = js.Promise.new(lambda resolve, reject: channel.port1.addEventListener("message", resolve))
    channel.port1.start()
    channel.port2.postMessage(True)
    await arrival
    channel.port1.close()
