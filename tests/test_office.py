"""The office profile: own over default, and what is wrong with file, key, found and fix."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from minyi.domain.office import Office, load_office
from minyi.domain.taxonomy import load_taxonomy
from minyi.errors import ProfileError


def profile(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "本县.toml"
    path.write_text(text, "utf-8")
    return path


def office(tmp_path: Path, text: str) -> Office:
    return load_office(profile(tmp_path, text))


def test_the_default_profile_is_valid_and_covers_every_kind() -> None:
    default = load_office()
    assert default.name == "示例县"
    assert set(default.deadlines) == {"咨询", "求助", "投诉", "举报", "建议", "表扬", "紧急"}
    assert set(default.thresholds) == {"category", "kind", "department", "level", "urgent"}
    assert len(default.departments) == 52
    assert default.fold == {}
    assert default.rules == ()


def test_an_empty_profile_is_the_default(tmp_path: Path) -> None:
    assert office(tmp_path, "") == load_office()


def test_an_own_profile_is_laid_over_the_default(tmp_path: Path) -> None:
    default = load_office()
    own = office(
        tmp_path,
        """
        words = ["雁归计划"]
        [office]
        name = "临江县"
        [thresholds]
        category = 0.9
        precision = 0.9
        [deadlines]
        "投诉" = 7
        [departments]
        "住建" = "住房城乡建设和交通局"
        "数据局" = "数据局"
        [routes]
        010211 = ["数据局"]
        [[towns]]
        name = "石桥镇"
        aliases = ["石桥"]
        villages = ["大塘村"]
        """,
    )
    assert own.name == "临江县"
    assert own.words == ("雁归计划",)
    assert own.thresholds == {**default.thresholds, "category": 0.9}
    assert (default.precision, own.precision) == (0.95, 0.9)
    assert own.deadlines == {**default.deadlines, "投诉": 7}
    assert own.departments["住建"].name == "住房城乡建设和交通局"
    assert own.departments["住建"].remit == default.departments["住建"].remit
    assert own.route("010211") == ("数据局",)
    assert own.route("010205") == default.route("010205")
    assert own.towns[0].villages == ("大塘村",)


def test_reads_a_profile_that_notepad_saved_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "本县.toml"
    path.write_text('[office]\nname = "临江县"', "utf-8-sig")
    assert load_office(path).name == "临江县"


def test_loading_one_profile_does_not_change_the_next(tmp_path: Path) -> None:
    office(tmp_path, '[departments]\n"住建" = "建设局"\n[fold]\n"团委" = "妇联"')
    assert load_office().departments["住建"].name == "住房和城乡建设局"
    assert load_office().fold == {}


def test_rules_keep_their_order_and_all_they_say(tmp_path: Path) -> None:
    own = office(
        tmp_path,
        """
        [[rules]]
        name = "夜间噪音"
        category = ["040203"]
        kind = ["投诉"]
        place = ["石桥镇"]
        words = ["凌晨"]
        urgent = false
        department = "公安"
        support = ["生态环境"]
        workdays = 3
        [[rules]]
        workdays = 2
        """,
    )
    first, second = own.rules
    assert (first.name, first.category, first.kind) == ("夜间噪音", ("040203",), ("投诉",))
    assert (first.place, first.words, first.urgent) == (("石桥镇",), ("凌晨",), False)
    assert (first.department, first.support, first.workdays) == ("公安", ("生态环境",), 3)
    assert second.name == "规则2"
    assert (second.department, second.urgent, second.workdays) == ("", None, 2)


def test_own_rules_precede_those_of_the_default() -> None:
    from minyi.domain.office import _merge

    merged = _merge({"rules": [{"name": "默认"}]}, {"rules": [{"name": "本县"}]})
    assert [rule["name"] for rule in merged["rules"]] == ["本县", "默认"]


def test_a_category_without_a_route_follows_its_parent() -> None:
    default = load_office()
    assert "010213" not in default.routes
    assert default.route("010213") == default.route("0102") == ("城管", "住建")
    assert default.route("") == ()


def test_a_default_office_uses_every_category() -> None:
    default = load_office()
    assert default.categories == ()
    assert all(map(default.uses, load_taxonomy()))


def test_an_empty_categories_section_leaves_all_in_use(tmp_path: Path) -> None:
    assert office(tmp_path, "[categories]").categories == ()


def test_used_categories_may_be_codes_paths_or_names_and_count_once(tmp_path: Path) -> None:
    own = office(
        tmp_path,
        """
        [categories]
        use = ["0402", "城乡建设", "教育文体 > 教师队伍和待遇", "生态环境/环境污染", "噪音污染"]
        """,
    )
    assert own.categories == ("0402", "01", "0601", "040203")


def test_a_used_category_brings_those_above_and_below_it(tmp_path: Path) -> None:
    own = office(tmp_path, '[categories]\nuse = ["01", "0402", "060104"]')
    assert all(map(own.uses, ("01", "0102", "010211", "04", "0402", "040203")))
    assert all(map(own.uses, ("06", "0601", "060104")))
    assert not any(map(own.uses, ("02", "0401", "040101", "060101", "0602", "10")))


def test_folded_departments_are_replaced_in_every_route(tmp_path: Path) -> None:
    own = office(tmp_path, '[fold]\n"公交公司" = "城管"\n"城管" = "住建"\n"交通运输" = "住建"')
    assert own.folded("公交公司") == "住建"
    assert own.folded("水利") == "水利"
    assert own.route("010205") == ("住建",)
    for code in load_taxonomy():
        assert not {"公交公司", "城管", "交通运输"} & set(own.route(code))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[ofice]\nname = '甲'", "ofice：应为其中之一：categories、deadlines、departments"),
        ("office = '甲'", "office：应为[office] 一节，实际是 '甲'"),
        ("[office]\nname = 3", "office.name：应为单位名称（文字），实际是 3"),
        ("[office]\nnaem = '甲'", "office naem：应为其中之一：name，实际是 naem"),
        ("[categories]\nused = ['01']", "categories used：应为其中之一：use，实际是 used"),
        ("categories = ['01']", "categories：应为[categories] 一节，实际是 ['01']"),
        ("[categories]\nuse = '01'", "categories.use：应为文字的列表"),
        ("[categories]\nuse = [10]", "categories.use：应为文字的列表"),
        (
            "[categories]\nuse = []",
            'categories.use：应为至少一个类别，如 ["01", "0402"]（不写 use 就是全部），实际是 空',
        ),
        (
            "[categories]\nuse = ['01', '402']",
            "categories.use：应为taxonomy.csv 里类别的代码、全路径或唯一的名称，实际是 402。"
            "最接近的是 0402（生态环境/环境污染）。",
        ),
        (
            "[categories]\nuse = ['噪声污染']",
            "实际是 噪声污染。最接近的是 040203（生态环境/环境污染/噪音污染）。",
        ),
        ("[categories]\nuse = ['天外来客']", "唯一的名称，实际是 天外来客。"),
        ("[thresholds]\nprecision = 0.96", "thresholds.precision：应为其中之一：0.8、0.9、0.95"),
        ("[thresholds]\nprecision = '高'", "实际是 '高'"),
        ("[thresholds]\nprecision = [0.9]", "thresholds.precision：应为其中之一"),
        ("[thresholds]\nkinds = 0.5", "thresholds kinds：应为其中之一"),
        ("[thresholds]\nkind = 1.5", 'thresholds.kind：应为0 到 1 之间的数或 "auto"，实际是 1.5'),
        ("[thresholds]\nkind = -0.1", "实际是 -0.1"),
        ("[thresholds]\nkind = true", "实际是 True"),
        ("[thresholds]\nkind = nan", "实际是 nan"),
        ("[thresholds]\nkind = '0.5'", "实际是 '0.5'"),
        ("[deadlines]\n'询问' = 5", "deadlines 询问：应为其中之一"),
        ("[deadlines]\n'咨询' = 5.5", "deadlines.咨询：应为0 到 366 的整数（工作日），实际是 5.5"),
        ("[deadlines]\n'咨询' = -1", "实际是 -1"),
        ("[deadlines]\n'咨询' = true", "实际是 True"),
        ("[departments]\n'住建' = 5", "departments.住建：应为部门名称（文字），实际是 5"),
        ("[departments]\n'住建' = ' '", "departments.住建：应为部门名称（文字），实际是 ' '"),
        ("[fold]\n'住健' = '住建'", "fold.住健：应为departments.csv 或 [departments] 里的部门代码"),
        (
            "[fold]\n'团委' = '镇政府'",
            "fold.团委：应为departments.csv 或 [departments] 里的部门代码",
        ),
        (
            "[fold]\n'团委' = ['妇联']",
            "fold.团委：应为departments.csv 或 [departments] 里的部门代码",
        ),
        ("[fold]\n'团委' = '妇联'\n'妇联' = ['团委']", "fold.妇联"),
        ("[fold]\n'团委' = '团委'", "fold.团委：应为不成环的并入关系，实际是 团委 最终并回自己"),
        ("[fold]\n'团委' = '妇联'\n'妇联' = '团委'", "应为不成环的并入关系"),
        (
            "[fold]\n'工会' = '团委'\n'团委' = '妇联'\n'妇联' = '团委'",
            "fold.工会：应为不成环的并入关系，实际是 团委 最终并回自己",
        ),
        ("[routes]\n019 = ['住建']", "routes.019：应为taxonomy.csv 里的类别代码"),
        ("[routes]\n01 = []", 'routes.01：应为至少一个部门，如 ["住建"]，实际是 空'),
        ("[routes]\n01 = '住建'", "routes.01：应为文字的列表"),
        ("[routes]\n01 = ['住健']", "routes.01：应为departments.csv"),
        ("[rules]\nname = '甲'", "rules：应为一个或多个 [[rules]] 小节（双方括号）"),
        ("rules = 5", "rules：应为一个或多个 [[rules]] 小节"),
        ("rules = ['甲']", "rules 第 1 条：应为一组键值，实际是 '甲'"),
        ("[[rules]]\nwordz = ['甲']", "rules 第 1 条 wordz：应为其中之一"),
        ("[[rules]]\n[[rules]]\nwords = '甲'", "rules 第 2 条 words：应为文字的列表"),
        ("[[rules]]\nwords = ['']", "各项不为空，实际是 ['']"),
        ("[[rules]]\ncategory = ['9']", "rules 第 1 条 category：应为taxonomy.csv 里的类别代码"),
        ("[[rules]]\nkind = ['询问']", "rules 第 1 条 kind 询问：应为其中之一：举报"),
        ("[[rules]]\ndepartment = '城官'", "rules 第 1 条 department：应为departments.csv"),
        ("[[rules]]\ndepartment = ['城管']", "rules 第 1 条 department：应为departments.csv"),
        ("[[rules]]\ndepartment = 0", "rules 第 1 条 department：应为departments.csv"),
        ("[[rules]]\nsupport = ['城官']", "rules 第 1 条 support：应为departments.csv"),
        ("[[rules]]\nurgent = '是'", "rules 第 1 条 urgent：应为true 或 false，实际是 '是'"),
        ("[[rules]]\nworkdays = 400", "rules 第 1 条 workdays：应为0 到 366 的整数"),
        ("[towns]\nname = '石桥镇'", "towns：应为一个或多个 [[towns]] 小节（双方括号）"),
        ("[[towns]]\naliases = ['石桥']", "towns 第 1 个 name：应为乡镇名称（文字），实际是 None"),
        ("[[towns]]\nname = ''", "towns 第 1 个 name：应为乡镇名称（文字），实际是 ''"),
        ("[[towns]]\nname = '石桥镇'\nvillage = ['甲']", "towns 第 1 个 village：应为其中之一"),
        ("[[towns]]\nname = '石桥镇'\nvillages = '甲村'", "towns 第 1 个 villages：应为文字的列表"),
        ("[[towns]]\nname = '石桥镇'\naliases = ['']", "towns 第 1 个 aliases：应为文字的列表"),
        ("words = '雁归计划'", "words：应为文字的列表"),
        ("words = [1]", "words：应为文字的列表"),
    ],
)
def test_refuses_what_is_wrong_with_file_key_found_and_fix(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(ProfileError, match=re.escape(message)) as caught:
        office(tmp_path, text)
    assert str(caught.value).startswith("本县.toml 的 ")


def test_a_missing_profile_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match=r"找不到单位配置文件：.*没有\.toml。请检查路径"):
        load_office(tmp_path / "没有.toml")


def test_a_folder_is_not_a_profile(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="无法读取单位配置文件"):
        load_office(tmp_path)


def test_a_profile_in_gbk_is_refused_with_the_fix(tmp_path: Path) -> None:
    path = tmp_path / "本县.toml"
    path.write_bytes('[office]\nname = "临江县"'.encode("gb18030"))
    with pytest.raises(ProfileError, match=r"本县\.toml 不是 UTF-8 编码：请用记事本另存为 UTF-8"):
        load_office(path)


@pytest.mark.parametrize("text", ["[office\n", "[deadlines]\n咨询 = 5", "[office]\nname = “甲”"])
def test_a_profile_that_is_no_toml_is_refused_with_the_fix(tmp_path: Path, text: str) -> None:
    with pytest.raises(
        ProfileError, match=r"本县\.toml 不符合 TOML 格式：.*中文的键要加英文双引号"
    ):
        office(tmp_path, text)
