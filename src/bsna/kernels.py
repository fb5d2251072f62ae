"""Kernels that start at once: real Jupyter kernels, forked from one process that has the libraries loaded.

Where forking is not possible, notebooks run in ordinary kernels with the same outputs.
"""

import contextlib
import gc
import io
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.connect import LocalPortCache, port_names
from jupyter_client.provisioning import KernelProvisionerFactory, LocalProvisioner
from traitlets import default

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
    "ipykernel.ipkernel",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "matplotlib_inline.backend_inline",
    "psutil",
    "great_tables",
    "seaborn",
    "shapely.geometry",
    "bsna.pages",
    "bsna.reports.cleaning",
    "bsna.reports.sample",
    "bsna.reports.findings",
    "bsna.reports.recommendations",
    "bsna.reports.summary",
    "bsna.reports.countries",
    "bsna.reports.rounds",
)


_ATTEMPTS = 3
"""How often a kernel is forked that ends before it is ready."""


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
        if number == signal.SIGKILL:
            self.wait()  # at once, so that the manager need not come back in a tenth of a second

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
        for _ in range(_ATTEMPTS):
            if answer := _asked(where, request):
                break
            self._choose_doors()
        else:
            raise RuntimeError(
                f"A kernel ended before it was ready, {_ATTEMPTS} times, on other ports each time; run the same command again, "
                "what was made so far is kept"
            )
        forked = Forked(int(answer))
        self.process = forked  # type: ignore[assignment]
        self.pid, self.pgid = forked.pid, None
        return self.connection_info

    def _choose_doors(self) -> None:
        """Other ports for a kernel that did not get its own: another program may take one between its choice and its use."""
        manager: Any = self.parent
        ports = LocalPortCache.instance()
        for name in port_names:
            setattr(manager, name, ports.find_available_port(manager.ip))
        manager._connection_file_written = False
        manager.write_connection_file()
        self.connection_info = manager.get_connection_info()


def _asked(where: str, request: dict[str, Any]) -> str:
    """The number of the kernel that was forked for a request; nothing if it ended before its doors were open."""
    with socket.socket(socket.AF_UNIX) as link:
        link.connect(where)
        link.sendall(json.dumps(request).encode() + b"\n")
        return link.makefile().readline()


class PromptClient(AsyncKernelClient):
    """A client that starts work as soon as the kernel answers.

    The usual one waits up to a fifth of a second for a first message on the kernel's broadcast, which is lost where the
    kernel sent it before it knew of this listener, and as long again for messages that nobody needs. Here it is asked again
    sooner; messages of earlier requests do no harm, since each carries the request it belongs to.
    """

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        limit = time.monotonic() + (timeout or 60)
        while time.monotonic() < limit:
            self.kernel_info()
            with contextlib.suppress(Empty):
                reply = await self.get_shell_msg(timeout=1)
                if reply["msg_type"] == "kernel_info_reply":
                    await self.get_iopub_msg(timeout=0.02)
                    self._handle_kernel_info_reply(reply)
                    return
            if not await self.is_alive():
                raise RuntimeError("A kernel died before it answered")
        raise RuntimeError(f"A kernel did not answer within {timeout or 60:.0f} seconds")


class PromptManager(AsyncKernelManager):
    """A manager of kernels with prompt clients."""

    @default("client_factory")
    def _prompt_client(self) -> type[PromptClient]:
        return PromptClient


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
    _warm_up()
    gc.collect()
    gc.freeze()  # kernels share what is loaded: looking through it for garbage would copy it
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
            if os.fork() == 0:
                door.close()
                _become_kernel(request, link)
            link.close()


def _warm_up() -> None:
    """Find fonts, templates and locales once, not in every kernel."""
    from babel.numbers import format_percent
    from great_tables import GT
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from pandas import DataFrame

    from bsna.intake.profile import LANGUAGES

    figure = Figure()
    figure.add_subplot().set_title("x", weight="bold")
    FigureCanvasAgg(figure).print_png(io.BytesIO())
    GT(DataFrame({"x": ["x"]})).as_raw_html()
    for language in LANGUAGES:
        format_percent(0.5, locale=language)


def _become_kernel(request: dict[str, Any], link: socket.socket) -> None:
    """In the child: be an ordinary kernel that happens to have its libraries loaded.

    It says its number over `link` once its own doors are open, so that nobody knocks too early and has to come again.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    watched = f"--IPKernelApp.parent_handle={os.getppid()}"
    os.setsid()
    os.chdir(request["folder"])
    from ipykernel.kernelapp import IPKernelApp

    try:
        application = IPKernelApp.instance()
        application.initialize([*request["arguments"], watched, "--log-level=50"])
        link.sendall(f"{os.getpid()}\n".encode())
        link.close()
        application.start()
    except Exception:
        traceback.print_exc()
    finally:
        os._exit(0)


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("MPLBACKEND", "agg")
    os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # nobody debugs here: no advice on how to
    serve(sys.argv[1])
