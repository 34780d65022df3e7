"""Tries what a policy forbids and prints what the kernel said: one JSON object, attempt -> errno name, 'ok' or a figure.

Argument: JSON with mounts [{path, write}], tmpfs [path], nested (path or null), sentinel and control (both reversed, so that the
search does not find the probe's own argument).
"""

import contextlib
import ctypes
import errno
import json
import mmap
import os
import platform
import signal
import socket
import sys

GIVEN = json.loads(sys.argv[1])
MACHINE = platform.machine()
LIBC = ctypes.CDLL(None, use_errno=True)
said = {}


def name_of(number):
    return errno.errorcode.get(number, f"errno {number}")


def attempt(name, act):
    try:
        result = act()
        said[name] = "ok" if result is None else result
    except OSError as error:
        said[name] = name_of(error.errno) if error.errno and error.errno > 0 else type(error).__name__


def isolated(act):
    """Run in a child, so that what succeeds changes nothing here and what is killed is told."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            answer = act()
        except OSError as error:
            answer = name_of(error.errno)
        os.write(writer, str(answer if answer is not None else "ok").encode())
        os._exit(0)
    os.close(writer)
    answer = os.read(reader, 200).decode()
    os.close(reader)
    _, status = os.waitpid(child, 0)
    return signal.Signals(os.WTERMSIG(status)).name if os.WIFSIGNALED(status) else answer


def syscall(numbers, *args):
    number = numbers[0 if MACHINE == "x86_64" else 1]

    def call():
        ctypes.set_errno(0)
        result = LIBC.syscall(ctypes.c_long(number), *[ctypes.c_long(value) for value in args])
        return name_of(ctypes.get_errno()) if result < 0 else "ok"

    return isolated(call)


def clone(flags):
    def call():
        ctypes.set_errno(0)
        result = LIBC.syscall(ctypes.c_long(56 if MACHINE == "x86_64" else 220), ctypes.c_long(flags | 17), 0, 0, 0, 0)
        if result == 0:
            os._exit(0)
        if result < 0:
            return name_of(ctypes.get_errno())
        os.waitpid(result, 0)
        return "ok"

    return isolated(call)


# --- J01: no way out ---


def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.settimeout(3)
        tried.connect(address)


def datagram(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as tried:
        tried.sendto(b"?", address)


def loopback():
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect(socket.AF_INET, server.getsockname())


def network():
    attempt("J01 connect 1.1.1.1:443", lambda: connect(socket.AF_INET, ("1.1.1.1", 443)))
    attempt("J01 connect 169.254.169.254:80", lambda: connect(socket.AF_INET, ("169.254.169.254", 80)))
    attempt("J01 connect 172.17.0.1:22", lambda: connect(socket.AF_INET, ("172.17.0.1", 22)))
    attempt("J01 connect [::1]:443", lambda: connect(socket.AF_INET6, ("::1", 443)))
    attempt("J01 connect [2606:4700:4700::1111]:443", lambda: connect(socket.AF_INET6, ("2606:4700:4700::1111", 443)))
    attempt("J01 datagram to 8.8.8.8:53", lambda: datagram(("8.8.8.8", 53)))
    attempt("J01 resolve example.com", lambda: socket.getaddrinfo("example.com", 443) and None)
    said["J01 interfaces"] = ",".join(sorted(os.listdir("/sys/class/net")))
    attempt("twin J01 connect to itself", loopback)


# --- J02: nothing of the host ---


def reversed_bytes(text):
    return text[::-1].encode()


def search(needle):
    """Where a string stands: environment and arguments of every process, mounts, names and contents of files."""
    found = []
    for process in filter(str.isdigit, os.listdir("/proc")):
        for part in ("environ", "cmdline"):
            with contextlib.suppress(OSError), open(f"/proc/{process}/{part}", "rb") as file:
                if needle in file.read():
                    found.append(f"/proc/{process}/{part}")
    with open("/proc/self/mountinfo", "rb") as file:
        if needle in file.read():
            found.append("mountinfo")
    for folder, folders, files in os.walk("/"):
        if folder == "/":
            folders[:] = [name for name in folders if name not in ("proc", "sys", "usr")]
        for name in files:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                if needle in os.fsencode(name):
                    found.append(path)
                elif os.path.isfile(path) and os.path.getsize(path) < 65536:
                    with open(path, "rb") as file:
                        if needle in file.read():
                            found.append(path)
    return ",".join(found[:5]) or "nowhere"


def sockets_of_engines():
    found = []
    for folder, _, files in os.walk("/", followlinks=False):
        if folder.startswith(("/proc", "/sys")):
            continue
        found += [os.path.join(folder, name) for name in files if name.endswith((".sock", ".socket"))]
        found += [os.path.join(folder, name) for name in files if name in ("docker.pid", "containerd.pid")]
    return ",".join(found) or "nowhere"


def host():
    said["J02 sockets of an engine"] = sockets_of_engines()
    said["J02 the host's planted key"] = search(reversed_bytes(GIVEN["sentinel"]))
    if GIVEN["control"]:
        said["twin J02 a marker in the tree"] = search(reversed_bytes(GIVEN["control"]))
    said["J02 block devices"] = ",".join(name for name in os.listdir("/dev") if not writable_device(name)) or "none"
    writes = [line.split() for line in open("/proc/self/mountinfo")]
    disk = {f"{w[4]} ({w[w.index('-') + 1]})" for w in writes if "rw" in w[5].split(",") and w[w.index("-") + 1] not in MEMORY}
    said["J10 writable mounts on a disk"] = ",".join(sorted(disk)) or "none"


MEMORY = ("tmpfs", "proc", "devpts", "mqueue")


def writable_device(name):
    return name in ("null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts", "shm", "mqueue", "fd", "stdin", "stdout", "stderr", "core")


# --- J03 and J04: no more rights than it was given ---

SIGCHLD = 17
NAMESPACES = {"NEWNS": 0x20000, "NEWCGROUP": 0x2000000, "NEWUTS": 0x4000000, "NEWIPC": 0x8000000, "NEWUSER": 0x10000000, "NEWPID": 0x20000000, "NEWNET": 0x40000000}


def text_at(value):
    buffer = ctypes.create_string_buffer(value.encode())
    KEPT.append(buffer)
    return ctypes.addressof(buffer)


KEPT = []


def rights():
    for name, flag in NAMESPACES.items():
        said[f"J03 unshare {name}"] = syscall((272, 97), flag)
        said[f"J03 clone {name}"] = clone(flag)
    said["J03 mount a tmpfs"] = syscall((165, 40), text_at("tmpfs"), text_at("/tmp"), text_at("tmpfs"), 0, 0)
    said["J03 remount the root writable"] = syscall((165, 40), 0, text_at("/"), 0, 0x20 | 0x1000, 0)
    said["J03 umount"] = syscall((166, 39), text_at("/proc"), 2)
    said["J03 setns"] = syscall((308, 268), os.open("/proc/self/ns/net", os.O_RDONLY), 0)
    said["J03 chroot"] = syscall((161, 51), text_at("/tmp"))
    said["J03 pivot_root"] = syscall((155, 41), text_at("/tmp"), text_at("/tmp"))
    said["J03 make a block device"] = syscall((259, 33), -100, text_at("/dev/shm/disk"), 0o060644, 0x800)
    said["J03 setuid 0"] = syscall((105, 146), 0)
    said["J03 setgid 0"] = syscall((106, 144), 0)
    said["J03 write /proc/sys/kernel/core_pattern"] = write_to("/proc/sys/kernel/core_pattern")
    said["twin J03 make a pipe"] = isolated(lambda: os.mkfifo("/dev/shm/pipe"))
    said["twin J03 start a program"] = isolated(lambda: os.system("true") or None)
    said["twin J03 setuid to itself"] = syscall((105, 146), os.getuid())


def write_to(path):
    try:
        os.close(os.open(path, os.O_WRONLY))
    except OSError as error:
        return name_of(error.errno)
    return "ok"


FAMILIES = {"AF_NETLINK": 16, "AF_PACKET": 17, "AF_ALG": 38, "AF_VSOCK": 40, "AF_VSOCK in disguise": 2**32 + 40, "AF_KEY": 15}
CALLS = {
    "io_uring_setup": ((425, 425), 8, 0),
    "io_uring_enter": ((426, 426), -1, 0, 0, 0, 0, 0),
    "io_uring_register": ((427, 427), -1, 0, 0, 0),
    "ptrace": ((101, 117), 0, 0, 0, 0),
    "process_vm_readv": ((310, 270), 1, 0, 0, 0, 0, 0),
    "process_vm_writev": ((311, 271), 1, 0, 0, 0, 0, 0),
    "bpf": ((321, 280), 0, 0, 0),
    "userfaultfd": ((323, 282), 1),
    "keyctl": ((250, 219), 0, -3, 0),
    "add_key": ((248, 217), 0, 0, 0, 0, 0),
    "request_key": ((249, 218), 0, 0, 0, 0),
    "perf_event_open": ((298, 241), 0, 0, 0, 0, 0),
    "open_by_handle_at": ((304, 265), 0, 0, 0),
    "kexec_load": ((246, 104), 0, 0, 0, 0),
    "init_module": ((175, 105), 0, 0, 0),
    "finit_module": ((313, 273), -1, 0, 0),
    "pidfd_getfd": ((438, 438), -1, 0, 0),
    "fsopen": ((430, 430), 0, 0),
}


def open_socket(family):
    return syscall((41, 198), family, 3 if family == 17 else 1, 0)


def calls():
    for name, (numbers, *args) in CALLS.items():
        said[f"J04 {name}"] = syscall(numbers, *args)
    for name, family in FAMILIES.items():
        said[f"J04 socket {name}"] = open_socket(family)
    said["J04 clone3"] = syscall((435, 435), 0, 0)
    said["J04 a call of 32-bit x86"] = isolated(call_of_i386) if MACHINE == "x86_64" else "SIGSYS"
    said["J04 a call of x32"] = syscall((0x40000000 + 39,)) if MACHINE == "x86_64" else "SIGSYS"
    for name, family in {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}.items():
        said[f"twin J04 socket {name}"] = open_socket(family)
    said["twin J04 getpid"] = syscall((39, 172))


def call_of_i386():
    code = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(b"\xb8\x14\x00\x00\x00\xcd\x80\xc3")  # mov eax, getpid; int 0x80; ret
    address = ctypes.addressof(ctypes.c_char.from_buffer(code))
    ctypes.CFUNCTYPE(ctypes.c_int)(address)()


# --- J05 and J06: writes ---


def make_file(folder):
    path = os.path.join(folder, "written-by-probe")
    with open(path, "w") as file:
        file.write("x")
    os.remove(path)


def writes():
    import sysconfig

    folders = ["/", "/usr", "/usr/bin", "/etc", "/opt", "/var/tmp", "/run", "/home", sysconfig.get_path("purelib"), os.path.dirname(sys.executable)]
    for folder in folders:
        if os.path.isdir(folder):
            attempt(f"J05 write to {folder}", lambda folder=folder: make_file(folder))
    for mount in GIVEN["mounts"]:
        path, twin = mount["path"], "twin J06" if mount["write"] else "J06"
        attempt(f"{twin} write to {path}", lambda path=path: make_file(path))
        for sub in sorted(os.listdir(path))[:3]:
            inner = os.path.join(path, sub)
            if not mount["write"] and os.path.isfile(inner):
                attempt(f"J06 overwrite {inner}", lambda inner=inner: os.close(os.open(inner, os.O_WRONLY)))
                attempt(f"J06 remove {inner}", lambda inner=inner: os.remove(inner))
                attempt(f"J06 chmod {inner}", lambda inner=inner: os.chmod(inner, 0o777))
    if GIVEN["nested"]:
        nested = GIVEN["nested"]
        attempt("J06 move the nested mount away", lambda: os.rename(nested, nested + "-moved"))
        attempt("J06 remove the nested mount", lambda: os.rmdir(nested))
        attempt("J06 link out of the nested mount", lambda: os.link(os.path.join(nested, "test_main.py"), os.path.join(os.path.dirname(nested), "linked.py")))
    for path in GIVEN["tmpfs"]:
        attempt(f"twin J05 write to {path}", lambda path=path: make_file(path))


# --- What the kernel has on file ---


def status():
    fields = dict(line.split(":", 1) for line in open("/proc/self/status"))
    for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Uid", "Gid", "Groups"):
        said[f"status {name}"] = fields[name].strip().replace("\t", " ")


def first_of(*paths):
    for path in paths:
        with contextlib.suppress(OSError), open(path) as file:
            return file.read().strip()
    return "absent"


def limits():
    import resource

    said["limit pids"] = first_of("/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/pids.max")
    said["limit memory"] = first_of("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory.max")
    swap = first_of("/sys/fs/cgroup/memory/memory.memsw.limit_in_bytes")
    said["limit memory and swap"] = swap if swap != "absent" else first_of("/sys/fs/cgroup/memory.swap.max")
    quota = first_of("/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu.max").split()
    period = quota[1] if len(quota) > 1 else first_of("/sys/fs/cgroup/cpu/cpu.cfs_period_us")
    said["limit cpus"] = str(int(quota[0]) / int(period)) if quota[0].isdigit() else quota[0]
    said["limit open files"] = str(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    said["limit core"] = str(resource.getrlimit(resource.RLIMIT_CORE)[1])
    for path in ["/dev/shm", *GIVEN["tmpfs"], *(mount["path"] for mount in GIVEN["mounts"] if mount["write"])]:
        stat = os.statvfs(path)
        said[f"size {path}"] = str(stat.f_blocks * stat.f_frsize)


for part in (status, limits, network, host, rights, calls, writes):
    part()
print(json.dumps(said))
