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
    api.setColumnsVisible(["score"], width >= 500);
  },

  async load(name, url) {
    const api = minyi.apis[name];
    const answer = await fetch(url);
    if (!answer.ok) return;
    const rows = await answer.json();
    if (api.isDestroyed()) return;
    api.setGridOption("rowData", rows); // rows have ids: what is selected stays so
    setTimeout(() => minyi.settle(name), 60);
  },

  show(name, node) {
    const api = minyi.apis[name];
    if (!node) return;
    node.setSelected(true, true);
    api.ensureNodeVisible(node);
  },

  // Whatever is listed now: the row that is looked at must be one of the list.
  settle(name) {
    const api = minyi.apis[name];
    const [node] = api.getSelectedNodes();
    if (node && node.rowIndex !== null) return api.ensureNodeVisible(node);
    const first = window.innerWidth >= 760 ? api.getDisplayedRowAtIndex(0) : null;
    if (first) return minyi.show(name, first);
    api.deselectAll();
    emitEvent("minyi_none", api.getDisplayedRowCount());
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

  // Put in what changed. A row that stays in view stays in the list, whatever the filter says;
  // before going on, the next row is found before a filter takes this one away.
  update(name, rows, step) {
    const api = minyi.apis[name];
    if (!step) {
      for (const row of rows) api.getRowNode(String(row.id))?.updateData(row);
      return;
    }
    const next = minyi.neighbour(name, step);
    api.applyTransaction({ update: rows });
    if (next) return minyi.show(name, next);
    emitEvent("minyi_end", true);
    minyi.settle(name);
  },

  // Put in what was taken back, and go back to it where the filter lets it be seen.
  back(name, rows) {
    const api = minyi.apis[name];
    api.applyTransaction({ update: rows });
    const node = api.getRowNode(String(rows[0].id));
    if (node && node.rowIndex !== null) minyi.show(name, node);
    else minyi.settle(name);
  },

  wanted: {},

  only(name, wanted) {
    minyi.wanted[name] = wanted;
    minyi.apis[name].onFilterChanged();
  },

  passes(name, row) {
    const wanted = minyi.wanted[name];
    if (wanted === "紧急") return row.urgent;
    return !wanted || (wanted === "待看" ? row.open : row.status === wanted);
  },

  search(name, text) {
    minyi.apis[name].setGridOption("quickFilterText", text);
  },

  opinion(params) {
    const box = document.createElement("span");
    if (params.data.urgent) {
      const chip = document.createElement("b");
      chip.className = "urgent-chip";
      chip.title = "紧急";
      chip.textContent = "急";
      box.append(chip);
    }
    box.append(document.createTextNode(params.value ?? ""));
    return box;
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
    const isLeft = params.data.open && params.value !== "待看"; // corrected, but not all of it
    box.textContent = params.value + (isLeft ? "·待看" : "");
    return box;
  },

  // On a phone the answer stands below what was pasted.
  reveal(id) {
    if (window.innerWidth < 760) getHtmlElement(id).scrollIntoView({ behavior: "smooth", block: "start" });
  },

  // What a chart says of what is pointed at; names are other people's words, never HTML.
  tip(pointed) {
    const [one] = [pointed].flat();
    const box = document.createElement("div");
    box.className = "tip";
    box.textContent = one.data.told;
    return box;
  },

  // A chart as a picture that can stand alone: title, what was counted, the drawing.
  picture(id, title, told, file) {
    const drawn = getElement(id).chart;
    const image = new Image();
    image.onload = () => {
      const head = 128;
      const canvas = document.createElement("canvas");
      canvas.width = image.width;
      canvas.height = image.height + head;
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      const font = getComputedStyle(document.body).fontFamily;
      pen.fillStyle = "#1d2733";
      pen.font = `600 36px ${font}`;
      pen.fillText(title, 24, 56, canvas.width - 48);
      pen.fillStyle = "#66727f";
      pen.font = `26px ${font}`;
      pen.fillText(told, 24, 100, canvas.width - 48);
      pen.drawImage(image, 0, head);
      const link = document.createElement("a");
      link.href = canvas.toDataURL("image/png");
      link.download = file + ".png";
      link.click();
    };
    image.src = drawn.getDataURL({ pixelRatio: 2, backgroundColor: "#fff" });
  },

  remember(name, value) {
    const year = 365 * 24 * 3600;
    document.cookie = `${name}=${encodeURIComponent(value)}; path=/; max-age=${year}; samesite=strict`;
  },

  keep(values, told) {
    for (const [name, value] of Object.entries(values)) minyi.remember(name, value);
    sessionStorage.setItem("minyi_told", told);
    location.reload();
  },

  introduce(cookie, name) {
    minyi.remember(cookie, name);
    const shown = document.querySelector(".person .block");
    if (shown) shown.textContent = name;
  },

  // One at a time, over the bar on top and not over the list.
  toast(text, undo) {
    document.querySelector(".toast")?.remove();
    const box = document.createElement("div");
    box.className = "toast";
    box.setAttribute("role", "status");
    box.append(document.createTextNode(text));
    if (undo) {
      const button = document.createElement("button");
      button.textContent = "撤销";
      button.onclick = () => {
        box.remove();
        emitEvent("minyi_undo", true);
      };
      box.append(button);
    }
    document.body.append(box);
    setTimeout(() => box.remove(), undo ? 8000 : 2500);
  },

  // What was added last is shown.
  last(selector) {
    setTimeout(() => {
      const found = document.querySelectorAll(selector);
      const newest = found[found.length - 1];
      newest?.scrollIntoView({ block: "center" });
      newest?.classList.add("is-new");
    }, 200);
  },

  unsaved: false,
  LEAVING: "设置里有修改还没有保存，离开就会丢掉。确定离开吗？",
};

window.addEventListener("beforeunload", (event) => {
  if (minyi.unsaved) event.preventDefault();
});

// What is typed counts as unsaved at once, before the server has looked at it.
document.addEventListener("input", (event) => {
  if (event.target.closest(".settings-body") && !event.target.closest(".find")) minyi.unsaved = true;
}, true);

// Our own question where the way leads inside; the browser's would be in its own words.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!minyi.unsaved || !link || link.target === "_blank") return;
  if (confirm(minyi.LEAVING)) minyi.unsaved = false;
  else event.preventDefault();
}, true);

document.addEventListener("DOMContentLoaded", () => {
  const lost = document.querySelectorAll("#popup span");
  if (lost.length === 2) {
    lost[0].textContent = "与工作台的连接断了";
    lost[1].textContent = "工作台可能已关闭，请重新运行；开着的话会自动接上。";
  }
  const told = sessionStorage.getItem("minyi_told");
  sessionStorage.removeItem("minyi_told");
  if (told) minyi.toast(told);
});

// A button clicked by mouse keeps no focus, so that keys go to the page again.
document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (!button || event.detail === 0) return;
  setTimeout(() => button.contains(document.activeElement) && document.activeElement.blur());
});

// Nor does a row that was clicked. Arrows go from row to row; the list is not to scroll as well.
document.addEventListener("focusin", (event) => {
  if (event.target.matches(".ag-row")) event.target.blur();
});

document.addEventListener("keydown", (event) => {
  const isArrow = event.key === "ArrowDown" || event.key === "ArrowUp";
  if (isArrow && event.target === document.body && document.querySelector(".grid")) event.preventDefault();
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
