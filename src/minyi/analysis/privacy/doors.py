"""Doors, rooms and groups of a village in free text: what comes below the name of a place."""

from __future__ import annotations

import re

_NUMBER = r"(?:[0-9０-９]{1,5}|[一二三四五六七八九十百零〇]{1,4}|[A-Za-zＡ-Ｚ][0-9]{0,4})"
_SOME = "某"
# 3栋2单元1201室, 附31栋, B2栋, 7号楼; a floor only behind a house: 住三楼 tells nobody.
_HOUSE = re.compile(
    rf"附?{_NUMBER}(?=(?:号楼|栋(?![栋梁])|幢|单元(?!房|楼门)"
    r"|室(?![内外友温])|号房(?!屋|间数)|号门面|号铺|号商铺|号院|号户|号附))"
)
_FLOOR = re.compile(rf"(?<=[栋幢楼元座])[ ,，-]?{_NUMBER}(?=[楼层户室]|$|[^\w])")
_ROOM = re.compile(r"(?<=[栋幢楼元座号院])[ -]?\d{3,4}(?!\d|[元年户人个米平㎡])(?:-\d{1,4})?")
# 幸福小区3-2-1201, 3-1201室
_DASHED = re.compile(r"(?<![\d-])[A-Za-z]?\d{1,3}(?:[-－—]\d{1,4}){1,3}(?=[室房户号]|栋|单元)")
_AFTER_NAME = re.compile(
    r"(?<=[区苑园寓城湾府庭院里])[A-Za-z]?\d{1,3}(?:[-－—]\d{1,4}){1,3}(?![\d年月])"
)
# A number of a door stands behind a place; others do not: 5号线, 15号文件, 12月5号.
_ROAD = re.compile(
    rf"(?<=[路街巷弄道里村组区园寓坊岭冲湾坪塘营]){_NUMBER}(?:[-－—附]\d{{1,3}})?(?=号(?!线|文|令|公告|桥|井|台|机|码|坑))"
)
_LARGE = re.compile(
    r"(?<![\d月第)）〕】\]字发号至-])(?:3[2-9]|[4-9]\d|[1-9]\d{2,3})(?=号(?!线|文|令|公告|桥|井|台|机|码|坑|段|国道|省道|公路|信箱|信访))"
)
_GROUP = re.compile(rf"(?<=[村区居委]){_NUMBER}(?=(?:村民小组|小组|组|队)(?![织建装成合]))")
_GROUP_ALONE = re.compile(rf"(?<!\w){_NUMBER}(?=(?:村民小组|小组|组)(?:的|村民|居民|\d))")
_GROUP_BARE = re.compile(
    r"(?<![第一二三四五六七八九十每几两\d])[一二三四五六七八九十]{1,3}(?=组(?![织建装成合图数照]))"
)


def mask_doors(text: str) -> str:
    """Return `text` with the numbers of houses, doors, rooms and village groups hidden.

    Days (12月5号), lines (5号线) and documents (15号文件) stay, and a floor that stands alone.

    Examples
    --------
    >>> mask_doors("阳光小区3栋2单元1201室，原住青山路58号")
    '阳光小区某栋某单元某室，原住青山路某号'
    >>> mask_doors("12月5号，2号线停运，见15号文件，我住三楼")
    '12月5号，2号线停运，见15号文件，我住三楼'
    """
    for pattern in _PATTERNS:
        text = pattern.sub(_SOME, text)
    return text


_OF_HOUSES = (_DASHED, _AFTER_NAME, _HOUSE, _FLOOR, _ROOM, _ROAD, _LARGE)
_PATTERNS = (*_OF_HOUSES, _GROUP, _GROUP_ALONE, _GROUP_BARE)
