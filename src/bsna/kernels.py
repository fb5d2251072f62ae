"""Kernels that start at once: real Jupyter kernels, forked from one process that has the libraries loaded.

Where forking is not possible, notebooks run in ordinary kernels with the same outputs.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner

NURSERY = "BSNA_KERNEL_NURSERY"
"""Environment variable with the socket of the process that forks kernels."""

PRELOADED = (
    "numpy",
    "pandas",
    "scipy.stats",
    "matplotlib.figure",
    "matplotlib.backends.backend_agg",
    "pyarrow.parquet",
    "ipykernel.kernelapp",
    "great_tables",
    "seaborn",
    "shapely.geometry",
    "bsna.pages",
    "bsna.reports",
)


class Forked:
    """A forked kernel, with the part of Popen's interface that a provisioner uses."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            self.returncode = 0
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        limit = time.monotonic() + (timeout or 60)
        while self.poll() is None:
            if time.monotonic() > limit:
                raise subprocess.TimeoutExpired("kernel", timeout or 60)
            time.sleep(0.01)
        return 0

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class ForkedProvisioner(LocalProvisioner):
    """Ask the nursery for a kernel; without a nursery, start an ordinary one."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        where = os.environ.get(NURSERY)
        if where is None:
            return await super().launch_kernel(cmd, **kwargs)
        _ensure_started(where)
        request = {"arguments": cmd[cmd.index("-f") :], "folder": str(kwargs.get("cwd") or os.getcwd())}
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(where)
            link.sendall(json.dumps(request).encode() + b"\n")
            forked = Forked(int(link.makefile().readline()))
        self.process = forked  # type: ignore[assignment]
        self.pid, self.pgid = forked.pid, None
        return self.connection_info


@contextlib.contextmanager
def nursery() -> Iterator[bool]:
    """Have kernels forked for as long as the block lasts; False where that is not possible.

    The process that forks them starts with the first kernel, so that a run with nothing to do costs nothing.
    """
    if not hasattr(os, "fork") or sys.platform == "darwin":
        yield False
        return
    factory = KernelProvisionerFactory.instance()
    usual, factory.default_provisioner_name = factory.default_provisioner_name, "bsna-forked"
    with tempfile.TemporaryDirectory(prefix="bsna-") as folder:
        os.environ[NURSERY] = str(Path(folder) / "kernels")
        try:
            yield True
        finally:
            factory.default_provisioner_name = usual
            del os.environ[NURSERY]
            while _started:
                process = _started.pop()
                process.kill()
                process.wait()


_started: list[subprocess.Popen[bytes]] = []
_starting = threading.Lock()


def _ensure_started(where: str) -> None:
    with _starting:
        if not _started:
            command = [sys.executable, "-m", "bsna.kernels", where]
            _started.append(subprocess.Popen(command, stdout=subprocess.PIPE))
            if _started[0].stdout is None or _started[0].stdout.readline().strip() != b"ready":
                raise RuntimeError("The process that starts kernels did not come up")


def serve(where: str) -> None:
    """Load the libraries, then fork one kernel for each request, for as long as the run lives."""
    for name in PRELOADED:
        __import__(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(where)
        door.listen(16)
        door.settimeout(2)
        parent = os.getppid()
        print("ready", flush=True)
        while os.getppid() == parent:  # a run that was killed takes its kernels with it
            try:
                link, _ = door.accept()
            except TimeoutError:
                continue
            request = json.loads(link.makefile().readline())
            pid = os.fork()
            if pid == 0:
                door.close()
                link.close()
                _become_kernel(request)
            link.sendall(f"{pid}\n".encode())
            link.close()


def _become_kernel(request: dict[str, Any]) -> None:
    """In the child: be an ordinary kernel that happens to have its libraries loaded."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    watched = f"--IPKernelApp.parent_handle={os.getppid()}"
    os.setsid()
    os.chdir(request["folder"])
    from ipykernel.kernelapp import IPKernelApp

    try:
        application = IPKernelApp.instance()
        application.initialize([*request["arguments"], watched, "--log-level=40"])
        application.start()
    finally:
        os._exit(0)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("MPLBACKEND", "agg")
    serve(sys.argv[1])
