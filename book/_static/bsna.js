/* What a page gains by script: choice of light or dark, a list of its parts that stands open where there is room, tables that
   can be sorted and filtered. Without script every page can be read in full. */
(function () {
  "use strict";

  function setTheme() {
    var button = document.querySelector(".bsna-theme");
    if (!button || !window.bsnaTheme) { return; }
    var order = ["auto", "light", "dark"];
    function label() { button.textContent = button.dataset[window.bsnaTheme.chosen()]; }
    button.hidden = false;
    button.addEventListener("click", function () {
      var now = order.indexOf(window.bsnaTheme.chosen());
      window.bsnaTheme.choose(order[(now + 1) % order.length]);
      label();
    });
    label();
  }

  function openParts() {
    var here = document.querySelector(".bsna-here");
    if (here && window.matchMedia("(min-width: 1200px)").matches) { here.open = true; }
  }

  /* A link to a part that is folded opens it. */
  function unfold() {
    var id = decodeURIComponent(location.hash.slice(1));
    var target = id && document.getElementById(id);
    for (var up = target; up; up = up.parentElement) {
      if (up.tagName === "DETAILS") { up.open = true; }
    }
    if (target && target.closest("details")) { target.scrollIntoView(); }
  }

  /* The sign between whole numbers and the rest, in the language of the page. */
  var DECIMAL = (1.5).toLocaleString(document.documentElement.lang).charAt(1);

  function valueOf(cell) {
    var text = cell.textContent.trim().replace(/\u2212/g, "-").replace(/[\u00a0\u202f]/g, "");
    var found = text.match(/^[<>]?\s*([+-]?\d[\d.,]*)/);
    if (!found) { return text.toLowerCase(); }
    var kept = DECIMAL === "," ? found[1].replace(/\./g, "").replace(",", ".") : found[1].replace(/,/g, "");
    return parseFloat(kept);
  }

  function compare(one, other) {
    if (typeof one === "number" && typeof other === "number") { return one - other; }
    if (typeof one === "number") { return -1; }
    if (typeof other === "number") { return 1; }
    return one.localeCompare(other, document.documentElement.lang);
  }

  function sortBy(table, column, button) {
    var heads = table.querySelectorAll("thead th");
    var down = heads[column].getAttribute("aria-sort") === "ascending";
    heads.forEach(function (head) { head.removeAttribute("aria-sort"); });
    heads[column].setAttribute("aria-sort", down ? "descending" : "ascending");
    Array.prototype.forEach.call(table.tBodies, function (body) {
      var rows = Array.prototype.filter.call(body.rows, function (row) { return !row.classList.contains("bsna-block"); });
      rows.sort(function (one, other) {
        var order = compare(valueOf(one.cells[column]), valueOf(other.cells[column]));
        return down ? -order : order;
      });
      rows.forEach(function (row) { body.appendChild(row); });
    });
    button.focus();
  }

  function sortable(table) {
    var heads = table.querySelectorAll("thead th");
    heads.forEach(function (head, column) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = "bsna-sort";
      button.textContent = head.textContent;
      head.textContent = "";
      head.appendChild(button);
      button.addEventListener("click", function () { sortBy(table, column, button); });
    });
  }

  function filterable(table, label) {
    var box = document.createElement("label");
    var input = document.createElement("input");
    box.className = "bsna-filter";
    box.textContent = label + " ";
    input.type = "search";
    box.appendChild(input);
    table.parentNode.insertBefore(box, table);
    input.addEventListener("input", function () {
      var sought = input.value.trim().toLowerCase();
      Array.prototype.forEach.call(table.tBodies, function (body) {
        var block = body.querySelector(".bsna-block");
        var whole = block && block.textContent.toLowerCase().indexOf(sought) >= 0;
        var left = 0;
        Array.prototype.forEach.call(body.rows, function (row) {
          if (row === block) { return; }
          row.hidden = !whole && row.textContent.toLowerCase().indexOf(sought) < 0;
          left += row.hidden ? 0 : 1;
        });
        if (block) { block.hidden = left === 0; }
      });
    });
  }

  function tables() {
    var label = document.body.dataset.filter;
    document.querySelectorAll(".bsna-front, .bsna-formula").forEach(reachable);
    document.querySelectorAll(".bsna-table table").forEach(function (table) {
      var rows = table.querySelectorAll("tbody tr").length;
      if (rows > 2 && table.tHead) { sortable(table); }
      if (rows > 12) { filterable(table, label); }
      reachable(table.closest(".bsna-table"));
    });
  }

  /* What is wider than the page can be moved by keyboard too. */
  function reachable(frame) {
    function check() {
      if (frame.scrollWidth > frame.clientWidth) { frame.tabIndex = 0; } else { frame.removeAttribute("tabindex"); }
    }
    check();
    window.addEventListener("resize", check);
    if (window.ResizeObserver) { new ResizeObserver(check).observe(frame); }
  }

  /* Sphinx puts the words sought into its own field. */
  function searched() {
    var field = document.querySelector(".bsna-search-page input[name=q]");
    if (field) { field.value = new URLSearchParams(location.search).get("q") || ""; }
  }

  setTheme();
  openParts();
  tables();
  unfold();
  searched();
  window.addEventListener("hashchange", unfold);
})();
