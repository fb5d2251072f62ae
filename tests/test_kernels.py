"""Kernels forked from one process: what they do when a port is taken from under them."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

from jupyter_client.connect import LocalPortCache

from bsna.kernels import PromptManager, nursery


async def answers():
    manager = PromptManager(kernel_name="python3")
    await manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=60)
        return await client.execute_interactive("1 + 1", store_history=False, timeout=60, output_hook=lambda _: None)
    finally:
        client.stop_channels()
        await manager.shutdown_kernel(now=True)


def test_a_kernel_whose_port_was_taken_gets_another(monkeypatch):
    usual, given = LocalPortCache.find_available_port, []
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()

        def first_taken(self, ip):
            given.append(usual(self, ip))
            return taken.getsockname()[1] if len(given) == 1 else given[-1]

        monkeypatch.setattr(LocalPortCache, "find_available_port", first_taken)
        with nursery(), ThreadPoolExecutor(1) as own:  # where a browser is open, this thread runs a loop already
            reply = own.submit(asyncio.run, answers()).result()
    assert reply["content"]["status"] == "ok"
    assert len(given) == 10  # five that were chosen, five chosen anew
