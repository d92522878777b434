"""Answers that are made on request, without a session: one at a time, in a thread of their own.

A class opens one link in the same minute: an answer is made once, and the last ones are kept.
Beyond a bounded number of waiting requests there is none, and the server says that it is busy.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
_threads: list[ThreadPoolExecutor] = []


def end() -> None:
    """Drop what waits: a server that ends does not make it first."""
    for thread in _threads:
        thread.shutdown(wait=False, cancel_futures=True)


def end_with_server(thread: ThreadPoolExecutor) -> None:
    """Have what waits for a thread dropped at the server's end."""
    _threads.append(thread)


class Answers(Generic[T]):
    """The last answers that were asked for, and those that are being made.

    Args:
        name: of the thread.
        kept: how many are kept.
        waiting: how many that are not kept may be asked for at a time.
        keeps: whether an answer may be kept.
    """

    def __init__(
        self,
        name: str,
        kept: int = 128,
        waiting: int = 64,
        keeps: Callable[[T], bool] = lambda answer: True,
    ) -> None:
        self.most_kept, self.most_waiting, self.keeps = kept, waiting, keeps
        self.kept: OrderedDict[tuple[str, ...], T] = OrderedDict()
        self.making: dict[tuple[str, ...], asyncio.Task[T]] = {}
        self.thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=name)
        end_with_server(self.thread)

    async def get(self, key: tuple[str, ...], make: Callable[[], T]) -> T | None:
        """The answer of a key, made by ``make`` if it is not kept; None where too many wait."""
        if key in self.kept:
            self.kept.move_to_end(key)
            return self.kept[key]
        if key not in self.making:
            if len(self.making) >= self.most_waiting:
                return None
            task = asyncio.create_task(self._make(key, make))
            self.making[key] = task
            task.add_done_callback(lambda _: self.making.pop(key, None))
        return await asyncio.shield(self.making[key])

    async def _make(self, key: tuple[str, ...], make: Callable[[], T]) -> T:
        answer = await asyncio.get_running_loop().run_in_executor(self.thread, make)
        if self.keeps(answer):
            self.kept[key] = answer
        while len(self.kept) > self.most_kept:
            self.kept.popitem(last=False)
        return answer
