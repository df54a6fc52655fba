"""The service: what its routes share, and how it is started and ended."""

from __future__ import annotations

import asyncio
import gc
from contextlib import suppress

from anyio.to_thread import run_sync

from minyi.errors import MinyiError
from minyi.service import logs
from minyi.service.classifying import Classifier, Loaded, load_warm
from minyi.service.jobs import Plan, Runner
from minyi.service.keys import Keys
from minyi.service.limits import Buckets
from minyi.service.metrics import Metrics
from minyi.service.problems import Problem, public
from minyi.service.settings import Settings
from minyi.store import Store

_LOOK = 2.0  # seconds between looks which model is active
STARTER = "starter"


class Service:
    """Store, classifier and job runner of one server.

    Parameters
    ----------
    settings : Settings
    store : Store, optional
        An open one; it is opened at the start otherwise. It is closed at the end either way.

    Attributes
    ----------
    problem, public_problem : str
        Why the service is not ready: for whoever runs it, and for clients.
    """

    def __init__(self, settings: Settings, store: Store | None = None) -> None:
        self.settings = settings
        self.metrics = Metrics(lambda: self.classifier.n_waiting, lambda: self.is_loaded)
        self.classifier = Classifier(self.metrics.texts)
        self.buckets = Buckets(settings.rate)
        self._store = store
        self._keys = Keys(store) if store else None
        self._runner: Runner | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self.problem = self.public_problem = ""

    async def start(self) -> None:
        """Begin to load; until that is done the service lives and is not ready."""
        self.classifier.start()
        self._tasks = [asyncio.create_task(self._make_ready())]

    async def stop(self) -> None:
        """End what runs; a job under way is left to be taken up again."""
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        if self._runner:
            await run_sync(self._runner.stop)
        await run_sync(self.classifier.stop)
        if self._store:
            self._store.close()
        logs.event("stopped")

    @property
    def is_loaded(self) -> bool:
        """Whether model and store are there."""
        return self.classifier.loaded is not None and self._store is not None

    @property
    def store(self) -> Store:
        """The open store.

        Raises
        ------
        Problem
            503 before it is open.
        """
        if self._store is None:
            raise not_ready(self.public_problem)
        return self._store

    @property
    def keys(self) -> Keys:
        """The keys of the store."""
        if self._keys is None:
            raise not_ready(self.public_problem)
        return self._keys

    @property
    def loaded(self) -> Loaded:
        """The model in use.

        Raises
        ------
        Problem
            503 before it is loaded.
        """
        if self.classifier.loaded is None:
            raise not_ready(self.public_problem)
        return self.classifier.loaded

    def wake_runner(self) -> None:
        """Say that there is a new job."""
        if self._runner:
            self._runner.wake()

    async def use_active_model(self) -> None:
        """Load the model that is meant to be active, if it is another one."""
        version = None
        folder = self.settings.model
        if not folder:
            active = await run_sync(self.store.models.active)
            version, folder = (active.id, str(active.folder)) if active else (None, STARTER)
        now = self.classifier.loaded
        if now is not None and now.version == version:
            return
        encoder, office = self.settings.encoder, self.settings.office
        loaded = await run_sync(lambda: load_warm(folder, office, encoder=encoder, version=version))
        self.classifier.use(loaded)
        logs.event("model", name=loaded.minyi.model.name, version=version)

    async def _make_ready(self) -> None:
        while not await self._is_begun():
            await asyncio.sleep(_LOOK)
        # Modules and model stay for good: looking through them again and again for garbage
        # would hold up requests by tens of milliseconds.
        gc.freeze()
        logs.event("ready")
        while True:
            await asyncio.sleep(_LOOK)
            try:
                await self.use_active_model()
            except Exception as error:  # keep answering with the model at hand
                logs.failure("model_not_switched", error)

    async def _is_begun(self) -> bool:
        try:
            if self._store is None:
                self._store = await run_sync(Store.open, self.settings.store or None)
                self._keys = Keys(self._store)
            await self.use_active_model()
        except MinyiError as error:
            self.problem, self.public_problem = str(error), public(error)
            logs.event("not_ready", error=type(error).__name__, message=str(error))
            return False
        except Exception as error:
            self.problem = self.public_problem = f"程序内部错误（{type(error).__name__}）。"
            logs.failure("not_ready", error)
            return False
        self.problem = self.public_problem = ""
        self._runner = Runner(self._store, self._plan, self.metrics.job)
        self._runner.start()
        return True

    def _plan(self) -> Plan:
        path = self.loaded.minyi.model.path if self.loaded.version is not None else None
        model = str(path) if path else self.settings.model or STARTER
        settings = self.settings
        return Plan(model, settings.office, settings.encoder, settings.workers)


def not_ready(reason: str = "") -> Problem:
    """Return the answer while the service is being started or ended."""
    detail = f"服务还没有准备好：{reason}" if reason else "服务正在启动：请稍后再试。"
    return Problem(503, detail, headers={"Retry-After": "1"})
