"""Everything as one archive of tables that any program reads."""

from __future__ import annotations

import csv
import io
import json
import os
import zipfile
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import sqlalchemy as sa

from minyi.errors import OutputError
from minyi.store.database import Database
from minyi.store.tables import (
    Json,
    Words,
    batches,
    corrections,
    jobs,
    keys,
    models,
    results,
    submissions,
)

_TABLES = {
    "批次": batches,
    "意见": submissions,
    "结果": results,
    "改正": corrections,
    "模型": models,
    "密钥": keys,
    "任务": jobs,
}
_HEADERS = {
    "id": "编号",
    "name": "名称",
    "source": "来源",
    "columns": "列",
    "created_by": "建立人",
    "created": "存入时间",
    "batch_id": "批次编号",
    "source_row": "来源行号",
    "text": "正文",
    "title": "标题",
    "clean_text": "清洗后的正文",
    "time": "时间",
    "place": "地点",
    "purged": "清除时间",
    "week": "周",
    "category": "类别",
    "department": "主办部门",
    "kind": "诉求类型",
    "locality": "属地",
    "urgent": "是否紧急",
    "deadline": "办理期限",
    "score": "类别得分",
    "needs_review": "需复核",
    "corrected": "已改正",
    "checked": "已核对",
    "submission_id": "意见编号",
    "model_id": "模型编号",
    "category_code": "类别代码",
    "whole": "完整结果",
    "target": "改正对象",
    "before": "改正前",
    "value": "改正后",
    "who": "改正人",
    "why": "理由",
    "at": "改正时间",
    "folder": "文件夹",
    "metrics": "指标",
    "base": "基础模型",
    "trained_on": "学到的改正编号",
    "is_active": "在用",
    "last_used": "最近使用",
    "revoked": "吊销时间",
    "filename": "文件名",
    "upload": "上传文件",
    "options": "选项",
    "key_id": "密钥编号",
    "idempotency_key": "幂等键",
    "state": "状态",
    "started": "开始时间",
    "finished": "结束时间",
    "done": "已处理",
    "total": "共",
    "result": "结果文件",
    "counts": "统计",
    "message": "说明",
    "attempts": "次数",
    "worker": "执行者",
}
_LEFT_OUT = {"digest", "request", "result_id", "beat"}  # secrets, and the store's own affairs
_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")
_ROWS_AT_A_TIME = 1000
_Mask = Callable[[str], str]


def export(database: Database, path: Path, *, masked: bool, force: bool) -> Path:
    """Write the archive; nothing is left at `path` when that fails."""
    if path.exists() and not force:
        raise OutputError(f"{path} 已存在：换一个名字，或加 --force 覆盖。")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # A temporary file is readable by the user alone, and so is what becomes of it.
        with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as file:
            part = Path(file.name)
            try:
                with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
                    _write_tables(database, archive, _masking() if masked else str)
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                file.close()
                part.unlink()
                raise
        part.replace(path)
    except OSError as error:
        raise OutputError(f"无法写入 {path}：{error.strerror}。请检查磁盘空间和权限。") from None
    return path


def safe_cell(value: Any) -> Any:
    """Return a value that no spreadsheet takes for a formula.

    Examples
    --------
    >>> safe_cell("=1+1"), safe_cell(" @SUM(A1)"), safe_cell(-1), safe_cell("路灯不亮")
    ("'=1+1", "' @SUM(A1)", -1, '路灯不亮')
    """
    if isinstance(value, str) and value.lstrip().startswith(_FORMULA):
        return f"'{value}"
    return value


def _masking() -> _Mask:
    from minyi.text.privacy import mask

    return lru_cache(maxsize=_ROWS_AT_A_TIME)(mask)  # text and cleaned text are often the same


def _write_tables(database: Database, archive: zipfile.ZipFile, mask: _Mask) -> None:
    with database.reading() as connection:
        for name, table in _TABLES.items():
            columns = [column for column in table.c if column.name not in _LEFT_OUT]
            query = sa.select(*columns).order_by(*table.primary_key.columns)
            streamed = connection.execution_options(yield_per=_ROWS_AT_A_TIME)
            rows = streamed.execute(query)
            with archive.open(f"{name}.csv", "w", force_zip64=True) as raw:
                _write_table(raw, columns, rows, mask)


def _write_table(
    raw: Any, columns: list[sa.Column[Any]], rows: Iterable[sa.Row[Any]], mask: _Mask
) -> None:
    writers = [_as_cell(column, mask) for column in columns]
    with io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
        writer = csv.writer(text)
        writer.writerow([_HEADERS[column.name] for column in columns])
        for row in rows:
            writer.writerow([write(value) for write, value in zip(writers, row, strict=True)])


def _as_cell(column: sa.Column[Any], mask: _Mask) -> Callable[[Any], Any]:
    if isinstance(column.type, Words):
        return lambda value: None if value is None else safe_cell(mask(value))
    if isinstance(column.type, Json):
        return lambda value: "" if value is None else safe_cell(_json(value, mask))
    if isinstance(column.type, sa.Boolean):
        return lambda value: "是" if value else "否"
    if isinstance(column.type, sa.Float | sa.Integer):
        return lambda value: value
    return lambda value: None if value is None else safe_cell(str(value))


def _json(value: Any, mask: _Mask) -> str:
    return json.dumps(_masked(value, mask), ensure_ascii=False)


def _masked(value: Any, mask: _Mask) -> Any:
    """Mask the texts in a JSON value; of its numbers, none is a telephone's."""
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_masked(item, mask) for item in value]
    if isinstance(value, dict):
        return {name: _masked(item, mask) for name, item in value.items()}
    return value
