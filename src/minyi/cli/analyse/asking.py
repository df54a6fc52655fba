"""What the commands ``minyi analyse …`` share: options, reading, and the end of what they say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from minyi.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

    from minyi.domain.office import Office as Profile
    from minyi.pipeline import Minyi
    from minyi.tables import Output

Inputs = Annotated[list[Path], typer.Argument(help="文件或文件夹")]
Out = Annotated[Path, typer.Option("--output", "-o", help="结果工作簿（.xlsx）")]
Columns = Annotated[
    list[str] | None,
    typer.Option("--columns", help="哪一列是什么，如 time=走访日期；可写几次，“time=”表示没有"),
]
Anonymise = Annotated[bool, typer.Option("--anonymise", help="隐去姓名、号码、门牌，留言人用代号")]
Least = Annotated[int, typer.Option("--k", help="配合 --anonymise：表里不公布少于几条（几人）的数")]
#: Groups, issues and the like that a command prints; the workbook has all.
SHOWN = 10


@dataclass(frozen=True)
class Asked:
    """What all commands ask for."""

    inputs: Sequence[Path]
    columns: Sequence[str] | None
    office: Path | None
    model: str = "starter"
    anonymise: bool = False
    sheet: str | None = None

    def profile(self) -> Profile:
        """Return the profile of the office, or the shipped one."""
        from minyi.domain.office import load_office

        return load_office(self.office)

    def read(self, *, classify: bool) -> pd.DataFrame:
        """Read the submissions; classify them and hide persons as asked."""
        from minyi.analysis.frame import read

        frame = read(self.inputs, columns=_roles(self.columns), sheet=self.sheet)
        if classify:
            frame = self.classify(frame, self.load())
        if self.anonymise:
            from minyi.analysis.frame import notes
            from minyi.analysis.intake.rows import with_notes
            from minyi.analysis.privacy.anonymise import anonymise

            frame = with_notes(anonymise(frame, office=self.profile()), notes(frame))
        return frame

    def open(self, output: Path, force: bool) -> Output:
        """Open the workbook, which must be none of the inputs."""
        from minyi.analysis.workbook import open_workbook
        from minyi.tables import find_inputs

        return open_workbook(output, force=force, inputs=find_inputs(self.inputs))

    def load(self) -> Minyi:
        """Load what classifies."""
        from minyi.pipeline import load

        return load(self.model, office=str(self.office) if self.office else None)

    def classify(self, frame: pd.DataFrame, minyi: Minyi) -> pd.DataFrame:
        """Classify submissions, with a bar."""
        from minyi.analysis.frame import classified
        from minyi.cli.progress import StageBars

        with StageBars() as bars:
            return classified(
                frame, minyi, progress=lambda done: bars.update("分类", done, len(frame))
            )


def _roles(columns: Sequence[str] | None) -> dict[str, str]:
    """Read ``role=name``."""
    given = dict[str, str]()
    for column in columns or ():
        role, equals, name = column.partition("=")
        if not equals:
            raise InputError(f"--columns 应写成 角色=列名，如 time=走访日期，实际是“{column}”。")
        given[role.strip()] = name.strip()
    return given


def notes(*frames: pd.DataFrame, more: Sequence[str] = ()) -> list[str]:
    """Return what the frames and the analysis tell, each once."""
    told = [note for frame in frames for note in frame.attrs.get("notes", ())]
    return list(dict.fromkeys([*told, *more]))


def for_reading(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out the columns of the frame in which nothing stands."""
    values = {name: frame[name] for name in frame.columns}
    blank = [
        name
        for name, column in values.items()
        if (column.isna() | column.isin(["", 0])).all() and name not in ("id", "text")
    ]
    return frame.drop(columns=blank)


def print_end(told: Sequence[str], output: Path) -> None:
    """Print the notes and where the workbook is."""
    for note in told:
        print(f"提示：{note}")
    print(f"结果已写入 {output}")
