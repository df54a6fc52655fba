"""Counts and times for Prometheus; labels are routes and statuses, never what was sent."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.exposition import CONTENT_TYPE_LATEST

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_TEXTS = (1, 2, 4, 8, 16, 32, 64)


class Metrics:
    """The numbers of one service.

    Parameters
    ----------
    waiting : callable
        Returns how many texts wait.
    is_ready : callable
        Returns whether the service is ready.
    """

    content_type = CONTENT_TYPE_LATEST

    def __init__(self, waiting: Callable[[], int], is_ready: Callable[[], bool]) -> None:
        self._registry = registry = CollectorRegistry()
        self._requests = Counter(
            "minyi_requests", "Requests", ["method", "route", "status"], registry=registry
        )
        self._seconds = Histogram(
            "minyi_request_seconds", "Duration", ["route"], registry=registry, buckets=_SECONDS
        )
        self._texts = Counter("minyi_texts", "Texts that were classified", registry=registry)
        self._batch = Histogram(
            "minyi_batch_texts", "Texts in a call of the model", registry=registry, buckets=_TEXTS
        )
        self._jobs = Counter("minyi_jobs", "Jobs that ended", ["state"], registry=registry)
        Gauge("minyi_texts_waiting", "Texts that wait", registry=registry).set_function(waiting)
        Gauge("minyi_ready", "1 when ready", registry=registry).set_function(is_ready)
        ProcessCollector(registry=registry)
        self._counter = lru_cache(maxsize=1024)(self._requests.labels)
        self._histogram = lru_cache(maxsize=256)(self._seconds.labels)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._counter(method, route, str(status)).inc()
        self._histogram(route).observe(seconds)

    def texts(self, n: int) -> None:
        """Count a call of the model."""
        self._texts.inc(n)
        self._batch.observe(n)

    def job(self, state: str) -> None:
        """Count a job that ended."""
        self._jobs.labels(state).inc()

    def render(self) -> bytes:
        """Return all numbers in the format of Prometheus."""
        return generate_latest(self._registry)
