"""Takes more than a policy gives. Arguments: what, and a figure. Prints one JSON object, flushed before it may be killed."""

import errno
import json
import os
import signal
import subprocess
import sys
import time

what, figure = sys.argv[1], int(sys.argv[2])
paths = sys.argv[3:]


def tell(**said):
    print(json.dumps(said), flush=True)


def forks():
    """Children until the kernel says no, at most `figure`."""
    children = []
    stopped = "none"
    for _ in range(figure):
        try:
            child = os.fork()
        except OSError as error:
            stopped = errno.errorcode[error.errno]
            break
        if child == 0:
            signal.pause()
            os._exit(0)
        children.append(child)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    again = os.fork()
    if again == 0:
        os._exit(0)
    os.waitpid(again, 0)
    tell(made=len(children), stopped=stopped, after="ok")


def memory():
    """`figure` MB, each page touched: a quarter of it as an honest program would, then memory-backed folders, then plain memory."""
    kept = [bytearray(b"\1") * 2**20 for _ in range(figure // 8)]
    tell(honest=len(kept))
    kept.clear()
    written = 0
    for path in paths:
        try:
            with open(os.path.join(path, "ballast"), "wb", buffering=0) as file:
                while written < figure:
                    file.write(b"\1" * 2**20)
                    written += 1
        except OSError:
            tell(full=path)
    while len(kept) + written < figure:
        kept.append(bytearray(b"\1") * 2**20)
    tell(held=len(kept) + written)


def disk():
    """One big file in each folder, then many small ones, at most `figure` of them."""
    said = {}
    for path in paths:
        big, stopped = 0, "none"
        name = os.path.join(path, "big")
        try:
            with open(name, "wb", buffering=0) as file:
                while big < 2**31:
                    big += file.write(b"\1" * 2**20)
        except OSError as error:
            stopped = errno.errorcode[error.errno]
        os.remove(name)
        count, small = 0, "none"
        folder = os.path.join(path, "many")
        try:
            os.mkdir(folder)
            for count in range(figure):
                os.close(os.open(os.path.join(folder, str(count)), os.O_CREAT | os.O_WRONLY))
        except OSError as error:
            small = errno.errorcode[error.errno]
        for entry in os.listdir(folder):
            os.remove(os.path.join(folder, entry))
        os.rmdir(folder)
        with open(name, "w") as file:
            file.write("x")
        os.remove(name)
        said[path] = {"bytes": big, "stopped": stopped, "files": count, "small": small, "after": "ok"}
    tell(**said)


def stay():
    """Ignore every signal that can be ignored, with a daemon beside that has no parent here. `figure` is the daemon's marker."""
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execvp("sleep", ["sleep", str(figure)])
        os._exit(0)
    tell(stays=True)
    while True:
        time.sleep(60)


def leave():
    """The harmless twin of staying: ends by itself with a code of its own."""
    subprocess.run(["sleep", "0.1"], check=True)
    tell(left=True)
    sys.exit(figure)


{"forks": forks, "memory": memory, "disk": disk, "stay": stay, "leave": leave}[what]()
