// What the pages need in the browser beyond NiceGUI: the grid's keys, its data, its language.
window.minyi = {
  apis: {},

  ready(params, name, url) {
    minyi.apis[name] = params.api;
    minyi.fit(params.api);
    window.addEventListener("resize", () => minyi.fit(params.api));
    minyi.load(name, url);
  },

  fit(api) {
    if (api.isDestroyed()) return;
    const width = window.innerWidth;
    api.setColumnsVisible(["row", "kind", "department"], width >= 760);
    api.setColumnsVisible(["place", "deadline"], width >= 1600);
    api.setColumnsVisible(["status"], width >= 500);
  },

  async load(name, url) {
    const api = minyi.apis[name];
    const answer = await fetch(url);
    if (!answer.ok) return;
    const rows = await answer.json();
    if (api.isDestroyed()) return;
    api.setGridOption("rowData", rows);
    minyi.counted(name);
    if (window.innerWidth >= 760) setTimeout(() => minyi.first(name), 60);
  },

  counted(name) {
    const api = minyi.apis[name];
    emitEvent("minyi_counted", api.getDisplayedRowCount());
  },

  show(name, node) {
    const api = minyi.apis[name];
    if (!node) return;
    node.setSelected(true, true);
    api.ensureNodeVisible(node);
  },

  first(name) {
    const api = minyi.apis[name];
    minyi.show(name, api.getDisplayedRowAtIndex(0));
  },

  neighbour(name, step) {
    const api = minyi.apis[name];
    const [node] = api.getSelectedNodes();
    if (!node || node.rowIndex === null) return api.getDisplayedRowAtIndex(0);
    return api.getDisplayedRowAtIndex(node.rowIndex + step);
  },

  step(name, step) {
    minyi.show(name, minyi.neighbour(name, step));
  },

  // Put in what changed; the next row is found before a filter takes this one away.
  update(name, rows, step) {
    const api = minyi.apis[name];
    const next = step ? minyi.neighbour(name, step) : null;
    api.applyTransaction({ update: rows });
    minyi.counted(name);
    if (next) minyi.show(name, next);
    else if (step) emitEvent("minyi_end", true);
  },

  only(name, status) {
    const api = minyi.apis[name];
    const model = status ? { filterType: "text", type: "equals", filter: status } : null;
    api.setColumnFilterModel("status", model).then(() => {
      api.onFilterChanged();
      minyi.counted(name);
      minyi.first(name);
    });
  },

  search(name, text) {
    minyi.apis[name].setGridOption("quickFilterText", text);
    minyi.counted(name);
  },

  bar(params) {
    if (params.value === null || params.value === undefined) return "—";
    const box = document.createElement("span");
    box.className = "score-cell";
    const bar = document.createElement("i");
    bar.style.setProperty("--share", Math.round(params.value * 100) + "%");
    box.append(bar, document.createTextNode(Math.min(Math.round(params.value * 100), 99) + "%"));
    return box;
  },

  status(params) {
    const box = document.createElement("span");
    box.className = "status status-" + { 待看: "open", 已改: "changed", 已核对: "done" }[params.value];
    box.textContent = params.value;
    return box;
  },

  // On a phone the answer stands below what was pasted.
  reveal(id) {
    if (window.innerWidth < 760) getHtmlElement(id).scrollIntoView({ behavior: "smooth", block: "start" });
  },

  picture(id, name) {
    const link = document.createElement("a");
    link.href = getElement(id).chart.getDataURL({ pixelRatio: 2, backgroundColor: "#fff" });
    link.download = name + ".png";
    link.click();
  },

  remember(name, value) {
    const year = 365 * 24 * 3600;
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${year}; samesite=strict`;
  },
};

// A button clicked by mouse keeps no focus, so that keys go to the page again.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && event.detail > 0) button.blur();
});

minyi.words = {
  noRowsToShow: "没有符合条件的意见",
  loadingOoo: "正在载入…",
  contains: "包含", notContains: "不包含", equals: "等于", notEqual: "不等于",
  startsWith: "开头是", endsWith: "结尾是", blank: "为空", notBlank: "不为空",
  lessThan: "小于", greaterThan: "大于", lessThanOrEqual: "不大于", greaterThanOrEqual: "不小于",
  inRange: "介于", inRangeStart: "从", inRangeEnd: "到", before: "早于", after: "晚于",
  filterOoo: "筛选…", applyFilter: "应用", resetFilter: "重置", clearFilter: "清除",
  cancelFilter: "取消", andCondition: "并且", orCondition: "或者", empty: "请选择",
  textFilter: "文字筛选", numberFilter: "数值筛选", dateFilter: "日期筛选",
  sortAscending: "升序", sortDescending: "降序", sortUnSort: "不排序", columns: "列", filters: "筛选",
  page: "第", to: "至", of: "共", nextPage: "下一页", previousPage: "上一页",
  ariaFilterValue: "筛选值", ariaFilteringOperator: "筛选方式", ariaFilterMenuOpen: "打开筛选",
  ariaFilterFromValue: "从", ariaFilterToValue: "到", ariaRowSelect: "按空格选中这一行",
  ariaSortableColumn: "按回车排序", ariaMenuColumn: "按 Alt 加下箭头打开菜单",
  ariaFilterColumn: "按 Ctrl 加回车筛选", ariaColumnFiltered: "已筛选", ariaLabelColumnFilter: "筛选",
  ariaDropZoneColumnComponentDescription: "", ariaSearch: "搜索", ariaUnchecked: "未选", ariaChecked: "已选",
};
