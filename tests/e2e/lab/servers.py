"""A real mail place on loopback in a private folder: Dovecot (IMAP, LMTP) and Postfix (SMTP).

  .imap STARTTLS, .imaps TLS       on 127.0.0.1 with a good certificate,
                                   127.0.0.2 of another host, .3 expired, .4 self-signed
  .mta plain, no log-in (the local MTA)   .submission STARTTLS and AUTH   .smtps TLS and AUTH
The ports are free ones, so that several tests can run at a time.

Every address of every domain exists and has the password PASSWORD, but refused@ANY (550) and
later@ANY (450). Mail to user@domain lies in mail/domain/user/Maildir; support+x@ is support@.
Postfix wants root: without it usable() says why not.
"""
import atexit
import os
import pwd
import random
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

PASSWORD = 'a "quoted" \\ secret'  # so that quoting is tested all the time
PORTS = range(22000, 23000)

DOVECOT_CONF = """
base_dir = {dir}/dovecot
state_dir = {dir}/dovecot
hostname = mail.lots.example
listen = 127.0.0.1, 127.0.0.2, 127.0.0.3, 127.0.0.4
protocols = imap lmtp
log_path = {dir}/log/dovecot.log
first_valid_uid = 1
mail_location = maildir:{dir}/mail/%d/%n/Maildir
auth_mechanisms = plain login
auth_failure_delay = 0
disable_plaintext_auth = yes
recipient_delimiter = +
mail_max_userip_connections = 100
ssl = yes
ssl_min_protocol = TLSv1.2
ssl_cert = <{dir}/certs/good.pem
ssl_key = <{dir}/certs/good.key
local 127.0.0.2 {{
  ssl_cert = <{dir}/certs/otherhost.pem
  ssl_key = <{dir}/certs/otherhost.key
}}
local 127.0.0.3 {{
  ssl_cert = <{dir}/certs/expired.pem
  ssl_key = <{dir}/certs/expired.key
}}
local 127.0.0.4 {{
  ssl_cert = <{dir}/certs/selfsigned.pem
  ssl_key = <{dir}/certs/selfsigned.key
}}
passdb {{
  driver = passwd-file
  args = username_format=all {dir}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/mail/%d/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = {imaps}
    ssl = yes
  }}
}}
service lmtp {{
  unix_listener lmtp {{
    mode = 0666
  }}
}}
service auth {{
  idle_kill = 2147483647 s
  unix_listener auth-client {{
    mode = 0666
  }}
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
protocol lmtp {{
  postmaster_address = postmaster@lots.example
}}
"""

POSTFIX_MAIN = """
compatibility_level = 3.6
config_directory = {etc}
queue_directory = {dir}/postfix/queue
data_directory = {dir}/postfix/data
daemon_directory = /usr/lib/postfix/sbin
command_directory = /usr/sbin
shlib_directory = /usr/lib/postfix
meta_directory = /etc/postfix
mail_owner = postfix
setgid_group = postdrop
maillog_file = {dir}/log/postfix.log
maillog_file_prefixes = {dir}/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mail.lots.example
mydestination =
mynetworks = 127.0.0.0/8
alias_maps =
local_transport = error:no local delivery
virtual_mailbox_domains = static:all
virtual_mailbox_maps = static:all
virtual_transport = lmtp:unix:{dir}/dovecot/lmtp
message_size_limit = 60000000
virtual_mailbox_limit = 0
mailbox_size_limit = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = {dir}/dovecot/auth-client
smtpd_tls_auth_only = yes
smtpd_tls_security_level = may
smtpd_tls_chain_files = {dir}/certs/good.key, {dir}/certs/good.pem
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 100
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions = check_recipient_access regexp:{etc}/refuse, permit
lmtp_destination_concurrency_limit = 4
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
"""

POSTFIX_REFUSE = """
/^refused@/ 550 5.1.1 no such user here
/^later@/ 450 4.2.1 try again later
"""

POSTFIX_MASTER = """
127.0.0.1:{mta} inet n - n - - smtpd
127.0.0.1:{submission} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_security_level=encrypt
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
127.0.0.1:{smtps} inet n - n - - smtpd
  -o smtpd_sasl_auth_enable=yes
  -o smtpd_tls_wrappermode=yes
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 2 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
lmtp unix - - n - - lmtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""


def usable():
    """None, or why the servers cannot run here."""
    if os.geteuid() != 0:
        return "Postfix needs root"
    for name in ("dovecot", "postfix", "openssl"):
        if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin"):
            return name + " is not installed"
    return None


_order, _locks, _mutex = [], [], threading.Lock()


def is_ours(port):
    """Takes a lock that tells other test runs on this machine to leave the port alone."""
    lock = socket.socket(socket.AF_UNIX)  # its name is nobody's file, and free when we have ended
    try:
        lock.bind("\0lots-test-port-%d" % port)
        for host in ("127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"):
            socket.create_server((host, port)).close()
    except OSError:
        lock.close()
        return False
    _locks.append(lock)
    if len(_locks) > 100:
        _locks.pop(0).close()
    return True


def free_port():
    """One on which nobody listens now, on any of the loopback addresses used here, and which neither
    this process nor another test has been given lately."""
    with _mutex:
        for _ in PORTS:
            if not _order:
                _order.extend(random.sample(PORTS, len(PORTS)))
            port = _order.pop()
            if is_ours(port):
                return port
    raise AssertionError("no free port")


def free_listener():
    """(port, socket that listens on it)."""
    while True:
        port = free_port()
        try:
            return port, socket.create_server(("127.0.0.1", port))
        except OSError:
            continue


def run(*argv, **kw):
    return subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, **kw)


def make_certificates(folder):
    """ca.pem, other-ca.pem, and NAME.pem + NAME.key: good otherhost expired selfsigned."""
    os.makedirs(folder, exist_ok=True)

    def path(name):
        return os.path.join(folder, name)

    def key_and_request(name, subject):
        run("openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", path(name + ".key"), "-out", path(name + ".csr"), "-subj", "/CN=" + subject)

    def authority(name):
        run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-nodes", "-days", "3650", "-keyout", path(name + ".key"), "-out", path(name + ".pem"),
            "-subj", "/CN=Lots test " + name, "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def signed(name, names, days):
        key_and_request(name, name)
        with open(path(name + ".ext"), "w") as f:
            f.write("subjectAltName=%s\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n"
                    "keyUsage=digitalSignature\n" % names)
        run("openssl", "x509", "-req", "-in", path(name + ".csr"), "-CA", path("ca.pem"), "-CAkey",
            path("ca.key"), "-CAcreateserial", "-days", days, "-out", path(name + ".pem"),
            "-extfile", path(name + ".ext"))

    authority("ca")
    authority("other-ca")
    signed("good", "DNS:localhost,IP:127.0.0.1", "3650")
    signed("otherhost", "DNS:other.example", "3650")
    signed("expired", "DNS:localhost,IP:127.0.0.1,IP:127.0.0.3", "-1")
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-days", "3650", "-keyout", path("selfsigned.key"), "-out",
        path("selfsigned.pem"), "-subj", "/CN=localhost", "-addext",
        "subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.4")


def wait_for_port(host, port, seconds=15):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection((host, port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nothing listens on %s:%d" % (host, port))


class Servers:
    def __init__(self, folder=None):
        self.dir = folder or tempfile.mkdtemp(prefix="lots-servers-")
        if not folder:
            atexit.register(self.remove)
        os.makedirs(self.dir, exist_ok=True)
        os.chmod(self.dir, 0o755)
        self.certs = os.path.join(self.dir, "certs")
        self.ca = os.path.join(self.certs, "ca.pem")
        self.etc = os.path.join(self.dir, "postfix", "etc")
        self.dovecot = None
        self.imap, self.imaps = free_port(), free_port()
        self.mta, self.submission, self.smtps = free_port(), free_port(), free_port()
        for part in ("dovecot", "log", "mail", "postfix/etc", "postfix/queue", "postfix/data"):
            os.makedirs(os.path.join(self.dir, part), exist_ok=True)
        make_certificates(self.certs)
        self.write_settings()

    def write(self, name, text, **values):
        with open(os.path.join(self.dir, name), "w") as f:
            f.write(text.format(dir=self.dir, etc=self.etc, **values) if values else text)

    def write_settings(self):
        nobody = pwd.getpwnam("nobody")
        os.chown(os.path.join(self.dir, "mail"), nobody.pw_uid, nobody.pw_gid)
        postfix = pwd.getpwnam("postfix")
        os.chown(os.path.join(self.dir, "postfix/data"), postfix.pw_uid, postfix.pw_gid)
        # username_format=all: whoever asks is looked up as "all".
        self.write("users", "all:{PLAIN}%s::::::\n" % PASSWORD)
        self.write("dovecot.conf", DOVECOT_CONF, uid=nobody.pw_uid, gid=nobody.pw_gid, imap=self.imap,
                   imaps=self.imaps)
        self.write("log/postfix.log", "")
        os.chmod(os.path.join(self.dir, "log/postfix.log"), 0o666)  # postsuper logs as postfix
        self.write("postfix/etc/main.cf", POSTFIX_MAIN, mta=self.mta)
        self.write("postfix/etc/refuse", POSTFIX_REFUSE)
        self.write("postfix/etc/master.cf", POSTFIX_MASTER, mta=self.mta,
                   submission=self.submission, smtps=self.smtps)

    # Dovecot

    def start_dovecot(self):
        log = open(os.path.join(self.dir, "log/dovecot.out"), "ab")
        self.dovecot = subprocess.Popen(
            ["dovecot", "-F", "-c", os.path.join(self.dir, "dovecot.conf")],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        log.close()
        wait_for_port("127.0.0.1", self.imap)

    def kill_dovecot(self):
        """As a power cut: the master and all it started, at once."""
        if self.dovecot:
            os.killpg(self.dovecot.pid, signal.SIGKILL)
            self.dovecot.wait()
            self.dovecot = None
            pid_file = os.path.join(self.dir, "dovecot/master.pid")
            if os.path.exists(pid_file):
                os.unlink(pid_file)
            # Dovecot waits two minutes for whoever holds a lock file that a killed one has left.
            for folder, _, names in os.walk(os.path.join(self.dir, "mail")):
                for name in names:
                    if name.endswith(".lock"):
                        os.unlink(os.path.join(folder, name))

    # Postfix

    def start_postfix(self):
        done = subprocess.run(["postfix", "-c", self.etc, "start"], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode != 0:
            raise AssertionError(done.stdout.decode())
        wait_for_port("127.0.0.1", self.mta)

    def postfix_pid(self):
        try:
            with open(os.path.join(self.dir, "postfix/queue/pid/master.pid")) as f:
                return int(f.read())
        except (OSError, ValueError):
            return None

    def stop_postfix(self):
        subprocess.run(["postfix", "-c", self.etc, "stop"], stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill_postfix(self):
        pid = self.postfix_pid()
        if pid:
            os.killpg(pid, signal.SIGKILL)
            time.sleep(0.3)

    # both

    def start(self):
        self.start_dovecot()
        self.start_postfix()
        return self

    def stop(self):
        if self.dovecot:
            self.dovecot.terminate()
            try:
                self.dovecot.wait(10)
            except subprocess.TimeoutExpired:
                self.kill_dovecot()
            self.dovecot = None
        self.stop_postfix()

    def remove(self):
        if os.path.isdir(self.dir):
            self.stop()
        shutil.rmtree(self.dir, ignore_errors=True)

    # mail

    def maildir(self, address, folder=""):
        user, domain = address.split("@")
        return os.path.join(self.dir, "mail", domain, user, "Maildir", folder)

    def mails(self, address, folder=""):
        """The mails of a box, as bytes, oldest first."""
        found = []
        for part in ("new", "cur"):
            base = os.path.join(self.maildir(address, folder), part)
            for name in os.listdir(base) if os.path.isdir(base) else []:
                try:
                    with open(os.path.join(base, name), "rb") as f:
                        found.append((name, f.read()))
                except FileNotFoundError:  # moved or deleted meanwhile
                    continue
        return [data for name, data in sorted(found)]

    def taken(self, address, folder=""):
        """{Message-ID: set of Postfix queue ids} of a box. A Postfix that was killed may deliver one
        queue entry twice; two queue ids of one Message-ID mean that we have handed it over twice."""
        found = {}
        for mail in self.mails(address, folder):
            ident = re.search(rb"^Message-ID: *<([^>]*)>", mail, re.M | re.I)
            queue = re.search(rb"\(Postfix\) with \S+ id (\w+)", mail)
            if ident and queue:
                found.setdefault(ident.group(1).decode(), set()).add(queue.group(1))
        return found

    def put(self, address, data):
        """Delivers into a box as an MTA would: tmp, then new."""
        nobody = pwd.getpwnam("nobody")
        base = self.maildir(address)
        if not os.path.isdir(base):
            for part in ("", "tmp", "new", "cur"):
                os.makedirs(os.path.join(base, part), exist_ok=True)
            top = os.path.join(self.dir, "mail")
            for root, _, _ in os.walk(top):
                os.chown(root, nobody.pw_uid, nobody.pw_gid)
        self.serial = getattr(self, "serial", 0) + 1
        name = "%d.M%06dP%d.lots" % (time.time(), self.serial, os.getpid())
        path = os.path.join(base, "tmp", name)
        with open(path, "wb") as f:
            f.write(data)
        os.chown(path, nobody.pw_uid, nobody.pw_gid)
        os.rename(path, os.path.join(base, "new", name))
