"""The same work on many things, in several processes, with the results in the order of the things.

Every process has its share from the start and sends what comes of it through a pipe of its own.
Each ends with the parent, even if the parent is killed. A ProcessPoolExecutor cannot be stopped so:
terminating its processes makes its own thread print an InvalidStateError now and then (in 3.11).
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Thing = TypeVar("Thing")
Result = TypeVar("Result")

# A fork begins at once, and is safe in a command that has one thread; elsewhere Python itself
# starts new interpreters, which takes longer.
START = "fork" if sys.platform == "linux" else "spawn"

_PART = 8  # things whose results are sent together
_AHEAD = 64  # parts that a process may be ahead of the slowest


def in_parallel(
    work: Callable[[Thing], Result], things: Sequence[Thing], jobs: int
) -> Generator[Result, None, None]:
    """`map(work, things)`; an exception in a process is raised here.

    Raises ChildProcessError where a process cannot be started, or is gone that was not done.
    """
    size = max(1, min(_PART, len(things) // (4 * jobs)))
    parts = [things[start : start + size] for start in range(0, len(things), size)]
    workers: list[_Worker] = []
    try:
        try:
            with _interrupts_blocked(), _own_modules_only():
                workers.extend(_Worker(work, parts[number::jobs]) for number in range(jobs))
        except OSError as error:  # too many open files or processes
            message = f"cannot start {jobs:,} processes: {error.strerror}"
            raise ChildProcessError(message) from None
        for number in range(len(parts)):
            yield from _next(workers[number % jobs], workers)
    finally:
        for worker in workers:
            worker.process.terminate()


class _Worker:
    """A process, and what has come from it."""

    def __init__(self, work: Callable[[Any], Any], parts: list[Sequence[Any]]) -> None:
        from multiprocessing import get_context  # slow, and for several processes only

        context: Any = get_context(START)
        self.reader: Connection
        self.reader, writer = context.Pipe(duplex=False)
        self.process = context.Process(target=_work, args=(work, parts, writer), daemon=True)
        self.process.start()
        writer.close()  # so that the pipe ends with the process
        self.left = len(parts)  # that have not come
        self.here: deque[list[Any] | Exception] = deque()

    @property
    def wanted(self) -> bool:
        """Whether to read on; where not, its pipe fills and it has to wait."""
        return self.left > 0 and len(self.here) < _AHEAD

    def receive(self) -> None:
        try:
            result = self.reader.recv()
        except EOFError:
            message = "one of several processes died, for want of memory perhaps"
            raise ChildProcessError(message) from None
        self.left -= 1
        self.here.append(result)


def _next(worker: _Worker, workers: list[_Worker]) -> list[Any]:
    """The next part of one worker; what others have meanwhile is taken in."""
    from multiprocessing.connection import wait  # only for several processes

    while not worker.here:
        readers: dict[object, _Worker] = {one.reader: one for one in workers if one.wanted}
        for reader in wait([one.reader for one in readers.values()]):
            readers[reader].receive()
    result = worker.here.popleft()
    if isinstance(result, Exception):  # of all that were raised, always the same
        raise result
    return result


def _work(work: Callable[[Any], Any], parts: list[Sequence[Any]], writer: Connection) -> None:
    """What a process does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent hears it too, and ends this one
    Thread(target=_end_with_parent, daemon=True).start()
    for part in parts:
        result: list[Any] | Exception
        try:
            result = [work(thing) for thing in part]
        except Exception as error:
            result = error
        try:
            writer.send(result)
        except BrokenPipeError:
            return  # the parent is gone


def _end_with_parent() -> None:
    """End this process once its parent has ended, whatever this process is waiting for.

    A broken pipe would not tell: processes that were forked later hold its other end as well.
    """
    from multiprocessing import parent_process  # only in a started process

    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@contextmanager
def _interrupts_blocked() -> Iterator[None]:
    """Delay SIGINT until the block ends; processes that start inside it never receive one."""
    if not hasattr(signal, "pthread_sigmask"):  # not on every system
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _own_modules_only() -> Iterator[None]:
    """New interpreters import nothing from the current folder, which may be a stranger's."""
    name = "PYTHONSAFEPATH"
    before = os.environ.get(name)
    os.environ[name] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
