"""What the pages share: the service under them, the office's profile, and what is under way."""

from __future__ import annotations

import getpass
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from anyio.to_thread import run_sync

from minyi.domain.office import Office
from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import MinyiError
from minyi.pipeline import Minyi
from minyi.schema import Result, Submission
from minyi.service.classifying import FailedResult, load_warm
from minyi.service.core import STARTER, Service
from minyi.store import Store

PROFILE = "office.toml"
_BEGIN = "# 单位配置：由“设置”页面保存；只写与默认配置不同的部分。\n"


class Desk:
    """The desk of one server.

    Parameters
    ----------
    service : Service
    profile : Path
        The office's own profile, which the page 设置 writes.

    Attributes
    ----------
    running : dict of int to Progress
        Batches that are being classified.
    reading : dict of str to Reading
        Uploads, by their token, that are being read and are no batch yet.
    """

    def __init__(self, service: Service, profile: Path) -> None:
        self.service = service
        self.profile = profile
        self.running: dict[int, Progress] = {}
        self.reading: dict[str, Reading] = {}
        self.training = Training()

    @property
    def is_ready(self) -> bool:
        """Whether model and store are there."""
        return self.service.is_loaded

    @property
    def store(self) -> Store:
        """The open store."""
        return self.service.store

    @property
    def minyi(self) -> Minyi:
        """The pipeline in use."""
        return self.service.loaded.minyi

    @property
    def office(self) -> Office:
        """The profile in use."""
        return self.minyi.office

    @property
    def model_id(self) -> int | None:
        """The version in use; None is the starter."""
        return self.service.loaded.version

    async def classify(self, submission: Submission) -> Result:
        """Classify one submission.

        Raises
        ------
        MinyiError
            The text brought the program down.
        """
        (answer,) = await self.service.classifier.classify([submission])
        if isinstance(answer, FailedResult):
            raise MinyiError(f"这条意见处理不了（{answer.error}）：请人工分类，并反馈给我们。")
        return answer

    async def use_office(self) -> None:
        """Take the profile as it now stands on disk."""
        settings = self.service.settings
        active = await run_sync(self.store.models.active)
        folder = settings.model or (str(active.folder) if active else STARTER)
        version = active.id if active and not settings.model else None
        loaded = await run_sync(
            lambda: load_warm(folder, str(self.profile), encoder=settings.encoder, version=version)
        )
        self.service.classifier.use(loaded)

    async def use_model(self, model_id: int | None) -> None:
        """Make a model version the active one, for all that comes from now on."""
        await run_sync(self.store.models.activate, model_id)
        await self.service.use_active_model()


@dataclass(frozen=True, eq=False)
class Reading:
    """A workbook that is on its way to become a batch."""

    name: str
    who: str


class Progress:
    """How far the classifying of a batch is.

    Attributes
    ----------
    done, total : int
        Rows.
    error : str
        Why it stopped, for people.
    """

    def __init__(self, total: int) -> None:
        self.done = 0
        self.total = total
        self.error = ""

    @property
    def share(self) -> float:
        """0 to 1."""
        return self.done / self.total if self.total else 0.0


class Training:
    """What the page 学习 has under way."""

    def __init__(self) -> None:
        self.is_running = False
        self.error = ""


def make_profile(path: Path) -> Path:
    """Make sure that there is a profile to write to.

    Raises
    ------
    MinyiError
        It cannot be written.
    """
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_BEGIN, "utf-8")
    except OSError as error:
        raise MinyiError(f"无法建立单位配置 {path}：{error.strerror}。请检查权限。") from None
    return path


def user_name() -> str:
    """Return the name that this computer knows its user by."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "本机用户"


def path_of(category: str) -> tuple[str, ...]:
    """Return the names from level 1 down; of a label of an office's own, the label.

    Examples
    --------
    >>> path_of("010211")
    ('城乡建设', '城市建设和市政管理', '小区管理')
    >>> path_of("自定")
    ('自定',)
    """
    taxonomy = load_taxonomy()
    if category in taxonomy:
        return taxonomy.path(category)
    return (category,) if category else ()


def is_code(category: str) -> bool:
    """Whether a category is one of the taxonomy."""
    return category in load_taxonomy()


def names_of(departments: Sequence[str]) -> str:
    """Join names for people."""
    return "、".join(departments)
