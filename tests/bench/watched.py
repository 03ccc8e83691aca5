"""lotsd and all its processes, looked at from outside: CPU by role, PSS, what it says it has delivered."""
import os
import subprocess
import time

TICK = os.sysconf("SC_CLK_TCK")


class Watched:
    def __init__(self, build, folder):
        self.log_path = os.path.join(folder, "bench.log")
        with open(self.log_path, "wb") as log:
            self.p = subprocess.Popen([os.path.join(build, "lotsd"), "-c", os.path.join(folder, "lots.yaml")],
                                      stdin=subprocess.DEVNULL, stderr=log)
        self.log = open(self.log_path, "rb")
        self.rest, self.accepted, self.well = b"", 0, 0
        self.peak, self.sampled, self.every = 0, 0, 0.2

    def pids(self):
        out, todo = [], [self.p.pid]
        while todo:
            pid = todo.pop()
            out.append(pid)
            try:
                with open("/proc/%d/task/%d/children" % (pid, pid)) as f:
                    todo += [int(x) for x in f.read().split()]
            except OSError:
                pass
        return out

    def cpu(self):
        """Seconds by role so far; ended children count as their parent's."""
        by_role = {}
        for pid in self.pids():
            try:
                with open("/proc/%d/cmdline" % pid) as f:
                    words = f.read().split("\0")
                with open("/proc/%d/stat" % pid) as f:
                    times = f.read().rpartition(")")[2].split()
            except OSError:
                continue
            ticks = sum(int(x) for x in times[11:13])
            if pid != self.p.pid:
                ticks += sum(int(x) for x in times[13:15])
            role = next((w[7:] for w in words if w.startswith("--role=")), "parent")
            by_role[role] = by_role.get(role, 0) + ticks / TICK
        return by_role

    def sample(self):
        """PSS of all processes now, but not more often than `every` seconds."""
        now = time.monotonic()
        if now - self.sampled < self.every:
            return
        self.sampled = now
        pss = 0
        for pid in self.pids():
            try:
                with open("/proc/%d/smaps_rollup" % pid) as f:
                    pss += sum(int(line.split()[1]) for line in f if line.startswith("Pss:"))
            except OSError:
                pass
        self.peak = max(self.peak, pss / 1024)

    def read_log(self):
        lines = (self.rest + self.log.read()).split(b"\n")
        self.rest = lines.pop()
        for line in lines:
            self.accepted += b"event=delivery " in line and b"status=accepted" in line
            self.well += b"event=mailbox-ok" in line

    def wait_accepted(self, count, limit=600):
        """Until that many mails have been accepted by the sink since the start."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.read_log()
            if self.accepted >= count:
                return
            if self.p.poll() is not None:
                raise SystemExit("bench: lotsd ended; see %s" % self.log_path)
            self.sample()
            time.sleep(0.01)
        raise SystemExit("bench: %d of %d mails went out in %d s; see %s" % (
            self.accepted, count, limit, self.log_path))

    def stop(self):
        self.p.terminate()
        self.p.wait(60)
        self.log.close()


def cores_busy():
    """Seconds that all processors have been busy, whoever with."""
    with open("/proc/stat") as f:
        t = [int(x) for x in f.readline().split()[1:9]]
    return (sum(t) - t[3] - t[4]) / TICK
