// Sorting and filtering of tables. Pages are complete without it.
"use strict";

(() => {
  const valueOf = (cell) => {
    const text = (cell.dataset.value ?? cell.textContent).trim().replace("\u2212", "-");
    if (text === "" || text === "\u2013") return null;
    const number = cell.dataset.value !== undefined ? Number(text) : parseFloat(text);
    return Number.isNaN(number) ? text.toLowerCase() : number;
  };

  // Empty cells stay at the end in both directions.
  const compare = (a, b, sign) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === "number" && typeof b === "number") return sign * (a - b);
    return sign * String(a).localeCompare(String(b));
  };

  // The cell that stands under a column, where cells may span several.
  const cellAt = (row, column) => {
    let at = 0;
    for (const cell of row.cells) {
      at += cell.colSpan;
      if (column < at) return cell.colSpan > 1 ? null : cell;
    }
    return null;
  };

  const sortBy = (table, head, column) => {
    const ascending = head.getAttribute("aria-sort") !== "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", ascending ? "ascending" : "descending");
    for (const body of table.tBodies) {
      const rows = [...body.rows].filter((row) => !row.classList.contains("section"));
      const keyed = rows.map((row) => {
        const cell = cellAt(row, column);
        return { row, key: cell ? valueOf(cell) : null };
      });
      keyed.sort((a, b) => compare(a.key, b.key, ascending ? 1 : -1));
      for (const { row } of keyed) body.append(row);
    }
  };

  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      if (head.dataset.sort === "no") return;
      const button = document.createElement("button");
      button.type = "button";
      const link = head.querySelector("a");
      if (link) {
        button.setAttribute("aria-label", "Sort by " + head.textContent.trim());
        head.append(" ", button);
      } else {
        button.append(...head.childNodes);
        head.append(button);
      }
      button.addEventListener("click", () => sortBy(table, head, column));
    });
  }

  for (const table of document.querySelectorAll("table.filterable")) {
    const box = document.createElement("div");
    box.className = "filter";
    const label = document.createElement("label");
    label.textContent = "Filter ";
    const input = document.createElement("input");
    input.type = "search";
    input.placeholder = "name, role, status";
    const count = document.createElement("span");
    count.className = "note";
    count.setAttribute("role", "status");
    label.append(input);
    box.append(label, count);
    (table.closest(".scroll") ?? table).before(box);
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      let all = 0;
      for (const body of table.tBodies) {
        for (const row of body.rows) {
          if (row.classList.contains("section")) continue;
          const text = row.textContent.toLowerCase();
          row.hidden = !words.every((word) => text.includes(word));
          shown += !row.hidden;
          all += 1;
        }
      }
      count.textContent = words.length ? `${shown} of ${all} rows` : "";
    });
  }
})();
