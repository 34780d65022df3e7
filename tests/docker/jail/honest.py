"""What honest programs do with a kernel, none of which the jail may forbid. Prints the parts that worked; the first that does not ends it."""

import asyncio
import concurrent.futures
import fcntl
import json
import mmap
import multiprocessing
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import threading
from multiprocessing import shared_memory

done = []


async def serve_and_run():
    server = await asyncio.start_server(lambda _, writer: (writer.write(b"x"), writer.close()), "127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    assert await reader.read() == b"x"
    writer.close()
    server.close()
    child = await asyncio.create_subprocess_exec("echo", "hi", stdout=asyncio.subprocess.PIPE)
    assert (await child.communicate())[0] == b"hi\n"
    await asyncio.to_thread(os.getpid)


def asyncio_works():
    asyncio.run(serve_and_run())


def sqlite_works():
    with sqlite3.connect(os.path.join(FOLDER, "x.db")) as db:
        assert db.execute("pragma journal_mode=wal").fetchone() == ("wal",)
        db.execute("create table t(a)")
        db.executemany("insert into t values (?)", [(i,) for i in range(100)])
        assert db.execute("select sum(a) from t").fetchone() == (4950,)


def threads_and_processes_work():
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(abs, range(-50, 0))) == 1275
    for method in ("fork", "spawn", "forkserver"):
        process = multiprocessing.get_context(method).Process(target=os.getpid)
        process.start()
        process.join(30)
        assert process.exitcode == 0, method
    lock = threading.Lock()
    with lock:
        subprocess.run(["ls", "-l", FOLDER], check=True, capture_output=True, start_new_session=True, timeout=10)
    os.waitpid(os.posix_spawn("/bin/true", ["true"], {}), 0)


def memory_works():
    block = shared_memory.SharedMemory(create=True, size=4096)
    block.close()
    block.unlink()
    mmap.mmap(-1, 4096).close()
    os.close(os.memfd_create("x"))
    assert len(secrets.token_hex()) == 64


def files_work():
    path = os.path.join(FOLDER, "a")
    with open(path, "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write("x")
    os.link(path, path + "-hard")
    os.symlink("a", path + "-soft")
    os.mkfifo(path + "-pipe")
    os.chmod(path, 0o600)
    os.utime(path)
    os.rename(path, path + "2")
    shutil.copytree(FOLDER, FOLDER + "-copy", symlinks=True, ignore=shutil.ignore_patterns("*-pipe", "*-soft"))
    shutil.rmtree(FOLDER + "-copy")


def signals_and_sockets_work():
    signal.signal(signal.SIGALRM, lambda *_: None)
    signal.setitimer(signal.ITIMER_REAL, 0.01)
    signal.pause()
    one, other = socket.socketpair()
    one.send(b"x")
    assert other.recv(1) == b"x"
    socket.getaddrinfo("127.0.0.1", 80)
    os.close(os.pidfd_open(os.getpid()))


if __name__ == "__main__":
    FOLDER = tempfile.mkdtemp()
    for part in (asyncio_works, sqlite_works, threads_and_processes_work, memory_works, files_work, signals_and_sockets_work):
        part()
        done.append(part.__name__)
    print(json.dumps(done))
