"""What categories and departments there are, and which model decides."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import Response

from minyi import review
from minyi.domain.taxonomy import load_taxonomy
from minyi.pipeline import Minyi
from minyi.service import schemas
from minyi.service.classifying import Loaded
from minyi.service.core import Service
from minyi.service.openapi import problems
from minyi.service.results import Json
from minyi.version import __version__

_LEVELS = {f"level{level}": "0" * 2 * level for level in (1, 2, 3)}  # any code of that length
_HEADS = ("kind", "department", "urgent")


def router(service: Service) -> APIRouter:
    """Return the paths that tell of categories, departments and the model."""
    paths = APIRouter(tags=["说明"])

    @paths.get(
        "/v1/taxonomy",
        summary="类别体系",
        responses={200: {"model": schemas.TaxonomyResponse}, **problems()},
    )
    async def taxonomy() -> Response:
        return Json({"categories": _categories(service.loaded.minyi)})

    @paths.get(
        "/v1/departments",
        summary="本单位的部门",
        responses={200: {"model": schemas.DepartmentsResponse}, **problems()},
    )
    async def departments() -> Response:
        known = service.loaded.minyi.office.departments.values()
        found = [{"code": d.code, "name": d.name, "kind": d.kind, "remit": d.remit} for d in known]
        return Json({"departments": found})

    @paths.get(
        "/v1/model",
        summary="正在使用的模型",
        responses={200: {"model": schemas.ModelResponse}, **problems()},
    )
    async def model() -> Response:
        return Json(_about(service.loaded))

    return paths


def _categories(minyi: Minyi) -> list[dict[str, Any]]:
    """Return the categories in use, of the scheme or of an office's own labels."""
    if not minyi.model.uses_taxonomy:
        labels = minyi.model.scorer.heads["category"]
        return [
            {"code": "", "parent": "", "level": 1, "name": n, "path": [n], "description": ""}
            for n in labels
        ]
    scheme = load_taxonomy()
    return [
        {
            "code": code,
            "parent": category.parent,
            "level": category.level,
            "name": category.label,
            "path": list(scheme.path(code)),
            "description": category.description,
        }
        for code, category in scheme.items()
        if minyi.office.uses(code)
    ]


def _about(loaded: Loaded) -> dict[str, Any]:
    minyi = loaded.minyi
    model, office = minyi.model, minyi.office
    has_levels = model.uses_taxonomy
    asked = {**({n: ("category", c) for n, c in _LEVELS.items()} if has_levels else {})}
    asked |= {name: (name, "") for name in (*(() if has_levels else ("category",)), *_HEADS)}
    return {
        "name": model.name,
        "version": loaded.version,
        "date": str(model.manifest.get("date", "")),
        "scheme": "taxonomy" if has_levels else "labels",
        "targets": [t for t in ("category", *_HEADS) if model.scorer.has(t)],
        "thresholds": {
            name: round(review.threshold(model, office, target, code), 4)
            for name, (target, code) in asked.items()
        },
        "precision": office.precision,
        "uses_encoder": loaded.uses_encoder,
        "program": __version__,
    }
