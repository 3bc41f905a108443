"""Runs a command in a process group of its own, and ends that group when standard input is closed.

The twin holds the other end of standard input. However the twin ends, kill -9 included, its end is closed, so that no
training job and no model server outlives it. Lines on standard input: 'terminate' and 'kill' signal the group.
Exits with the command's exit code, or with 128 + the number of the signal that ended it.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading


def signal_group(group, number):
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        pass
    except PermissionError:
        # macOS says this of a group whose last process has ended but was not waited for.
        pass


def obey(group):
    for line in sys.stdin.buffer:
        if line == b"terminate\n":
            signal_group(group, signal.SIGTERM)
        elif line == b"kill\n":
            signal_group(group, signal.SIGKILL)
    signal_group(group, signal.SIGKILL)


def main():
    # A folder to remove at the end, '' for none; then the command.
    temporary, command = sys.argv[1], sys.argv[2:]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=obey, args=(process.pid,), daemon=True).start()
    code = process.wait()
    signal_group(process.pid, signal.SIGKILL)
    if temporary:
        shutil.rmtree(temporary, ignore_errors=True)
    # Not sys.exit: the thread that reads standard input would hold up the interpreter's end.
    os._exit(code if code >= 0 else 128 - code)


main()
