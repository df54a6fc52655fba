"""The export: everything, safe to open, nobody's telephone in it."""

from __future__ import annotations

import csv
import io
import json
import os
import stat
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minyi.errors import OutputError, StoreError
from minyi.store import Store
from minyi.store.export import safe_cell
from minyi.store.records import NewSubmission
from small_store import LAMP, RESULT, fill

Tables = dict[str, list[dict[str, str]]]


def read(path: Path) -> Tables:
    tables = {}
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            content = archive.read(name)
            assert content.startswith(b"\xef\xbb\xbf")
            rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))
            tables[name.removesuffix(".csv")] = list(rows)
    return tables


def test_the_export_holds_everything(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    store.corrections.add(filled.lamp, "category", "0204", "小李", "是供水")
    model = store.models.add("一版", tmp_path, {"准确率": 0.9})
    _, plaintext = store.keys.add("平台")
    upload = store.uploads / "a.xlsx"
    upload.touch()
    store.jobs.add("classify", "三月.xlsx", upload)
    tables = read(store.export(tmp_path / "出" / "全部.zip", masked=False))
    assert {name: len(rows) for name, rows in tables.items()} == {
        "批次": 1,
        "意见": 3,
        "结果": 3,
        "改正": 1,
        "模型": 1,
        "密钥": 1,
        "任务": 1,
    }
    lamp = tables["意见"][0]
    assert (lamp["正文"], lamp["类别"], lamp["已改正"]) == (LAMP, "0204", "是")
    assert (lamp["周"], lamp["来源行号"], lamp["办理期限"]) == ("2026-W10", "2", "2026-03-09")
    assert tables["结果"][0]["类别代码"] == "0203"
    assert '"evidence": ["路灯", "没人修"]' in tables["结果"][0]["完整结果"]
    line = tables["改正"][0]
    told = (line["意见编号"], line["改正前"], line["改正后"], line["改正人"], line["理由"])
    assert told == (str(filled.lamp), "0203", "0204", "小李", "是供水")
    assert tables["模型"][0]["编号"] == str(model.id)
    assert plaintext not in str(tables)
    assert "digest" not in str(tables)


def test_personal_data_is_masked_unless_asked_for(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    store.corrections.add(filled.lamp, "kind", "投诉", "小李", "已致电 13812345678")
    content = str(read(store.export(tmp_path / "a.zip")))
    assert "13812345678" not in content
    assert "村里的路灯坏了半年没人修" in content
    assert "2026-03-02" in content
    content = str(read(store.export(tmp_path / "b.zip", masked=False)))
    assert content.count("13812345678") == 3


def test_masking_leaves_numbers_as_they_are(store: Store, tmp_path: Path) -> None:
    filled = fill(store)
    result = replace(RESULT, score=0.6222021234567894, evidence=("打 13812345678",))
    store.results.save(filled.batch, None, [(filled.lamp, result)])
    row = read(store.export(tmp_path / "a.zip"))["结果"][-1]
    whole = json.loads(row["完整结果"])
    assert (whole["score"], float(row["类别得分"])) == (result.score, result.score)
    assert "13812345678" not in str(whole)


def test_a_cell_is_never_a_formula(store: Store, tmp_path: Path) -> None:
    batch = store.batches.add("=1+1")
    evil = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1", "正常"]
    store.submissions.add(batch.id, [NewSubmission(text) for text in evil])
    tables = read(store.export(tmp_path / "a.zip", masked=False))
    assert tables["批次"][0]["名称"] == "'=1+1"
    assert [row["正文"] for row in tables["意见"]] == [f"'{text}" for text in evil[:-1]] + ["正常"]


@given(st.text())
def test_no_text_begins_like_a_formula(text: str) -> None:
    safe = safe_cell(text)
    assert safe.lstrip()[:1] not in tuple("=+-@＝＋－＠")
    assert safe in (text, f"'{text}")


def test_texts_of_any_shape_survive(store: Store, tmp_path: Path) -> None:
    texts = ['引号"，逗号,', "两行\n三行\r\n四行", "𠮷野家👍", ""]
    batch = store.batches.add("形")
    store.submissions.add(batch.id, [NewSubmission(text) for text in texts])
    tables = read(store.export(tmp_path / "a.zip", masked=False))
    assert [row["正文"] for row in tables["意见"]] == texts


def test_an_empty_store_gives_headers(store: Store, tmp_path: Path) -> None:
    assert all(rows == [] for rows in read(store.export(tmp_path / "a.zip")).values())


def test_a_file_that_is_there_is_not_replaced_unasked(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_text("meins")
    with pytest.raises(OutputError, match=r"a\.zip 已存在：换一个名字，或加 --force 覆盖"):
        store.export(path)
    assert path.read_text() == "meins"
    store.export(path, force=True)
    assert zipfile.is_zipfile(path)


def test_only_the_user_may_read_an_export(store: Store, tmp_path: Path) -> None:
    path = store.export(tmp_path / "a.zip")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_an_export_that_fails_leaves_nothing(store: Store, tmp_path: Path) -> None:
    fill(store)
    with store._database.writing() as connection:
        connection.exec_driver_sql("DROP TABLE responses")
        connection.exec_driver_sql("ALTER TABLE jobs RENAME TO tasks")
    with pytest.raises(StoreError, match="出错"):
        store.export(tmp_path / "出" / "a.zip")
    assert list((tmp_path / "出").iterdir()) == []


def test_a_place_that_cannot_be_written_is_told(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"无法写入 .*请检查磁盘空间和权限"):
        store.export(tmp_path / "file" / "a.zip")
    if Path("/dev/full").exists() and os.geteuid() == 0:
        with pytest.raises(OutputError, match="已存在"):
            store.export(Path("/dev/full"))
