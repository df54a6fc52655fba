"""Model folders: what is saved is loaded, what is damaged or foreign is refused, nothing runs."""

from __future__ import annotations

import hashlib
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minyi.errors import ModelError
from minyi.learning import hashing
from minyi.learning.persistence import FORMAT_VERSION, Model, load_model, save_model
from minyi.learning.scoring import Linear, SentenceHead
from minyi.learning.sentences import DIMENSIONS
from minyi.text.segmentation import Segmenter
from small_corpus import label_model, model, submissions

Arrays = dict[str, Any]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_model(model(), tmp_path / "模型")
    return tmp_path / "模型"


def edit_manifest(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    manifest = {**json.loads(path.read_text("utf-8")), **changes}
    path.write_text(json.dumps(manifest, ensure_ascii=False), "utf-8")


def put_weights(folder: Path, content: bytes) -> None:
    """Replace the weights and make the checksum agree, as an attacker would."""
    (folder / "weights.npz").write_bytes(content)
    edit_manifest(folder, weights_sha256=hashlib.sha256(content).hexdigest())


def edit_arrays(folder: Path, change: Callable[[Arrays], object]) -> None:
    with np.load(folder / "weights.npz") as stored:
        arrays: Arrays = dict(stored)
    change(arrays)
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=True, **arrays)
    put_weights(folder, buffer.getvalue())


def logits(some: Model) -> Any:
    titles, texts = [s.title for s in submissions()], [s.text for s in submissions()]
    cut = Segmenter().cut if some.scorer.segments else None
    X = some.scorer.weigh(hashing.extract(titles, texts, cut))
    return some.scorer.logits(X), X


# --- the round trip ---


@pytest.mark.parametrize("make", [model, label_model])
def test_a_loaded_model_says_what_the_saved_one_says(
    make: Callable[[], Model], tmp_path: Path
) -> None:
    saved = make()
    save_model(saved, tmp_path)
    loaded = load_model(tmp_path)
    assert loaded.scorer.heads == saved.scorer.heads
    assert loaded.scorer.codes == saved.scorer.codes
    assert loaded.scorer.segments == saved.scorer.segments
    assert (loaded.scorer.columns == saved.scorer.columns).all()
    assert (loaded.scorer.idf == saved.scorer.idf).all()
    before, X = logits(saved)
    after, _ = logits(loaded)
    for head in saved.scorer.heads:
        old, new = (m.scorer.probabilities(p, head) for m, p in ((saved, before), (loaded, after)))
        assert np.abs(old - new).max() < 0.03
        assert (old.argmax(axis=1) == new.argmax(axis=1)).mean() >= 0.99
    if saved.scorer.codes:
        old, new = (m.scorer.all_leaf_probabilities(X) for m in (saved, loaded))
        assert np.abs(old - new).max() < 0.03


def test_every_weight_is_within_half_a_quantisation_step(folder: Path) -> None:
    saved, loaded = model().scorer, load_model(folder).scorer
    step = np.abs(saved.weights).max(axis=0) / 127
    assert (np.abs(saved.weights - loaded.weights) <= step * 0.501 + 1e-9).all()
    for old, new in zip(saved.leaves, loaded.leaves, strict=True):
        assert (old.features == new.features).all()
        assert (old.intercept == new.intercept).all()
        step = np.abs(old.weights).max(axis=0, initial=0) / 127
        assert (np.abs(old.weights - new.weights) <= step * 0.501 + 1e-9).all()


def test_saving_a_loaded_model_changes_nothing_more(folder: Path, tmp_path: Path) -> None:
    loaded = load_model(folder)
    save_model(loaded, tmp_path / "again")
    again = load_model(tmp_path / "again")
    assert again.scorer.weights == pytest.approx(loaded.scorer.weights, rel=1e-5)
    assert {k: v for k, v in again.manifest.items() if k != "weights_sha256"} == {
        k: v for k, v in loaded.manifest.items() if k != "weights_sha256"
    }


def with_sentences() -> Model:
    rng, heads = np.random.default_rng(6), model().scorer.heads
    sentences = {
        head: SentenceHead(
            Linear(
                rng.normal(size=(DIMENSIONS, len(heads[head]))).astype(np.float32),
                rng.normal(size=len(heads[head])).astype(np.float32),
            ),
            words=0.625,
        )
        for head in ("stem", "department")
    }
    return replace(model(), scorer=replace(model().scorer, sentences=sentences))


def test_models_of_sentences_are_saved_to_the_last_digit(tmp_path: Path) -> None:
    saved = with_sentences().scorer.sentences
    save_model(with_sentences(), tmp_path)
    loaded = load_model(tmp_path).scorer.sentences
    assert list(loaded) == ["stem", "department"]
    for head, one in saved.items():
        found = loaded[head].linear
        assert loaded[head].words == one.words
        assert (found.coef == one.linear.coef).all()
        assert (found.intercept == one.linear.intercept).all()
        assert (found.coef.dtype, found.intercept.dtype) == (np.float32, np.float32)


def test_a_model_without_sentences_has_none_when_loaded(folder: Path) -> None:
    assert load_model(folder).scorer.sentences == {}
    with np.load(folder / "weights.npz") as stored:
        assert not [name for name in stored.files if name.startswith("sentence")]


@pytest.mark.parametrize("name", ["sentence_stem", "sentence_department"])
@pytest.mark.parametrize(
    "edit",
    [
        lambda name: change(name, lambda a: a[:-1]),
        lambda name: change(name, lambda a: a[:, :-1]),
        lambda name: change(name, lambda a: a.T),
        lambda name: change(name, lambda a: a.ravel()),
        lambda name: change(name, lambda a: np.full(a.shape, "停水")),
        lambda name: change(f"{name}_0", lambda a: a[:-1]),
        lambda name: change(f"{name}_0", lambda a: a[:, None]),
        lambda name: change(f"{name}_0", lambda a: np.append(a, 0)),
    ],
)
def test_models_of_sentences_of_a_wrong_shape_are_refused(
    tmp_path: Path, name: str, edit: Callable[[str], Callable[[Arrays], object]]
) -> None:
    save_model(with_sentences(), tmp_path)
    edit_arrays(tmp_path, edit(name))
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(tmp_path)


def test_a_pickle_in_a_model_of_sentences_does_not_run(tmp_path: Path) -> None:
    touched, folder = tmp_path / "touched", tmp_path / "模型"
    save_model(with_sentences(), folder)
    edit_arrays(folder, change("sentence_stem", lambda a: np.array([Touch(touched)], object)))
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)
    assert not touched.exists()


def test_the_manifest_is_readable_and_kept(folder: Path) -> None:
    text = (folder / "manifest.json").read_text("utf-8")
    assert "小样" in text and text.endswith("}\n")
    loaded = load_model(folder)
    assert (loaded.name, loaded.path, loaded.uses_taxonomy) == ("小样", folder, True)
    own = model().manifest["thresholds"]
    assert loaded.threshold("kind") == own["kind"]["0.95"]
    assert loaded.threshold("kind", 0.8) == own["kind"]["0.80"]
    assert loaded.threshold("urgent") == own["urgent"]
    assert loaded.threshold("从未有过") == 0.5


def test_saving_replaces_and_leaves_nothing_else_behind(folder: Path) -> None:
    save_model(label_model(), folder)
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "weights.npz"]
    assert load_model(folder).name == "自定"


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "文件").write_text("x")
    with pytest.raises(ModelError, match="无法写入模型文件夹"):
        save_model(model(), tmp_path / "文件" / "模型")


# --- damaged, foreign, hostile ---


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"找不到模型：.*没有 manifest\.json.*--model"):
        load_model(tmp_path / "没有")


@pytest.mark.parametrize(
    ("file", "message"),
    [("manifest.json", "找不到模型"), ("weights.npz", "模型不完整：.*缺少 weights")],
)
def test_a_missing_file_is_refused(folder: Path, file: str, message: str) -> None:
    (folder / file).unlink()
    with pytest.raises(ModelError, match=message):
        load_model(folder)


def test_tampered_weights_are_refused(folder: Path) -> None:
    content = bytearray((folder / "weights.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "weights.npz").write_bytes(content)
    with pytest.raises(ModelError, match=r"已损坏或被改动：模型/weights\.npz.*校验值不符"):
        load_model(folder)


@pytest.mark.parametrize("keep", [0, 100, -1])
def test_truncated_weights_are_refused(folder: Path, keep: int) -> None:
    content = (folder / "weights.npz").read_bytes()[:keep]
    (folder / "weights.npz").write_bytes(content)
    with pytest.raises(ModelError, match="校验值不符"):
        load_model(folder)
    put_weights(folder, content)
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        '"minyi-model"',
        "[" * 100_000,
        '{"format": "minyi-model"}',
        '{"format": "minyi-model", "format_version": "一"}',
        '{"format": "minyi-model", "format_version": null}',
        '{"format": "minyi-model", "format_version": Infinity}',
    ],
)
def test_a_manifest_that_is_no_manifest_is_refused(folder: Path, text: str) -> None:
    (folder / "manifest.json").write_text(text, "utf-8")
    with pytest.raises(ModelError, match="模型说明文件已损坏"):
        load_model(folder)


def test_a_truncated_manifest_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(ModelError, match="不是完整的 JSON"):
        load_model(folder)


def test_a_manifest_in_another_encoding_is_refused(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_bytes(path.read_text("utf-8").encode("gb18030"))
    with pytest.raises(ModelError, match="模型说明文件已损坏"):
        load_model(folder)


def test_foreign_json_is_refused(folder: Path) -> None:
    edit_manifest(folder, format="transformers")
    with pytest.raises(ModelError, match="不是 minyi 的模型"):
        load_model(folder)


@pytest.mark.parametrize("version", [0, FORMAT_VERSION - 1, FORMAT_VERSION + 1, 99])
def test_another_format_version_is_refused(folder: Path, version: int) -> None:
    edit_manifest(folder, format_version=version)
    with pytest.raises(ModelError, match=f"格式版本是 {version}.*请升级 minyi"):
        load_model(folder)


def drop(name: str) -> Callable[[Arrays], object]:
    return lambda arrays: arrays.pop(name)


def change(name: str, how: Callable[[Any], Any]) -> Callable[[Arrays], object]:
    return lambda arrays: arrays.update({name: how(arrays[name])})


@pytest.mark.parametrize(
    "edit",
    [
        drop("columns"),
        drop("weights"),
        drop("intercept"),
        drop("leaf_weights"),
        change("columns", lambda a: a[:-1]),
        change("columns", lambda a: a[::-1]),
        change("columns", lambda a: a - a[0] - 1),
        change("columns", lambda a: a + 2**21),
        change("columns", lambda a: a[:, None]),
        change("idf", lambda a: a[:-1]),
        change("idf", lambda a: np.array(["停水"] * len(a))),
        change("weights", lambda a: a[:, :-1]),
        change("weights", lambda a: a.ravel()),
        change("weights", lambda a: a.astype(str)[:, :1]),
        change("scale", lambda a: a[:-1]),
        change("intercept", lambda a: a[:-1]),
        change("leaf_counts", lambda a: a + 1),
        change("leaf_counts", lambda a: a[:-1]),
        change("leaf_features", lambda a: a + 10**6),
        change("leaf_features", lambda a: a - 10**6),
        change("leaf_weights", lambda a: a[:-1]),
        change("leaf_intercept", lambda a: a[:-1]),
    ],
)
def test_wrong_arrays_under_a_right_checksum_are_refused(
    folder: Path, edit: Callable[[Arrays], object]
) -> None:
    edit_arrays(folder, edit)
    with pytest.raises(
        ModelError, match=r"模型内容不符合格式：模型/weights\.npz.*请重新训练或复制"
    ):
        load_model(folder)


@pytest.mark.parametrize(
    "changes",
    [
        {"labels": {}},
        {"labels": []},
        {"labels": None},
        {"labels": {"stem": ["0102"]}},
        {"labels": {"category": "停水"}},
        {"codes": ["010204"]},
        {"codes": None},
        {"codes": 7},
    ],
)
def test_wrong_labels_are_refused(folder: Path, changes: dict[str, Any]) -> None:
    edit_manifest(folder, **changes)
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)


def test_labels_out_of_order_are_refused(folder: Path) -> None:
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["labels"]["kind"].reverse()
    edit_manifest(folder, labels=manifest["labels"])
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)


class Touch:
    """Unpickled, it makes a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def test_the_trap_of_these_tests_would_go_off(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Touch(tmp_path / "touched")))
    assert (tmp_path / "touched").is_dir()


@pytest.mark.parametrize("name", ["columns", "idf", "weights", "scale", "leaf_counts", "还有一个"])
def test_a_pickle_inside_the_weights_is_refused_and_does_not_run(folder: Path, name: str) -> None:
    touched = folder.parent / "touched"
    edit_arrays(folder, lambda arrays: arrays.update({name: np.array([Touch(touched)], object)}))
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)
    assert not touched.exists()


def test_a_pickle_in_place_of_the_weights_is_refused_and_does_not_run(folder: Path) -> None:
    touched = folder.parent / "touched"
    put_weights(folder, pickle.dumps(Touch(touched)))
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)
    assert not touched.exists()


def test_a_single_array_in_place_of_the_weights_is_refused(folder: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.ones(3))
    put_weights(folder, buffer.getvalue())
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)


def test_a_damaged_compressed_archive_is_refused(folder: Path) -> None:
    with np.load(folder / "weights.npz") as stored:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **stored)
    content = bytearray(buffer.getvalue())
    content[200:400] = bytes(200)
    put_weights(folder, bytes(content))
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)


def test_an_array_that_claims_to_be_larger_than_memory_is_refused(folder: Path) -> None:
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": "<f4", "fortran_order": False, "shape": (2**50,)}
    )
    with zipfile.ZipFile(folder / "weights.npz") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    members["idf.npy"] = header.getvalue()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    put_weights(folder, buffer.getvalue())
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)


def test_an_archive_that_expands_beyond_measure_is_refused(folder: Path) -> None:
    with (
        zipfile.ZipFile(
            folder / "weights.npz", "a", zipfile.ZIP_DEFLATED, compresslevel=1
        ) as archive,
        archive.open("bomb.npy", "w", force_zip64=True) as entry,
    ):
        for _ in range(33):
            entry.write(bytes(2**24))
    put_weights(folder, (folder / "weights.npz").read_bytes())
    with pytest.raises(ModelError, match="不符合格式"):
        load_model(folder)


def test_weights_compressed_by_someone_else_still_load(folder: Path) -> None:
    with np.load(folder / "weights.npz") as stored:
        buffer = io.BytesIO()
        np.savez_compressed(buffer, **stored)
    put_weights(folder, buffer.getvalue())
    assert load_model(folder).name == "小样"
