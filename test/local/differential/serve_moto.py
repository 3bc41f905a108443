"""Runs moto's server, with the arguments given, until standard input is closed.

The run of tests holds the other end. However it ends, kill -9 included, that end is closed, so that no server outlives
it.
"""

import os
import sys
import threading

from moto.server import main


def end_with_input():
    while sys.stdin.buffer.read(4096):
        pass
    # Not sys.exit: that would end this thread alone.
    os._exit(0)


threading.Thread(target=end_with_input, daemon=True).start()
main(sys.argv[1:])
