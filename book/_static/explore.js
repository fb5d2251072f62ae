// A reader chooses surveys, a question and a breakdown; the released estimates are shown as a table and as dots with intervals.
// Nothing is computed from them. Words and formats stand on the page, data are scripts loaded when a survey is chosen, and the
// choice is kept in the address.
(() => {
  "use strict";
  const home = document.getElementById("explore");
  if (!home) return;
  const said = JSON.parse(home.dataset.words);
  const surveys = JSON.parse(home.dataset.surveys);
  const SVG = "http://www.w3.org/2000/svg";
  const state = { surveys: [], of: "", measure: "", by: "", only: "" };
  const failed = new Set();
  const parts = {};
  let rows = [];

  /* Words and numbers as on every page */

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (gap, name) => (name in values ? values[name] : gap));
  const grouped = (digits) => digits.replace(/\B(?=(\d{3})+$)/g, said.thousands);

  // Halves go to the even neighbour, as everywhere in the book.
  function rounded(millionths, unit) {
    const whole = Math.floor(millionths / unit);
    const twice = 2 * (millionths - whole * unit);
    return twice > unit || (twice === unit && whole % 2 !== 0) ? whole + 1 : whole;
  }

  function decimal(millionths) {
    const tenths = rounded(Math.abs(millionths), 1e5);
    const text = `${grouped(String(Math.floor(tenths / 10)))}${said.decimal}${tenths % 10}`;
    return millionths < 0 ? `\u2212${text}` : text;
  }

  const percent = (millionths) => String(rounded(millionths, 1e4));
  const value = (row) => (row.unit === "share" ? fill(said.percent, { n: percent(row.estimate) }) : decimal(row.estimate));
  const span = (row) =>
    row.unit === "share"
      ? fill(said.span, { low: percent(row.low), high: percent(row.high) })
      : `${decimal(row.low)}–${decimal(row.high)}`;
  const whole = (row) => (row.status === "withheld" ? said.withheld : `${value(row)} (${span(row)})`);

  /* Data */

  const data = (id) => (window.bsnaExplore || {})[id];
  const nameOf = (id) => surveys.find((survey) => survey.id === id).name;
  const sourceOf = (id) => surveys.find((survey) => survey.id === id).source;

  function load(id) {
    if (data(id) || failed.has(id) || document.querySelector(`script[data-survey="${id}"]`)) return;
    const script = document.createElement("script");
    script.src = surveys.find((survey) => survey.id === id).file;
    script.dataset.survey = id;
    script.addEventListener("load", refresh);
    script.addEventListener("error", () => { failed.add(id); refresh(); });
    document.head.append(script);
  }

  const text = (found, place) => found.texts[place][said.language];

  // Every cell of a survey with its words, made once.
  function cellsOf(id) {
    const found = data(id);
    if (!found) return [];
    found.cells_read ??= found.cells.map(([measure, group, level, category, label, chapter, status, estimate, low, high, n]) => {
      const [code, population, measureLabel, unit, mark] = found.measures[measure];
      const [by, byLabel] = found.groups[group];
      const [of, ofLabel] = found.populations[population];
      const anchor = [of, code, by && by !== "=answers" ? `${by}=${level}` : "", category].filter(Boolean);
      return {
        survey: id, of, ofLabel: text(found, ofLabel), measure: code, measureLabel: text(found, measureLabel), unit, mark,
        by, byLabel: text(found, byLabel), level, category, label: text(found, label), status, estimate, low, high, n,
        key: [id, chapter, ...anchor].join("/"), href: `${id}/cards/${chapter}.html#${anchor.join(".")}`,
        source: found.source[said.language],
      };
    });
    return found.cells_read;
  }

  const choices = (cells, name) => {
    const found = new Map();
    for (const cell of cells) if (!found.has(cell[name])) found.set(cell[name], cell[`${name}Label`]);
    return [...found];
  };

  /* Pieces of a page */

  function made(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, given] of Object.entries(attributes)) element.setAttribute(name, given);
    element.append(...children);
    return element;
  }

  function drawn(tag, attributes, ...children) {
    const element = document.createElementNS(SVG, tag);
    for (const [name, given] of Object.entries(attributes)) element.setAttribute(name, given);
    element.append(...children);
    return element;
  }

  function chooser(name, label) {
    const select = made("select", { id: `explore-${name}` });
    select.addEventListener("change", () => choose(name, select.value));
    parts[name] = select;
    return made("p", {}, made("label", { for: select.id }, label), select);
  }

  function boxes(source) {
    const group = made("fieldset", {}, made("legend", {}, said[source]));
    for (const survey of surveys.filter((one) => one.source === source)) {
      const box = made("input", { type: "checkbox", value: survey.id });
      box.addEventListener("change", () => chooseSurvey(survey, box.checked));
      group.append(made("label", {}, box, ` ${survey.name}`));
    }
    return group;
  }

  function build() {
    const search = made("input", { type: "search", id: "explore-search", autocomplete: "off" });
    search.addEventListener("input", () => { offerMeasures(); show(); });
    parts.search = search;
    parts.found = made("span", { role: "status" });
    parts.result = made("div", { id: "explore-result" });
    parts.status = made("p", { role: "status", class: "bsna-explore-status" });
    const kinds = [...new Set(surveys.map((survey) => survey.source))];
    const form = made(
      "form", { class: "bsna-explore" },
      made("div", { class: "bsna-explore-surveys" }, ...kinds.map(boxes)),
      chooser("of", said.of),
      made("p", {}, made("label", { for: search.id }, said.search), search, parts.found),
      chooser("measure", said.measure), chooser("by", said.by), chooser("only", said.only),
    );
    form.addEventListener("submit", (event) => event.preventDefault());
    home.append(form, parts.status, parts.result);
    home.hidden = false;
    document.getElementById("explore-plain").hidden = true;
  }

  /* What is chosen */

  function choose(name, chosen) {
    state[name] = chosen;
    refresh(true);
  }

  // Simulated and real surveys are never chosen together: choosing one kind leaves the other.
  function chooseSurvey(survey, isChosen) {
    const kept = state.surveys.filter((id) => sourceOf(id) === survey.source && id !== survey.id);
    const order = (id) => surveys.findIndex((one) => one.id === id);
    state.surveys = (isChosen ? [...kept, survey.id] : kept).sort((one, other) => order(one) - order(other));
    refresh(true);
  }

  function readAddress() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const wanted = (asked.get("surveys") || "").split(",");
    const known = surveys.filter((survey) => wanted.includes(survey.id));
    const chosen = known.length ? known.filter((survey) => survey.source === known[0].source) : surveys.slice(0, 1);
    state.surveys = chosen.map((survey) => survey.id);
    for (const name of ["of", "measure", "by", "only"]) state[name] = asked.get(name) || "";
  }

  function writeAddress() {
    const asked = new URLSearchParams({ surveys: state.surveys.join(",") });
    for (const name of ["of", "measure", "by", "only"]) if (state[name]) asked.set(name, state[name]);
    history.replaceState(null, "", `#${asked}`);
    for (const link of document.querySelectorAll(".bsna-languages a")) link.hash = location.hash;
  }

  function offer(name, options) {
    const select = parts[name];
    select.replaceChildren(...options.map(([code, label]) => made("option", { value: code }, label)));
    if (!options.some(([code]) => code === state[name])) state[name] = options.length ? options[0][0] : "";
    select.value = state[name];
    select.disabled = options.length < 2;
  }

  const bare = (words) => words.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const chosenCells = () => state.surveys.flatMap(cellsOf);

  function offerMeasures() {
    const cells = chosenCells().filter((cell) => cell.of === state.of);
    const all = choices(cells, "measure");
    const sought = bare(parts.search.value.trim()).split(/\s+/);
    const found = all.filter(([, label]) => sought.every((word) => bare(label).includes(word)));
    parts.found.textContent = parts.search.value.trim()
      ? fill(said.found, { found: String(found.length), total: String(all.length) }) : "";
    offer("measure", found.length ? found : all);
    const own = cells.filter((cell) => cell.measure === state.measure);
    offer("by", choices(own, "by"));
    const lines = choices(own.filter((cell) => cell.by === state.by).map((cell) => ({ ...cell, line: lineOf(cell), lineLabel: cell.label })), "line");
    offer("only", lines.length > 1 ? [["", said.every], ...lines] : [["", said.every]]);
  }

  const lineOf = (cell) => [cell.level, cell.category].filter(Boolean).join(".");

  function refresh(isChosen) {
    state.surveys.forEach(load);
    for (const box of home.querySelectorAll("input[type=checkbox]")) box.checked = state.surveys.includes(box.value);
    const pending = state.surveys.filter((id) => !data(id) && !failed.has(id));
    if (state.surveys.length && !pending.length) {
      offer("of", choices(chosenCells(), "of"));
      offerMeasures();
    }
    if (isChosen === true) writeAddress();
    show(pending);
  }

  /* What is shown */

  // Surveys stand in one table only where the register lets each of them be set beside others on this question.
  function together(ids) {
    const [first, ...others] = ids.filter((id) => chosenRows(id).length);
    const mayStand = (id) => ["comparable", "with_caution"].includes(chosenRows(id)[0].mark);
    const beside = others.filter((id) => mayStand(first) && mayStand(id));
    return { shown: first ? [first, ...beside] : [], apart: others.filter((id) => !beside.includes(id)) };
  }

  const chosenRows = (id) =>
    cellsOf(id).filter((cell) => cell.of === state.of && cell.measure === state.measure && cell.by === state.by &&
      (!state.only || lineOf(cell) === state.only));

  function show(pending = []) {
    const notes = [];
    const tell = (key, values) => notes.push(made("p", {}, fill(said[key], values)));
    const list = (ids) => ids.map(nameOf).join(said.separator);
    if (!state.surveys.length) tell("none", {});
    if (pending.length) tell("loading", { survey: list(pending) });
    const gone = state.surveys.filter((id) => failed.has(id));
    if (gone.length) tell("failed", { survey: list(gone) });
    const { shown, apart } = together(state.surveys);
    const empty = state.surveys.filter((id) => data(id) && !chosenRows(id).length);
    if (empty.length && !pending.length) tell("no_cells", { survey: list(empty) });
    if (apart.length) { tell("apart", { survey: nameOf(shown[0]), surveys: list(apart) }); notes.at(-1).append(" ", reasons()); }
    if (shown.length > 1 && shown.some((id) => chosenRows(id)[0].mark === "with_caution")) {
      tell("caution", {});
      notes.at(-1).append(" ", reasons());
    }
    rows = shown.flatMap(chosenRows);
    parts.status.textContent = rows.length ? fill(said.shown, { found: String(rows.length) }) : "";
    const kept = document.activeElement && document.activeElement.id;
    parts.result.replaceChildren(...notes, ...(rows.length ? result(shown) : []));
    if (kept === "explore-download") document.getElementById(kept)?.focus();
  }

  const reasons = () => made("a", { href: "countries/13_countries.html" }, said.comparison);
  const isSimulated = (ids) => ids.some((id) => sourceOf(id) === "simulated");

  function caption(ids) {
    const { measureLabel, byLabel } = rows[0];
    const words = fill(said.caption, { measure: measureLabel, group: byLabel, surveys: ids.map(nameOf).join(said.separator) });
    return isSimulated(ids) ? `${said.mark} · ${words}` : words;
  }

  function result(ids) {
    const download = made("button", { type: "button", id: "explore-download" }, said.download);
    download.addEventListener("click", save);
    const banner = isSimulated(ids) ? [made("div", { class: "bsna-banner bsna-simulated" }, said.banner)] : [];
    parts.chart = made("figure", { class: "bsna-explore-chart" });
    parts.chart.append(chart(ids, width()), made("figcaption", {}, [...new Set(rows.map((row) => row.source))].join(said.separator)));
    return [...banner, parts.chart, made("div", { class: "bsna-explore-table" }, table(ids)), made("p", {}, download)];
  }

  function table(ids) {
    const several = ids.length > 1;
    const heads = [said.level, said.estimate, said.interval, said.people, said.status];
    const head = made("tr", {}, ...heads.map((words) => made("th", { scope: "col" }, words)));
    const bodies = ids.map((id) => {
      const body = made("tbody");
      if (several) body.append(made("tr", { class: "bsna-block" }, made("th", { scope: "rowgroup", colspan: "5" }, nameOf(id))));
      body.append(...rows.filter((row) => row.survey === id).map(line));
      return body;
    });
    return made("table", {}, made("caption", {}, caption(ids)), made("thead", {}, head), ...bodies);
  }

  function line(row) {
    const isShown = row.status !== "withheld";
    const number = isShown ? made("a", { href: row.href }, value(row)) : "–";
    const cells = [number, isShown ? span(row) : "–", isShown ? grouped(String(row.n)) : "–", row.status === "ok" ? "" : said[row.status]];
    return made("tr", {}, made("th", { scope: "row" }, row.label), ...cells.map((cell) => made("td", {}, cell)));
  }

  /* The figure: what it is of above each line, so that letters keep their size on a telephone */

  const width = () => Math.max(260, Math.min(640, home.clientWidth));

  function wrapped(words, letters) {
    const lines = [""];
    for (const word of words.split(" ")) {
      const longer = `${lines.at(-1)} ${word}`.trim();
      if (longer.length > letters && lines.at(-1)) lines.push(word); else lines[lines.length - 1] = longer;
    }
    return lines;
  }

  function chart(ids, wide) {
    const right = 118;
    const across = wide - right - 14;
    const shown = rows.filter((row) => row.status !== "withheld");
    const isShare = rows[0].unit === "share";
    const ends = [Math.min(...shown.map((row) => row.low)), Math.max(...shown.map((row) => row.high))];
    const [least, most] = isShare || !shown.length ? [0, 1e6] : [ends[0] - 1e5, ends[1] + 1e5];
    const at = (amount) => 8 + ((amount - least) / (most - least)) * across;
    const words = (x, y, kind, content, more = {}) => drawn("text", { x, y, class: kind, ...more }, content);
    const pieces = [];
    let y = 0;
    const title = wrapped(caption(ids), Math.floor(wide / 8.3));
    title.forEach((part) => pieces.push(words(8, (y += 19), "title", part)));
    y += 8;
    const top = y;
    for (const [place, id] of ids.entries()) {
      if (ids.length > 1) pieces.push(words(8, (y += 24), "head", nameOf(id)));
      for (const row of rows.filter((one) => one.survey === id)) {
        wrapped(row.label, Math.floor(wide / 7)).forEach((part) => pieces.push(words(8, (y += 18), "label", part)));
        pieces.push(mark(row, place, (y += 14), at, across, words));
        y += 9;
      }
    }
    const ticks = isShare ? [0, 250000, 500000, 750000, 1e6] : ends;
    const lines = shown.length ? ticks.flatMap((tick) => [
      drawn("line", { x1: at(tick), x2: at(tick), y1: top, y2: y + 4, class: "grid" }),
      words(at(tick), y + 18, "tick", isShare ? fill(said.percent, { n: percent(tick) }) : decimal(tick), { "text-anchor": tick === ticks[0] ? "start" : "middle" }),
    ]) : [];
    y += 26;
    const watermark = isSimulated(ids) ? [words(wide / 2, (top + y) / 2, "watermark", said.mark, { "text-anchor": "middle" })] : [];
    wrapped(said.interval_note, Math.floor(wide / 6.2)).forEach((part) => pieces.push(words(8, (y += 15), "tick", part)));
    const alt = `${caption(ids)}. ${fill(said.alt, { rows: rows.map((row) => fill(said.row, { name: several(ids, row), value: whole(row) })).join(said.separator) })}`;
    const size = { viewBox: `0 0 ${wide} ${y + 8}`, width: wide, height: y + 8, role: "img", "aria-label": alt };
    return drawn("svg", size, ...watermark, ...lines, ...pieces);
  }

  const several = (ids, row) => (ids.length > 1 ? `${nameOf(row.survey)}, ${row.label}` : row.label);

  function mark(row, place, y, at, across, words) {
    const group = drawn("g", { class: `mark survey-${place % 7} ${row.status}` });
    group.append(drawn("title", {}, `${row.label}: ${whole(row)}`));
    if (row.status === "withheld") {
      group.append(words(8, y + 4, "tick", said.withheld));
      return group;
    }
    group.append(
      drawn("rect", { x: 0, y: y - 12, width: across + 16, height: 24, class: "reach" }),
      drawn("line", { x1: at(row.low), x2: at(row.high), y1: y, y2: y }),
      drawn("circle", { cx: at(row.estimate), cy: y, r: 5 }),
      words(across + 22, y + 5, "number", whole(row)),
    );
    return group;
  }

  /* A file of what is shown: what a spreadsheet would take for a formula gets an apostrophe in front */

  function save() {
    const field = (content) => {
      const guarded = /^[=+\-@\t\r]/.test(content) ? `'${content}` : content;
      return /[",\n\r]/.test(guarded) ? `"${guarded.replace(/"/g, '""')}"` : guarded;
    };
    const number = (amount) => (amount === undefined ? "" : String(amount / 1e6));
    const head = ["key", "survey", "simulated", "population", "measure", "measure_label", "by", "by_label", "label", "unit", "status", "estimate", "low", "high", "n", "source"];
    const lines = rows.map((row) => [
      row.key, row.survey, String(sourceOf(row.survey) === "simulated"), row.of, row.measure, row.measureLabel, row.by.replace("=answers", ""),
      row.byLabel, row.label, row.unit, row.status,
    ].map(field).concat(number(row.estimate), number(row.low), number(row.high), row.n === undefined ? "" : String(row.n), field(row.source)));
    const content = [head, ...lines].map((cells) => cells.join(",")).join("\n") + "\n";
    const address = URL.createObjectURL(new Blob(["\ufeff", content], { type: "text/csv" }));
    const kind = isSimulated(state.surveys) ? "simulated_" : "";
    const link = made("a", { href: address, download: `${kind}${state.surveys.join("_")}_${state.measure}.csv` });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(address), 1000);
  }

  build();
  readAddress();
  refresh();
  window.addEventListener("hashchange", () => { readAddress(); refresh(); });
  let last = width();
  if (window.ResizeObserver) new ResizeObserver(() => { if (rows.length && width() !== last) { last = width(); show(); } }).observe(home);
})();
