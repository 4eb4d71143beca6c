// What makes the console quicker. Every page works without it.
"use strict";

// A chart is drawn from the table beside it, which stays for whoever sees no picture.
// <table data-chart="lines|bars"> with months in the first column and numbers in the others.
function drawCharts(root) {
  if (!window.uPlot) return;
  root.querySelectorAll("table[data-chart]").forEach(function (table) {
    if (table.dataset.drawn) return;
    const heads = Array.from(table.tHead.rows[0].cells).map(c => c.textContent.trim());
    const rows = Array.from(table.tBodies[0].rows);
    if (rows.length < 2) return;
    table.dataset.drawn = "1";
    const labels = rows.map(r => r.cells[0].textContent.trim());
    const number = c => { const t = c.dataset.value || c.textContent.replace(/[,\s%]/g, ""); return t === "" || isNaN(t) ? null : Number(t); };
    const data = [labels.map((_, i) => i)];
    const series = [{ label: heads[0], value: (u, i) => i == null ? "" : labels[i] }];
    const strokes = ["#1c5d8f", "#9c2b23", "#b97700", "#1e6b3c", "#5b4b8a", "#55616f"];
    const dashes = [[], [8, 4], [2, 3], [10, 3, 2, 3], [4, 4], [1, 4]];
    for (let c = 1; c < heads.length; c++) {
      data.push(rows.map(r => number(r.cells[c])));
      series.push({ label: heads[c], stroke: strokes[(c - 1) % 6], dash: dashes[(c - 1) % 6], width: 2, points: { show: rows.length < 40 } });
    }
    const box = document.createElement("div");
    box.className = "chart";
    box.setAttribute("role", "img");
    box.setAttribute("aria-label", table.caption ? table.caption.textContent : heads.join(", "));
    (table.closest(".scroll") || table).before(box);
    const font = "13px " + getComputedStyle(document.body).fontFamily;
    const plot = new uPlot({
      width: box.clientWidth - 20, height: 240, series: series, scales: { x: { time: false } },
      axes: [{ font: font, values: (u, at) => at.map(i => Number.isInteger(i) ? labels[i] || "" : "") }, { font: font, size: 60 }],
    }, data, box);
    addEventListener("resize", () => plot.setSize({ width: box.clientWidth - 20, height: 240 }));
  });
}

// A button that prints stands in a page only where there is a script to obey it.
function showPrinting(root) {
  root.querySelectorAll("[data-print]").forEach(function (b) {
    b.hidden = false;
    b.addEventListener("click", () => print());
  });
}

// A form that was refused begins at what was wrong with it.
function goToFault() {
  const fault = document.querySelector("[aria-invalid=true]") || document.querySelector(".notice.bad");
  if (!fault) return;
  if (!fault.matches("input, select, textarea")) fault.setAttribute("tabindex", "-1");
  fault.focus();
}

// "/" goes to the first field to search with.
function shortcuts() {
  addEventListener("keydown", function (e) {
    if (e.key !== "/" || e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input, select, textarea")) return;
    const field = document.querySelector("[data-search]");
    if (field) { e.preventDefault(); field.focus(); }
  });
}

// A form is sent once, however often its button is pressed.
function sendOnce() {
  addEventListener("submit", function (e) {
    if (e.target.dataset.sent) { e.preventDefault(); return; }
    e.target.dataset.sent = "1";
    setTimeout(() => delete e.target.dataset.sent, 8000);
  });
}

// What a browser has kept of a page is not shown again: whoever goes back after signing out
// is asked to sign in.
addEventListener("pageshow", e => { if (e.persisted) location.reload(); });

addEventListener("DOMContentLoaded", function () {
  drawCharts(document);
  showPrinting(document);
  goToFault();
  shortcuts();
  sendOnce();
  document.body.addEventListener("htmx:afterSettle", e => { drawCharts(e.target); showPrinting(e.target); });
});
