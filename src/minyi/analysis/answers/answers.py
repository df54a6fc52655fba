"""What one reply says: which of its sentences are courtesy, and what, who, when and why is in them.

A reply is read by its form alone, clause by clause. Greetings, thanks, receipts (留言已收悉),
forwardings (已转有关部门), the repeated title and the date of signing are courtesy: they would
fit any submission. The rest is its substance, and only there a finding or a step, a time and a
reason count. A body that is named counts wherever it stands: who is told 已转市编办 knows whom to
ask.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;]?|\n")
_CLAUSE = re.compile(r"[^，,。！？!?；;：:\n]+")
_WHO_IS_ASKED = r"(?:网友|网民|市民|群众|来信人?|同志|朋友|家长|先生|女士|业主|居民)"
_DIGIT = r"[\d一二三四五六七八九十]"
_DATE = (
    rf"(?:\d{{4}}|[二〇零一三四五六七八九]{{4}})[年.-]\s?{_DIGIT}{{1,3}}[月.-]\s?{_DIGIT}{{1,3}}日?"
)
_COURTESY = re.compile(
    rf"^\W*(?:尊敬的|亲爱的|广大|平台)?.{{0,14}}{_WHO_IS_ASKED}.{{0,22}}$"
    r"|[您你]们?好$"
    r"|收悉|已阅$|已收到|(?:已经?|现已)收到"
    r"|(?:回复|答复|反馈|解释|说明|汇报|汇总|处理结果|情况)如下"
    r"|感谢|谢谢|致谢|多谢|祝[您你]|此致|敬礼|敬请|特此|抱歉|见谅|谅解"
    r"|高度重视|十分重视|非常重视|第一时间安排"
    r"|[转交](?:给|至|由|有|相|市|县|区|省|到|办|送|请)?.{0,24}(?:处理|核实|办理|答复|调查|核查|调处|办复|反馈|部门|单位|知悉)"
    r"|已(?:转|交|转交|批转|移交).{0,20}[局委办厅站处会所中心党委政府]$"
    r"|(?:及时|尽快|予以)(?:向[您你])?(?:回复|答复|反馈)|后续(?:回复|答复)"
    r"|欢迎.{0,20}(?:监督|意见|建议|关注|来电|致电|咨询)|宝贵意见|一如既往|竭诚|热忱"
    r"|如(?:果|有|您|需|还|对).{0,24}(?:疑问|不明|不满意|不服|其他|其它|新的|相关)"
    r"|以上(?:是|回复|答复|意见)|请?(?:直接)?(?:与|和).{0,14}联系|联系(?:电话|方式|人)|咨询(?:电话|热线)"
    rf"|^\W*(?:\w{{2,24}}[局委办厅会府处室中心站队司])?\W*{_DATE}\W*$|^[\W\d]*$"
)
_QUOTES = re.compile(
    r"反映|咨询|投诉|举报|留言|来信|来帖|帖|提出|提到|所提|关于|对于|针对|问题|一事|事宜|情况"
)
_QUOTED = 0.6  # of the pairs of characters of the title: the clause repeats it
_LEAST_QUOTED = 8

_STEP = re.compile(
    r"经.{0,24}(?:查|核|调|了解|勘|研究|协商|沟通|联系|统计|研判|论证)|已|将|正在|拟|责令|责成|督促|要求|整改|修复|修建|[检抢维]修|更换|换[新好成]|清理|安排|计划|规划|列入|纳入|制定"
    r"|组织|开展|实施|完成|启动|加强|协调|争取|落实|解决|办理|发放|停止|拆除|处罚|约谈|增设|规定|标准|可以?|应当?|需|属于?|是|为|有|没有|无|未|不"
)
_REFUSAL = re.compile(
    r"(?:不属|非).{0,8}(?:职权|职责|职能|范围|范畴|管辖|受理)|无法(?:进行|开展|予以)?(?:调查|核实|查证|答复|回复|处理)|请(?:向|到|您向|你向).{0,20}(?:部门|单位)?(?:反映|提出|咨询)"
)
_BODY_END = (
    r"(?:局|委员会|居委会|村委会|管委会|业委会|卫健委|发改委|住建委|[市县区省]委|编办|街道(?:办(?:事处)?)?|办事处|办公室|指挥部|领导小组|派出所|公安机关|交警|大队|支队|中队|服务站|管理站|卫生院|医院|保健院"
    r"|[^\W\d_]{2}(?:所|站|处|厅|部|院)(?![有谓以述长内点的理置罚分门于])|管理处|管理所|监察队|执法队|中心(?!城|线|思|区|位)|公司|集团|[镇乡县区市省]政府|政府|党委|党支部|支村两委|村支两委|物业|学校|中学|小学|幼儿园|银行|部门)"
)
_BODY = re.compile(rf"[^\W_]{{1,12}}?{_BODY_END}")
_NOBODY = re.compile(
    r"(?:我|本|该|贵|各|有关|相关|其他|其它|上级|职能|主管|责任|各级|全局|当局|结局|布局|格局|县局|市局|什么|哪个|等)(?:[县区市省镇乡])?"
    r"(?:局|委|办|办公室|部门|单位|职能部门|政府|公司|院|校|站|所|处|中心|大队|支队|街道|党委)$"
)
_WHEN = re.compile(
    r"(?:(?:20\d\d|今|明|去|本|当|近)年)(?:\d{1,2}月(?:\d{1,2}[日号]|底|初|份|中旬|上旬|下旬)?|底|初|内|上半年|下半年|春节|[一二三四]季度)?"
    r"|(?<!\d)\d{1,2}月(?:\d{1,2}[日号]|底|初|份|中旬|上旬|下旬|前|以前|开始|左右)"
    r"|(?:\d+|[一二两三四五六七八九十]+)个?(?:工作日|月内|天内|日内|小时内|周内)|工期"
    r"|(?:本|下|上)(?:周|月|个月|季度)|(?:月|年)底|年内|(?:当|次|昨|今|明)[日天]|(?<!\d)\d{1,2}[日号](?:上午|下午|前|晚|起)?"
    r"|满一年后|春节前后?|国庆前后?|暑假|寒假|开学前|[上下]半年|自?20\d\d年(?:以来|起|开始)"
)
_CITING = re.compile(
    r"根据|按照|依照|依据|印发|颁布|出台|成立于|规定|文件|《|〔|﹝|法律|条例|第[一二三四五六七八九十百\d]+条"
)
_YEAR = re.compile(r"(?<!\d)((?:19|20)\d\d)(?!\d)")
_DOING = re.compile(
    r"将|前|后(?!来)|起|完|工|预计|力争|争取|计划|已|现场|联系|组织|调查|下发|责令|整改|实施|启动|到位|建成|办理|修|约谈|走访|查|回复|公布|推出"
    r"|营业|开放|投入|开通|解决|发放|核实|收到|召开|签|拆|征|派|前往|赴|协商|约|批|报|处理"
)
_LONGEST_DATE = 14  # characters of a clause that holds a date and no more
_CONDITION = re.compile(r"\W*(?:如|若|建议)")
_REASON = re.compile(
    r"《[^》]{4,}》|[〔﹝\[]\d{4}[〕﹞\]]|\d号文|根据|按照|依照|依据|依法依规|规定|政策|条例|文件精神|有关要求|国家标准|标准|法律途径"
    r"|(?<![原基])因(?![此而])|由于|鉴于|原因|考虑到?|为了|为(?:确保|保证|保障|避免|方便|加强|规范)|不符合?|符合|属于?(?!实)|不属|导致|致使|造成|难以|尚未|无法|不具备|条件|需要?经?审批|受.{1,12}影响"
)
_LEAST_SUBSTANCE = 16  # characters; shorter replies say nothing that could be acted on
_MASKS = re.compile(r"[*\s]+|https?://\S+")


class Answer(NamedTuple):
    """What a reply says.

    Attributes
    ----------
    substance : str
        Its clauses that are no courtesy, joined by blanks.
    what, who, when, reason : str
        The first sentence that says it, as it was written; empty where none does.
    """

    substance: str
    what: str
    who: str
    when: str
    reason: str


def read_answer(reply: str, title: str = "", bodies: Iterable[str] = ()) -> Answer:
    """Read one reply.

    Parameters
    ----------
    reply : str
    title : str
        Of the submission: where the reply only repeats it, nothing is said.
    bodies : iterable of str
        Names of departments that the office knows, on top of the forms of such names.

    Returns
    -------
    Answer

    Examples
    --------
    >>> answer = read_answer("您好！留言已收悉。因水管老化，县自来水公司将于3月10日前更换。谢谢！")
    >>> answer.substance
    '因水管老化 县自来水公司将于3月10日前更换'
    >>> answer.when
    '因水管老化，县自来水公司将于3月10日前更换。'
    >>> read_answer("您好！您反映的问题已转有关部门处理，感谢您的留言。").what
    ''
    """
    newest = max(map(int, _YEAR.findall(reply)), default=0)
    sentences = [match[0].strip() for match in _SENTENCE.finditer(reply) if match[0].strip()]
    told = [(sentence, list(_substance(sentence, title))) for sentence in sentences]
    substance = " ".join(clause for _, clauses in told for clause in clauses)
    if len(_MASKS.sub("", substance)) < _LEAST_SUBSTANCE:
        told = []
    listed = tuple(bodies)
    return Answer(
        substance,
        what=_first(told, lambda _, clauses: any(map(_is_step, clauses))),
        who=next((one for one in sentences if _names_body(one, listed)), ""),
        when=_first(told, lambda one, clauses: _time_of_doing(one, clauses, newest)),
        reason=_first(told, lambda _, clauses: any(map(_is_reason, clauses))),
    )


def _substance(sentence: str, title: str) -> Iterator[str]:
    for clause in _CLAUSE.findall(sentence):
        if not _COURTESY.search(clause) and not _repeats(clause, title):
            yield clause.strip()


def _repeats(clause: str, title: str) -> bool:
    pairs = _pairs(title)
    if len(clause) < _LEAST_QUOTED or len(pairs) < 4:
        return False
    shared = len(pairs & _pairs(clause)) / len(pairs)
    return shared >= _QUOTED and bool(_QUOTES.search(clause))


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _first(
    told: Sequence[tuple[str, list[str]]], says: Callable[[str, Sequence[str]], bool]
) -> str:
    return next((sentence for sentence, clauses in told if says(sentence, clauses)), "")


def _is_step(clause: str) -> bool:
    return len(clause) >= 4 and bool(_STEP.search(clause)) and not _REFUSAL.search(clause)


def _is_reason(clause: str) -> bool:
    return bool(_REASON.search(clause)) and not _CONDITION.match(clause)


def _time_of_doing(sentence: str, clauses: Sequence[str], newest: int) -> bool:
    """Tell whether a time of doing something stands there, not of a rule or of history."""
    for clause in clauses:
        times = [match[0] for match in _WHEN.finditer(clause)]
        years = [int(year) for year in _YEAR.findall(" ".join(times))]
        if not times or _CITING.search(clause) or any(year < newest - 1 for year in years):
            continue
        if _DOING.search(sentence if len(clause) <= _LONGEST_DATE else clause):
            return True
    return False


def _names_body(sentence: str, bodies: Sequence[str]) -> bool:
    if any(body in sentence for body in bodies):
        return True
    return any(not _NOBODY.search(match[0]) for match in _BODY.finditer(sentence))
