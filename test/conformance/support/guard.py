"""Runs a command in a process group of its own, and ends the whole group when standard input ends.

Standard input is a pipe of whoever started this: it ends with that process however it ends, so nothing outlives a killed test.
"""

import os
import signal
import subprocess
import sys
import threading

SECONDS_TO_END = 10


def end(group, with_signal):
    try:
        os.killpg(group, with_signal)
    except ProcessLookupError:
        pass


def main(command):
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)

    def watch():
        sys.stdin.buffer.read()
        end(child.pid, signal.SIGTERM)
        threading.Timer(SECONDS_TO_END, end, (child.pid, signal.SIGKILL)).start()

    threading.Thread(target=watch, daemon=True).start()
    code = child.wait()
    # Its workers, where it left any.
    end(child.pid, signal.SIGKILL)
    # At once: a timer of the watch would hold this process.
    os._exit(code if code >= 0 else 128 - code)


if __name__ == "__main__":
    main(sys.argv[1:])
