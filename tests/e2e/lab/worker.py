"""One worker process, standing alone: this module plays the desk.

Worker("sender", job, secret) starts `lotsd --role=ROLE` with fd 3 = socket, fd 4 = job, fd 5 = secret,
as the parent does; tell() and hear() speak the protocol of daemon/workers/protocol.h.
"""
import atexit
import concurrent.futures
import fcntl
import json
import os
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

# Whoever is asked to end cleans up all the same.
signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
F_ADD_SEALS, SEALS = 1033, 0x2 | 0x4 | 0x8  # shrink, grow, write
ROOT = os.environ.get("LOTS_ROOT") or os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
BUILD = os.environ.get("LOTS_BUILD", "build")


def scratch(prefix="lots-test-"):
    """A folder of the test's own, gone when it ends."""
    path = tempfile.mkdtemp(prefix=prefix)
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


def program(name="lotsd"):
    return os.path.join(ROOT, BUILD, name)


def need_worker():
    """Ends the test as skipped where the program is not built."""
    if not os.path.exists(os.environ.get("LOTS_WORKER", program())):
        print("lotsd is not built")
        raise SystemExit(77)


def sealed(data):
    """A sealed memfd holding the bytes."""
    fd = os.memfd_create("lots", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with os.fdopen(os.dup(fd), "wb") as f:
        f.write(data)
    fcntl.fcntl(fd, F_ADD_SEALS, SEALS)
    return fd


class Worker:
    def __init__(self, role, job, secret=None):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.sock = ours
        ours.setblocking(False)
        given = [theirs.fileno(), sealed(json.dumps(job).encode())]
        if secret is not None:
            given.append(sealed(secret.encode()))
        # Out of the way of 3, 4, 5 first.
        high = [fcntl.fcntl(fd, fcntl.F_DUPFD, 100) for fd in given]
        for fd in given[1:]:
            os.close(fd)
        argv = [os.environ.get("LOTS_WORKER", program()), "--role=" + role,
                "--name=" + job.get("name", "test")]
        place = " ".join("%d<&%d %d<&-" % (3 + i, fd, fd) for i, fd in enumerate(high))
        self.log = tempfile.TemporaryFile()
        self.process = subprocess.Popen(["bash", "-c", 'exec "$@" ' + place, "bash"] + argv,
                                        pass_fds=high, stdin=subprocess.DEVNULL, stderr=self.log)
        for fd in high:
            os.close(fd)
        theirs.close()
        self.heard, self.said = [], []

    def tell(self, op, payload=None, **members):
        """To a sender: one mail, or the answer for one, a packet."""
        if op == "send":
            members = {"mails": [dict(members, size=len(payload or b""))]}
        if op in ("go", "drop"):
            members = {"ids": [members["id"]]}
        self.pack(op, payload, **members)

    def pack(self, op, payload=None, **members):
        packet = json.dumps(dict(members, op=op)).encode()
        fds = [sealed(payload)] if payload is not None else []
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS,
                      struct.pack("%di" % len(fds), *fds))] if fds else []
        try:
            select.select([], [self.sock], [], 10)
            self.sock.sendmsg([packet], ancillary)
        finally:
            for fd in fds:
                os.close(fd)

    def hear(self, timeout=10.0):
        """The next message as a dict (with "payload" if a descriptor came), or None after timeout.
        EOFError when the worker has closed its end. What a sender says in one packet comes one by one."""
        if self.said:
            self.heard.append(self.said.pop(0))
            return self.heard[-1]
        if not select.select([self.sock], [], [], timeout)[0]:
            return None
        try:
            packet, fds, flags, _ = socket.recv_fds(self.sock, 1 << 16, 4)
        except ConnectionResetError:
            raise EOFError
        if not packet:
            raise EOFError
        message = json.loads(packet)
        for fd in fds:
            with os.fdopen(fd, "rb") as f:
                f.seek(0)
                message["payload"] = f.read()
        if message["op"] == "said":
            self.said = message["said"]
            return self.hear(timeout)
        self.heard.append(message)
        return message

    def wait_for(self, op, timeout=10.0):
        """Reads until a message of this op; what came before stays in .heard."""
        end = time.monotonic() + timeout
        while True:
            left = end - time.monotonic()
            message = self.hear(max(left, 0)) if left > 0 else None
            if message is None:
                raise AssertionError("no %r in %.0f s; heard %r; log:\n%s" % (
                    op, timeout, [m["op"] for m in self.heard[-20:]], self.errors()))
            if message["op"] == op:
                return message

    def errors(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        """Closes the socket as a desk that ends does; the worker must end by itself with 0."""
        self.sock.close()
        try:
            return self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.kill()
            return None
        finally:
            self.log.close()


class Tap:
    """Counts and prints; exit status at the end."""

    def __init__(self):
        self.n = self.failed = 0
        self.lock = threading.Lock()

    def ok(self, true, what, detail=""):
        with self.lock:
            self.n += 1
            if not true:
                self.failed += 1
                if detail:
                    print("# " + str(detail).replace("\n", "\n# "))
            print("%sok %d - %s" % ("" if true else "not ", self.n, what), flush=True)
        return true

    def equal(self, got, wanted, what):
        return self.ok(got == wanted, what, "got %r, wanted %r" % (got, wanted))

    def skip(self, what, why):
        self.n += 1
        print("ok %d - %s # SKIP %s" % (self.n, what, why), flush=True)

    def case(self, function, *args, **kw):
        """Runs one test function; an exception is a failure of it."""
        begun = time.monotonic()
        try:
            function(self, *args, **kw)
            print("# %s: %.1f s" % (function.__name__, time.monotonic() - begun))
        except Exception as e:  # noqa: BLE001 - any failure is a failed test
            import traceback
            traceback.print_exc()
            self.ok(False, "%s: %s" % (function.__name__, e))

    def done(self):
        print("1..%d" % self.n)
        return 1 if self.failed or not self.n else 0


class Together:
    """Runs calls six at a time: most of their time is waiting."""

    def __enter__(self):
        self.pool = concurrent.futures.ThreadPoolExecutor(6)
        self.calls = []
        return self

    def __call__(self, function, *args, **kw):
        self.calls.append(self.pool.submit(function, *args, **kw))

    def __exit__(self, *failure):
        results = [call.result() for call in self.calls]
        self.pool.shutdown()
        self.results = results
