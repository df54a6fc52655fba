"""The shapes of requests and answers; the latter describe, they are not run on the way out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from minyi.schema import KINDS

MOST_ALTERNATIVES = 3
_TEXT = "村里的路灯坏了半年，晚上老人出门摔跤，没人来修"
_TIME, _PLACE = "2026-03-02", "城关镇"


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(_Request):
    """一条意见。"""

    text: str = Field(description="正文，原样提交即可", examples=[_TEXT])
    title: str = Field("", description="标题", examples=["路灯坏了"])
    time: str = Field("", description="提交时间，用来推算办理期限", examples=[_TIME])
    place: str = Field("", description="来源地点，用来判断属地", examples=[_PLACE])


_TopK = Annotated[int, Field(ge=0, le=MOST_ALTERNATIVES, description="最多给几个备选类别")]


class ClassifyRequest(Item):
    """一条意见，和要几个备选类别。"""

    top_k: _TopK = MOST_ALTERNATIVES


class BatchRequest(_Request):
    """多条意见；每项可以是文字，也可以是带标题、时间、地点的对象。"""

    items: list[Item | str] = Field(
        description="意见，按顺序返回结果",
        min_length=1,
        examples=[[_TEXT, {"text": "建议增设公交"}]],
    )
    top_k: _TopK = MOST_ALTERNATIVES


class Alternative(BaseModel):
    """一个备选类别。"""

    code: str = Field(examples=["0107"])
    category: str
    score: float


class ClassifyResponse(BaseModel):
    """一条意见的分类与分办结果；字段与结果表的英文列名一致。"""

    kind: str = Field(description="诉求类型：" + "、".join(KINDS) + "；无法判断时为空")
    kind_score: float | None = Field(description="0 到 1")
    category_code: str
    category: str = Field(description="类别的完整路径")
    level1: str
    level2: str
    level3: str
    score: float | None = Field(description="类别得分，0 到 1")
    alternatives: list[Alternative]
    department: str = Field(description="主办部门")
    co_departments: list[str] = Field(description="协办部门")
    department_reason: str = Field(description="分办依据")
    urgent: bool
    deadline: date | None = Field(description="办理期限")
    place: str = Field(description="属地")
    evidence: list[str] = Field(description="决定类别的词，作用大的在前")
    needs_review: bool = Field(description="是否需要人看一遍")
    review_reason: str
    row_status: Literal["正常", "空白", "无法识别", "出错"]
    row_error: str
    department_score: float | None


class ProblemField(BaseModel):
    """哪个字段不对，应是什么。"""

    field: str
    message: str


class ProblemDocument(BaseModel):
    """RFC 9457 问题说明。"""

    type: str = Field(examples=["urn:minyi:problem:invalid"])
    title: str
    status: int
    detail: str
    instance: str | None = Field(None, description="本次请求的编号，可在日志里查到")
    errors: list[ProblemField] | None = None


class ItemError(BaseModel):
    """这一项为什么没有结果。"""

    title: str
    detail: str
    errors: list[ProblemField] = Field(default_factory=list)


class ItemResponse(BaseModel):
    """一项的结果，或它自己的错误；两者有一个为空。"""

    index: int = Field(description="在请求中的位置，从 0 起")
    result: ClassifyResponse | None
    error: ItemError | None


class BatchResponse(BaseModel):
    """按请求顺序的结果。"""

    n_results: int
    n_errors: int
    results: list[ItemResponse]


class TaskParameters(BaseModel):
    """Hugging Face 文本分类任务的参数；其余参数不起作用。"""

    model_config = ConfigDict(extra="ignore", frozen=True)
    top_k: int | None = Field(None, ge=1, le=1000, description="最多给几个标签；不给时为全部")


class TaskRequest(BaseModel):
    """与 Hugging Face 文本分类任务相同的请求。"""

    model_config = ConfigDict(extra="ignore", frozen=True)
    inputs: str | Annotated[list[str], Field(min_length=1)] = Field(examples=[_TEXT])
    parameters: TaskParameters | None = None


class Label(BaseModel):
    """一个标签和它的得分。"""

    label: str = Field(description="类别的完整路径")
    score: float


class Progress(BaseModel):
    """做到哪里了；总行数未知时 total 为 0。"""

    done: int
    total: int


class JobResponse(BaseModel):
    """一个作业。"""

    id: str
    state: Literal["waiting", "running", "done", "failed", "cancelled"]
    state_name: str = Field(description="等待中、处理中、已完成、失败、已取消")
    filename: str
    progress: Progress
    counts: dict[str, Any] = Field(
        description="完成后的计数：n_rows、n_review、n_urgent、statuses、notes"
    )
    message: str = Field(description="失败的原因")
    attempts: int
    created: datetime
    started: datetime | None
    finished: datetime | None
    links: dict[str, str]


class FeedbackRequest(_Request):
    """一条更正：对已存的意见给 submission_id，否则给正文。"""

    submission_id: int | None = Field(None, ge=1, le=2**53, description="库中意见的编号")
    item: Item | None = Field(None, description="没有编号时，意见本身")
    target: Literal["category", "department", "kind", "urgent", "accepted"] = Field(
        description="更正哪一项；accepted 表示看过，结果无误"
    )
    value: str = Field(
        "", max_length=200, description="正确的值；urgent、accepted 为“是”或“否”", examples=["投诉"]
    )
    who: str = Field("", max_length=100, description="谁更正的")
    why: str = Field("", max_length=1000, description="理由")


class FeedbackResponse(BaseModel):
    """记下的更正。"""

    id: int
    submission_id: int
    target: str
    before: str
    value: str
    who: str
    at: datetime


class CategoryResponse(BaseModel):
    """一个类别。"""

    code: str
    parent: str
    level: int
    name: str
    path: list[str]
    description: str


class TaxonomyResponse(BaseModel):
    """全部类别，上级在前。"""

    categories: list[CategoryResponse]


class DepartmentResponse(BaseModel):
    """一个部门。"""

    code: str
    name: str
    kind: str
    remit: str


class DepartmentsResponse(BaseModel):
    """本单位的部门。"""

    departments: list[DepartmentResponse]


class ModelResponse(BaseModel):
    """正在使用的模型。"""

    name: str
    version: int | None = Field(description="库中的模型版本；自带模型为空")
    date: str
    scheme: Literal["taxonomy", "labels"]
    targets: list[str]
    thresholds: dict[str, float] = Field(description="低于它就需要人看；类别按层级分别给出")
    precision: float
    uses_encoder: bool = Field(description="是否使用语义编码器")
    program: str = Field(description="程序版本")


class HealthResponse(BaseModel):
    """服务状态。"""

    status: Literal["ok", "starting", "unavailable"]
    checks: dict[str, bool] = Field(default_factory=dict)
