"""Classifying for many requests at once: what waits is put together and classified in one thread.

A call for one text costs four times as much as a text among many, so requests that arrive while
the thread is busy share its next call. Nobody is made to wait for company.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from queue import SimpleQueue

from minyi.errors import MinyiError
from minyi.pipeline import Minyi, load
from minyi.schema import Result, Submission

MOST_AT_ONCE = 64
_MOST_ALONE = 256  # while nobody asks for single texts, who would have to wait for so many
_PASSES = 3  # turns of the event loop without a new request, after which nobody waits longer
_KEPT_FOR_LISTS = 16  # places that single texts leave to long lists
_WARM_UP = "村里的路灯坏了半年没人修，晚上老人出门摔跤，请有关部门尽快维修。"


class NotReadyError(MinyiError):
    """The model is not loaded yet, or the service is being ended."""


@dataclass(frozen=True)
class FailedResult:
    """A text that brought the program down; only it has no result.

    Attributes
    ----------
    error : str
        The type of the error.
    """

    error: str


@dataclass(frozen=True)
class Loaded:
    """A pipeline and what is told about it.

    Attributes
    ----------
    minyi : Minyi
    version : int or None
        Its number in the store; None: the starter, or a folder named by the operator.
    uses_encoder : bool
    """

    minyi: Minyi
    version: int | None = None
    uses_encoder: bool = False


Answer = Result | FailedResult
_Item = tuple[Submission, "_Ticket", int]
_Batch = tuple[Minyi, list[_Item]]


class _Ticket:
    """The answers of one request, and the future that waits for all of them."""

    __slots__ = ("answers", "future", "missing")

    def __init__(self, n: int, future: asyncio.Future[list[Answer]]) -> None:
        self.answers: list[Answer] = [FailedResult("")] * n
        self.missing = n
        self.future = future

    def put(self, position: int, answer: Answer) -> None:
        self.answers[position] = answer
        self.missing -= 1
        if not self.missing and not self.future.done():
            self.future.set_result(self.answers)


class Classifier:
    """Classifies for the event loop that `start` was called in.

    Parameters
    ----------
    observe : callable, optional
        Told how many texts each call of the model had.
    """

    def __init__(self, observe: Callable[[int], None] = lambda n: None) -> None:
        self.loaded: Loaded | None = None
        self._observe = observe
        self._single: deque[_Item] = deque()
        self._lists: deque[_Item] = deque()
        self._work: SimpleQueue[_Batch | None] = SimpleQueue()
        self._is_busy = False
        self._single_before = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Start the thread; its answers come to the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._run, name="minyi-classifier", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the thread after the call that it is in."""
        self.loaded = None
        self._work.put(None)
        if self._thread:
            self._thread.join(timeout=10)

    def use(self, loaded: Loaded) -> None:
        """Take `loaded` for all calls from the next one on."""
        self.loaded = loaded

    @property
    def n_waiting(self) -> int:
        """Texts that wait for their turn."""
        return len(self._single) + len(self._lists)

    async def classify(self, submissions: Sequence[Submission]) -> list[Answer]:
        """Return an answer for each submission, in order.

        Raises
        ------
        NotReadyError
        """
        if self.loaded is None or self._loop is None:
            raise NotReadyError("模型还没有载入：请稍后再试。")
        if not submissions:
            return []
        ticket = _Ticket(len(submissions), self._loop.create_future())
        lane = self._single if len(submissions) == 1 else self._lists
        lane.extend((submission, ticket, i) for i, submission in enumerate(submissions))
        if not self._is_busy:
            self._is_busy = True
            self._loop.call_soon(self._gather, 0, _PASSES)
        return await ticket.future

    def _gather(self, before: int, passes: int) -> None:
        """Let the loop turn as long as it has more requests at hand; it never sleeps for them."""
        assert self._loop
        if passes and (n := self.n_waiting) < MOST_AT_ONCE:
            self._loop.call_soon(self._gather, n, _PASSES if n > before else passes - 1)
        else:
            self._send()

    def _send(self) -> None:
        batch = self._next()
        if not batch or self.loaded is None:
            self._is_busy = False
            self._give_up(batch)
        else:
            self._work.put((self.loaded.minyi, batch))

    def _next(self) -> list[_Item]:
        """Take from both lanes; neither can keep the other waiting for ever."""
        kept = min(len(self._lists), _KEPT_FOR_LISTS)
        n_single = min(len(self._single), MOST_AT_ONCE - kept)
        most = MOST_AT_ONCE if self._single_before or n_single else _MOST_ALONE
        self._single_before = n_single
        n_lists = min(len(self._lists), most - n_single)
        batch = [self._single.popleft() for _ in range(n_single)]
        while n_lists and self._lists:
            item = self._lists.popleft()
            if not item[1].future.done():  # its client has gone
                batch.append(item)
                n_lists -= 1
        return batch

    def _give_up(self, batch: list[_Item]) -> None:
        for _, ticket, _ in (*batch, *self._single, *self._lists):
            if not ticket.future.done():
                ticket.future.set_exception(NotReadyError("服务正在停止：请稍后再试。"))
        self._single.clear()
        self._lists.clear()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            minyi, batch = work
            answers = _each(minyi, [submission for submission, _, _ in batch])
            if self._loop is None or self._loop.is_closed():
                return
            self._loop.call_soon_threadsafe(self._deliver, batch, answers)

    def _deliver(self, batch: list[_Item], answers: list[Answer]) -> None:
        for (_, ticket, position), answer in zip(batch, answers, strict=True):
            ticket.put(position, answer)
        self._observe(len(batch))
        assert self._loop
        self._loop.call_soon(self._gather, 0, _PASSES)


def _each(minyi: Minyi, submissions: list[Submission]) -> list[Answer]:
    """Classify; should one text bring the program down, the others still get their results."""
    try:
        return list(minyi.classify(submissions))
    except Exception as error:
        if len(submissions) == 1:
            return [FailedResult(type(error).__name__)]
        middle = len(submissions) // 2
        return [*_each(minyi, submissions[:middle]), *_each(minyi, submissions[middle:])]


def load_warm(model: str, office: str, *, encoder: bool, version: int | None = None) -> Loaded:
    """Load a model and have it classify once, so that the first request is not the slow one.

    Parameters
    ----------
    model : str
        ``starter`` or a folder.
    office : str
        A profile; empty for the default.
    encoder : bool
        Whether the optional encoder may be used.
    version : int, optional
        See `Loaded`.
    """
    from minyi.learning import sentences

    minyi = load(model, office=office or None)
    has_head = bool(minyi.model.scorer.sentences)
    if has_head and not encoder:
        minyi = _without_encoder(minyi, model)
    uses_encoder = has_head and encoder and sentences.is_installed()
    if uses_encoder:
        sentences.encode([_WARM_UP])
    minyi.classify([_WARM_UP])
    return Loaded(minyi, version, uses_encoder)


def _without_encoder(minyi: Minyi, model: str) -> Minyi:
    base = None if model == "starter" else load("starter").model
    plain = [
        replace(one, scorer=replace(one.scorer, sentences={})) if one else None
        for one in (minyi.model, base)
    ]
    assert plain[0]
    return Minyi(plain[0], minyi.office, base=plain[1])
