"""Save and load model folders: a manifest and weights that run no code when loaded."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minyi.errors import ModelError
from minyi.learning.hashing import N_COLUMNS
from minyi.learning.hierarchy import Hierarchy
from minyi.learning.scoring import LeafModel, Linear, Scorer, SentenceHead
from minyi.learning.sentences import DIMENSIONS
from minyi.schema import PRECISION

FORMAT = "minyi-model"
FORMAT_VERSION = 2  # 2: blocks of features have different lengths
MANIFEST, WEIGHTS = "manifest.json", "weights.npz"
_LARGEST = 512 * 2**20  # bytes of weights; a model is a few megabytes
_Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Model:
    """A scorer and what is known about it.

    Attributes
    ----------
    scorer : Scorer
    manifest : mapping
        name, scheme (``taxonomy`` or ``labels``), thresholds, metrics, data, command, date,
        versions.
    path : Path or None
        The folder it was loaded from.
    """

    scorer: Scorer
    manifest: Mapping[str, Any] = field(default_factory=dict)
    path: Path | None = None

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.manifest.get("name", ""))

    @property
    def uses_taxonomy(self) -> bool:
        """Whether the categories are codes of the taxonomy."""
        return bool(self.manifest.get("scheme", "taxonomy") == "taxonomy")

    def threshold(self, target: str, precision: float = PRECISION) -> float:
        """Return the score from which `target` is right at the stated precision.

        Parameters
        ----------
        target : str
            A target, or ``level``: whether to go one level further down.
        precision : float
            One of `PRECISIONS`.
        """
        own = self.manifest.get("thresholds", {}).get(target, 0.5)
        return float(own.get(f"{precision:.2f}", 1.0) if isinstance(own, Mapping) else own)


def save_model(model: Model, folder: Path) -> None:
    """Write a model folder; an existing one is replaced file by file, the manifest last."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / WEIGHTS, lambda path: _write_arrays(path, _arrays(model.scorer)))
        manifest = {
            "format": FORMAT,
            "format_version": FORMAT_VERSION,
            **model.manifest,
            "segments": model.scorer.segments,
            "labels": {name: list(classes) for name, classes in model.scorer.heads.items()},
            "codes": list(model.scorer.codes),
            "weights_sha256": _sha256(folder / WEIGHTS),
        }
        text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
        _replace(folder / MANIFEST, lambda path: path.write_text(text, "utf-8", newline="\n"))
    except OSError as error:
        raise ModelError(f"无法写入模型文件夹 {folder}：{error.strerror}。请换一个位置。") from None


def load_model(folder: Path) -> Model:
    """Read a model folder without executing anything in it.

    Raises
    ------
    ModelError
        When it is missing, truncated, altered since it was saved, or of a newer format.
    """
    manifest = _read_manifest(folder)
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise ModelError(f"模型不完整：{folder} 里缺少 {WEIGHTS}。请重新复制整个文件夹。")
    if weights.stat().st_size > _LARGEST or _sha256(weights) != manifest.get("weights_sha256"):
        raise ModelError(
            f"模型已损坏或被改动：{folder.name}/{WEIGHTS} 与 {MANIFEST} 记录的校验值不符。"
            "请从可信来源重新复制。"
        )
    try:
        scorer = _scorer(_read_arrays(weights), manifest)
    except Exception:  # numpy, zipfile and zlib fail in many ways on bytes of a stranger
        raise ModelError(
            f"模型内容不符合格式：{folder.name}/{WEIGHTS} 缺少必需的数组或形状不符。"
            "请重新训练或复制。"
        ) from None
    return Model(scorer, manifest, folder)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.is_file():
        raise ModelError(f"找不到模型：{folder} 里没有 {MANIFEST}。请检查 --model 的路径。")
    try:
        manifest = json.loads(path.read_text("utf-8"))
        known = manifest["format"] == FORMAT
        version = int(manifest["format_version"])
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        raise ModelError(f"模型说明文件已损坏：{path} 不是完整的 JSON。请重新复制。") from None
    if not known:
        raise ModelError(f"{path} 不是 minyi 的模型（format 应为 {FORMAT}）。")
    if version != FORMAT_VERSION:
        raise ModelError(
            f"模型格式版本是 {version}，本程序只认 {FORMAT_VERSION}："
            "请升级 minyi，或用本版重新训练。"
        )
    return dict(manifest)


def _arrays(scorer: Scorer) -> _Arrays:
    quantised, scale = _quantise(scorer.weights)
    arrays: _Arrays = {
        "columns": scorer.columns.astype(np.int32),
        "idf": scorer.idf.astype(np.float32),
        "weights": quantised,
        "scale": scale,
        "intercept": scorer.intercept.astype(np.float32),
    }
    for head, sentence in scorer.sentences.items():
        arrays[f"sentence_{head}"] = sentence.linear.coef
        arrays[f"sentence_{head}_0"] = np.append(sentence.linear.intercept, sentence.words)
    if scorer.codes:
        leaves = [(leaf, *_quantise(leaf.weights)) for leaf in scorer.leaves]
        arrays |= {
            "leaf_counts": np.array([len(leaf.features) for leaf, _, _ in leaves], np.int32),
            "leaf_features": np.concatenate([leaf.features for leaf, _, _ in leaves]).astype(
                np.int32
            ),
            "leaf_weights": np.concatenate([weights.ravel() for _, weights, _ in leaves]),
            "leaf_scale": np.concatenate([scale for _, _, scale in leaves]),
            "leaf_intercept": np.concatenate([leaf.intercept for leaf, _, _ in leaves]),
        }
    return arrays


def _quantise(weights: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Store a byte a weight, with one scale a column (see benchmarks/model_size.py)."""
    largest = np.abs(weights).max(axis=0, initial=1e-12)
    scale = (largest / 127).astype(np.float32)
    return np.rint(weights / scale).astype(np.int8), scale


def _scorer(arrays: _Arrays, manifest: Mapping[str, Any]) -> Scorer:
    weights = arrays["weights"].astype(np.float32)
    weights *= arrays["scale"]
    columns = arrays["columns"].astype(np.int64)
    idf, intercept = (arrays[name].astype(np.float32) for name in ("idf", "intercept"))
    heads = {name: tuple(classes) for name, classes in manifest["labels"].items()}
    codes = tuple(manifest["codes"])
    if not (len(columns) == len(idf) == len(weights)) or (np.diff(columns) <= 0).any():
        raise ValueError("features")
    if columns.ndim != 1 or columns[0] < 0 or columns[-1] >= N_COLUMNS or idf.ndim != 1:
        raise ValueError("columns")
    if not heads or any(list(names) != sorted(set(names)) for names in [*heads.values(), codes]):
        raise ValueError("labels")
    if codes and list(heads["stem"]) != Hierarchy(codes).stems:
        raise ValueError("stems")
    if not (weights.shape[1] == len(intercept) == sum(map(len, heads.values()))):
        raise ValueError("heads")
    leaves = _leaves(arrays, codes, len(columns)) if codes else ()
    sentences = {head: _sentences(arrays, head, names) for head, names in heads.items()}
    known = {head: linear for head, linear in sentences.items() if linear is not None}
    segments = bool(manifest["segments"])
    return Scorer(columns, idf, weights, intercept, heads, codes, leaves, segments, known)


def _sentences(arrays: _Arrays, head: str, names: Sequence[str]) -> SentenceHead | None:
    coef, intercept = arrays.get(f"sentence_{head}"), arrays.get(f"sentence_{head}_0")
    if coef is None or intercept is None:
        return None
    if coef.shape != (DIMENSIONS, len(names)) or intercept.shape != (len(names) + 1,):
        raise ValueError("sentences")
    linear = Linear(coef.astype(np.float32), intercept[:-1].astype(np.float32))
    return SentenceHead(linear, float(intercept[-1]))


def _leaves(arrays: _Arrays, codes: tuple[str, ...], n_features: int) -> list[LeafModel]:
    used = arrays["leaf_features"]
    if used.min(initial=0) < 0 or used.max(initial=0) >= n_features:
        raise ValueError("leaf features")
    models = []
    feature = weight = output = 0
    for count, names in zip(arrays["leaf_counts"], Hierarchy(codes).leaves, strict=True):
        n_features, n_leaves = int(count), len(names)
        end = weight + n_features * n_leaves
        block = arrays["leaf_weights"][weight:end].reshape(n_features, n_leaves)
        outputs = slice(output, output + n_leaves)
        models.append(
            LeafModel(
                arrays["leaf_features"][feature : feature + n_features].astype(np.int64),
                block.astype(np.float32) * arrays["leaf_scale"][outputs],
                arrays["leaf_intercept"][outputs],
            )
        )
        feature, weight, output = feature + n_features, end, outputs.stop
    if weight != len(arrays["leaf_weights"]) or output != len(arrays["leaf_intercept"]):
        raise ValueError("leaves")
    return models


def _write_arrays(path: Path, arrays: _Arrays) -> None:
    with path.open("wb") as file:  # a file, not a name: numpy would add .npz to the name
        np.savez(file, allow_pickle=False, **arrays)


def _read_arrays(path: Path) -> _Arrays:
    with zipfile.ZipFile(path) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
            raise ValueError("expanded size")
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _replace(path: Path, write: Any) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        write(temporary)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
